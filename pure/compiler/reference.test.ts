import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { languageReference, standardMacros } from "./reference.ts";
import { STANDARD_FILES } from "./stdlib/files.ts";

test("docs/reference.md is what the tables say (npm run docs)", () => {
  expect(readFileSync(new URL("../../docs/reference.md", import.meta.url), "utf8")).toBe(languageReference());
});

test("every macro of the standard library is there with what it is for", () => {
  const macros = standardMacros();
  const written = Object.values(STANDARD_FILES).flatMap((text) => [...text.matchAll(/^macro /gm)]);
  expect(macros.length).toBe(written.length);
  for (const { doc } of macros) expect(doc).toMatch(/^[A-Z].*\.$/);
});
