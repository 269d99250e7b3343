import { expect, test } from "vitest";
import { compileScript } from "../compile.ts";
import { compiled, irOf, testTarget } from "../testing/index.ts";

const READS = "tracepoint:syscalls:sys_enter_read { @r = count(); }";
const OPENS = "tracepoint:syscalls:sys_enter_openat { @o = count(); }";
const RETURNS = "tracepoint:syscalls:sys_exit_read { @e = count(); }";

/** The probes of each program. */
const probesOf = (source: string) =>
  compiled(source).programs.map(({ attachments }) => attachments.map(({ name }) => name.replace(/^.*:/, "")));

test("system calls share a program, those that begin and those that end", () => {
  expect(probesOf(`${READS} begin { @ = 1; } ${RETURNS} ${OPENS} ${READS}`)).toEqual([
    ["sys_enter_read", "sys_enter_openat", "sys_enter_read"],
    ["begin"],
    ["sys_exit_read"],
  ]);
  expect(compiled(`${READS} ${OPENS} ${RETURNS}`).programs.map(({ oneLink }) => oneLink)).toEqual([true, true]);
});

test("they run in their order, each as a function of its own", () => {
  const ir = irOf(`${READS} ${OPENS}`);
  const invoked = [...ir.matchAll(/invoke (\S+)\(/g)].map(([, name]) => name);
  expect(invoked).toHaveLength(2);
  expect(ir.indexOf(`func ${invoked[0]}(`)).toBeLessThan(ir.indexOf(`func ${invoked[1]}(`));
});

test("no program has more than 16 actions", () => {
  expect(probesOf(READS.repeat(33)).map((probes) => probes.length)).toEqual([16, 16, 1]);
});

test("programs are of one file, whose lines they have", () => {
  const { compiled: script } = compileScript(`import "more.bt"; ${READS} ${OPENS}`, testTarget(), {
    readImport: () => [{ name: "more.bt", text: `${READS} ${READS}` }],
  });
  expect(script?.programs.map(({ attachments }) => attachments.length)).toEqual([2, 2]);
  expect(new Set(script?.collection.programs.map(({ source }) => source?.name))).toEqual(new Set(["stdin", "more.bt"]));
});

test("each has a program of its own where the time of each is wanted", () => {
  const { compiled: script } = compileScript(`${READS} ${OPENS}`, testTarget(), { separatePrograms: true });
  expect(script?.programs).toHaveLength(2);
});

test("what needs all of the stack stands apart", () => {
  const numbers = Array.from({ length: 67 }, (_, at) => `$v${at}`);
  const taken = numbers.map((name) => `${name} = rand;`).join(" ");
  const deep = `tracepoint:syscalls:sys_enter_read { ${taken} @ = ${numbers.join(" + ")}; }`;
  expect(probesOf(deep + deep)).toHaveLength(2);
  expect(probesOf(READS + OPENS + deep)).toHaveLength(3);
});
