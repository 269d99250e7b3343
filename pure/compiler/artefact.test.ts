import { expect, test } from "vitest";
import { type Artefact, ArtefactError, decodeArtefact, encodeArtefact } from "./artefact.ts";
import { Facts } from "./facts.ts";
import { askAgain } from "./recorded-target.ts";
import { singleSource } from "./sources.ts";
import { compiled, testTarget } from "./testing/index.ts";

const TEXT = `
begin { @l = lhist(5, 0, 10, 1); for ($i : 0..3) { @y[$i] = 1; } printf("%s %d\\n", getopt("s", "x"), getopt("n", -1)); }
tracepoint:sched:sched_switch { @[args.next_comm] = count(); @p = curtask.pid; }
tracepoint:syscalls:sys_enter_openat { print(str(args.filename)); }
`;

function artefactOf(text: string): Artefact {
  const facts = new Facts();
  const options = { sourceName: "a.bt", facts, paramsLater: true };
  return { version: "1.2.3", sources: singleSource("a.bt", text), script: compiled(text, options), facts: facts.all };
}

test("a compiled script comes back as it was", () => {
  const artefact = artefactOf(TEXT);
  const text = encodeArtefact(artefact);
  expect(text).not.toContain("\n");
  expect(decodeArtefact(text)).toEqual(plain(artefact));
});

/** Without the fields that are there and undefined, which JSON leaves out. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [[key, plain(each)]])),
  );
}

test("what it takes for granted of the machine is noted, and nothing else", () => {
  const questions = artefactOf(TEXT).facts.map(({ question, args }) => [question, ...args].join(" "));
  expect(questions).toContain("arch");
  expect(questions).toContain("tracepoint sched sched_switch");
  expect(questions).toContain("field struct task_struct pid");
  expect(questions).not.toContain("field struct task_struct comm");
  expect(artefactOf("begin { print(1); }").facts).toEqual([{ question: "arch", args: [], answer: "x86_64" }]);
});

test("the same machine answers the same, another one does not", () => {
  const { facts } = artefactOf(TEXT);
  const machine = testTarget();
  expect(askAgain(facts, machine)).toEqual(facts.map(({ answer }) => answer));
  const other = { ...machine, btf: undefined, catalog: { ...machine.catalog, tracepointFormat: () => undefined } };
  const changed = facts.filter((fact, index) => askAgain(facts, other)[index] !== fact.answer);
  expect(changed.map(({ question }) => question)).toEqual(expect.arrayContaining(["tracepoint", "field"]));
  expect(changed.map(({ question }) => question)).not.toContain("arch");
});

test("features, addresses and places of the machine are noted too", () => {
  const facts = new Facts();
  compiled('begin { print(ncpus); print(kaddr("jiffies")); }', {
    facts,
    target: { possibleCpus: 3, catalog: { ...testTarget().catalog, kernelAddress: () => 0x10n } },
  });
  expect(facts.all).toEqual([
    { question: "arch", args: [], answer: "x86_64" },
    { question: "cpus", args: [], answer: "3" },
    { question: "kernel address", args: ["jiffies"], answer: "16" },
  ]);
});

test("a file of another kind is refused", () => {
  for (const text of [
    "",
    "{}",
    "[]",
    "null",
    '{"format":"beetrace script 1"}',
    encodeArtefact(artefactOf(TEXT)).slice(0, 400),
  ]) {
    expect(() => decodeArtefact(text)).toThrow(ArtefactError);
  }
  const cut = encodeArtefact(artefactOf("begin { @[1] = 1; }")).replace(
    /("code":\{"\$bytes":")\w+/,
    "$11801000000000000",
  );
  expect(() => decodeArtefact(cut)).toThrow(/a program of the compiled script is damaged/);
});
