/** Call stacks: as many as there are, and all of their frames. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningProcess } from "./process.ts";
import { startTracer } from "./tracer.ts";

/** Each number of twelve bits is a way through `zero` and `one` to `called`, which is gone twice. */
const WAYS = 4096;
const SOURCE = `
#define target __attribute__((noinline))
static volatile int total;
target void called(void) { total++; }
target static void one(int way, int depth);
static void next(int way, int depth);
target static void zero(int way, int depth) { next(way >> 1, depth - 1); total++; }
target static void one(int way, int depth) { next(way >> 1, depth - 1); total += 2; }
static inline void next(int way, int depth) {
  if (depth == 0) called();
  else if (way & 1) one(way, depth);
  else zero(way, depth);
  total++;
}
int main(void) {
  for (int round = 0; round < 2; round++)
    for (int way = 0; way < ${WAYS}; way++) next(way, 12);
}
`;
const FLAGS = ["-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-w", "-x", "c", "-"];

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stacks-"));
  program = join(directory, "ways");
  execFileSync("gcc", ["-o", program, ...FLAGS], { input: SOURCE });
});
afterAll(() => rmSync(directory, { recursive: true }));

async function traceWays(action: string, settings = ""): Promise<{ stdout: string; stderr: string }> {
  await using tracer = await startTracer(["-e", `config = { ${settings} } uprobe:${program}:called { ${action} }`]);
  await using workload = await RunningProcess.start(program, []);
  await workload.finish();
  return await tracer.stop("SIGINT");
}

test("4,096 stacks are as many entries, each with its names", async () => {
  const { stdout, stderr } = await traceWays("@[ustack(20)] = count();");
  expect(stderr).toBe("Attached 1 probe\n");
  const stacks = stdout.match(/@\[\n {8}called\+0\n( {8}(zero|one)\+\d+\n)+ {8}main\+\d+\n.*\n\]: 2\n/g);
  expect(new Set(stacks).size).toBe(WAYS);
});

test("those that there is no room for are told, with how to make room", async () => {
  const { stdout, stderr } = await traceWays("@[ustack(14)] = count();", "max_stacks = 1000");
  const said = stderr.matchAll(
    /WARNING: No room for another stack\. Try increasing max_stacks config \((\d+) times\)/g,
  );
  expect([...said].reduce((sum, [, times]) => sum + Number(times), 0)).toBe(2 * (WAYS - 1000));
  expect(stdout.match(/^\]: 2$/gm)?.length).toBe(1000);
});

test("a map has stacks of several lengths", async () => {
  const { stdout } = await traceWays("@a = ustack(14); @a = ustack(2); @n = len(@a); @b = ustack(1); @b = ustack(3);");
  expect(stdout).toMatch(/@a: \n {8}called\+0\n {8}one\+\d+\n\n/);
  expect(stdout).toMatch(/@b: \n {8}called\+0\n( {8}one\+\d+\n){2}\n/);
  expect(stdout).toMatch(/@n: 2\n/);
});
