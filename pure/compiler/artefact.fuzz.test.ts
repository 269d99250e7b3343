import fc from "fast-check";
import { expect, test } from "vitest";
import { ArtefactError, decodeArtefact, encodeArtefact } from "./artefact.ts";
import { singleSource } from "./sources.ts";
import { compiled } from "./testing/index.ts";

const SEED = { seed: 20260717 };
const SOURCE = { name: "a", text: 'begin { @[1] = count(); printf("%d", 5); }' };
const GOOD = encodeArtefact({
  version: "1",
  sources: singleSource(SOURCE.name, SOURCE.text),
  facts: [],
  script: compiled(SOURCE.text),
});

/** A value or the typed error. */
function read(text: string): void {
  try {
    decodeArtefact(text);
  } catch (error) {
    expect(error).toBeInstanceOf(ArtefactError);
  }
}

test("any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), read), SEED);
});

test("any JSON", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("version", "sources", "facts", "script"), fc.jsonValue({ maxDepth: 3 })),
      (fields) => read(JSON.stringify({ format: "beetrace script 1", ...fields })),
    ),
    SEED,
  );
});

test("a compiled script with a piece cut out or changed", () => {
  const piece = fc.tuple(fc.nat(GOOD.length), fc.nat(40), fc.string());
  fc.assert(
    fc.property(piece, ([at, length, text]) => read(GOOD.slice(0, at) + text + GOOD.slice(at + length))),
    { ...SEED, numRuns: 200 },
  );
});
