import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, start, type Workload } from "../testing.ts";
import { isAbout, WAITS } from "../wait-workload.ts";

let waits: Workload;
beforeAll(() => {
  waits = compileWorkload("waits", WAITS, "-fno-omit-frame-pointer");
});
afterAll(() => waits[Symbol.dispose]());

const NAMED = ["--name", "waits"];
const total = (lines: readonly string[]) => lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);

test("folded: the time of a stack is what the program measured itself", async () => {
  const { lines, workload } = await runTool("offcputime", ["-f", "-d", ...NAMED], waits.command("naps", "20", "25"));
  const naps = lines.filter((line) => /^waits;.*;main;outer;.*;-;.*;do_nanosleep;schedule;__schedule \d+$/.test(line));
  expect(naps).toHaveLength(1);
  expect(isAbout(total(naps), Number(workload))).toBe(true);
  expect(lines.every((line) => line.startsWith("waits;"))).toBe(true);
});

test("as text, as BCC prints it, of one process", async () => {
  using running = start(waits.command("naps", "1000", "20"));
  const { lines } = await runTool("offcputime", ["-p", `${running.pid}`, "-s", "-d", "-m", "10000", "1"]);
  expect(lines[0]).toBe(`Tracing off-CPU time (us) of PID ${running.pid} by user + kernel stack for 1 secs.`);
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(/^ {4}__schedule\+0x[0-9a-f]+$/);
  expect(lines).toContain("    --");
  expect(lines).toContainEqual(expect.stringMatching(/^ {4}outer\+0x[0-9a-f]+$/));
  expect(lines.at(-3)).toBe(`    -                waits (${running.pid})`);
  expect(lines.at(-2)).toMatch(/^ {8}\d+$/);
  expect(lines.at(-1)).toBe("");
  expect(isAbout(Number(lines.at(-2)), 1_000_000)).toBe(true);
});

test("waits of some lengths, in some states, of some threads", async () => {
  const rows = async (...options: string[]) => {
    const argv = ["-K", "--json", ...NAMED, ...options];
    return (await runTool("offcputime", argv, waits.command("naps", "5", "20"))).rows;
  };
  const naps = await rows("-m", "15000", "--state", "1", "-u");
  expect(naps).toHaveLength(1);
  expect(naps[0]).toMatchObject({ comm: "waits", pid: naps[0].tid });
  expect(naps[0].kernel_stack).toContainEqual(expect.stringMatching(/^do_nanosleep\+0x[0-9a-f]+ \[kernel\]$/));
  expect(naps[0]).not.toHaveProperty("user_stack");
  expect(Number(naps[0].us)).toBeGreaterThanOrEqual(100_000);
  const isNap = ({ kernel_stack }: (typeof naps)[number]) => String(kernel_stack).includes("do_nanosleep");
  expect((await rows("-M", "15000")).filter(isNap)).toEqual([]);
  expect((await rows("--state", "2")).filter(isNap)).toEqual([]);
  expect((await rows("--state", "0")).filter(isNap)).toEqual([]);
  expect(await rows("-k")).toEqual([]);
});

test("as files for other programs", async () => {
  const [flame, scope] = ["o.svg", "o.json"].map((name) => join(waits.path, "..", name));
  const argv = ["--flame", flame, "--speedscope", scope, "-m", "15000", ...NAMED];
  const { stdout, text, workload } = await runTool("offcputime", argv, waits.command("naps", "10", "20"));
  expect(stdout).toBe("");
  const said = /^\S+o\.svg: ([\d,]+) microseconds in \d+ stacks$/m.exec(text);
  expect(isAbout(Number(said?.[1].replaceAll(",", "")), Number(workload))).toBe(true);
  expect(readFileSync(flame, "utf8")).toContain("<title>outer\n");
  const { profiles } = JSON.parse(readFileSync(scope, "utf8"));
  expect(profiles[0]).toMatchObject({ unit: "microseconds", endValue: Number(said?.[1].replaceAll(",", "")) });
});

test("what excludes each other", async () => {
  expect((await runTool("offcputime", ["-p", "1", "-u"])).text).toContain(
    "--pid and --user-threads-only exclude each other",
  );
  expect((await runTool("offcputime", ["-m", "2", "-M", "1"])).text).toContain(
    "--min-block-time is greater than --max-block-time",
  );
});
