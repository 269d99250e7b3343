import { expect, test } from "vitest";
import { functionsOf, mapValues, stackEntries } from "./output.ts";
import { startWorkload } from "./process.ts";
import { trace } from "./tracer.ts";

const BLOCKS = 300;
const SIZE = 1000;
const FREED = 200;

/** Runs myapp under the script until the script has printed what it prints every 10 seconds. */
async function traceMyapp(script: string, printed: RegExp, onlyIt = false) {
  await using myapp = await startWorkload("myapp", BLOCKS, SIZE, FREED, "--hold");
  const work: Parameters<typeof trace>[1] = async (tracer) => {
    myapp.write("\n");
    await tracer.until("stdout", printed);
  };
  const traced = await trace(script, work, onlyIt ? ["-p", String(myapp.pid)] : []);
  return { ...traced, pid: myapp.pid };
}

test.concurrent.each([
  ["07.bt", "@size", "@allocs"],
  ["07-", "@bytes", "@allocs"],
])("%s: bytes of each process, and the stacks that allocate most", async (script, bytes, stacks) => {
  const { stdout, pid } = await traceMyapp(script, new RegExp(`^${bytes}\\[`, "m"));
  expect(mapValues(stdout, bytes).get(String(pid))).toBe(BLOCKS * SIZE);
  const ours = stackEntries(stdout, stacks).filter((entry) => entry.pid === pid);
  const of = (name: string) => ours.filter(({ functions }) => functions.includes(name)).map(({ value }) => value);
  expect({ kept: of("allocate_kept"), leaked: of("allocate_leaked") }).toEqual({
    kept: [FREED],
    leaked: [BLOCKS - FREED],
  });
  expect(ours.every(({ functions }) => functions.includes("main"))).toBe(true);
});

test.concurrent("07.bt: what is left in @addr are the blocks that were not freed", async () => {
  const { stdout, pid } = await traceMyapp("07.bt", /^@size\[/m, true);
  expect(mapValues(stdout, "@size").get(String(pid))).toBe(BLOCKS * SIZE);
  expect(mapValues(stdout, "@addr").size).toBe(BLOCKS - FREED);
});

test.concurrent("28.bt: how many blocks leak", async () => {
  const { stdout, pid } = await traceMyapp("28.bt", /^Leaked: /m);
  expect(stdout).toMatch(new RegExp(`^Leaked: ${BLOCKS - FREED}$`, "m"));
  expect(mapValues(stdout, "@addr").size).toBe(BLOCKS - FREED);
  expect(mapValues(stdout, "@total_allocs").get("")).toBe(BLOCKS);
  expect(mapValues(stdout, "@total_frees").get("")).toBe(FREED);
  expect(mapValues(stdout, "@alloc_bytes").get(String(pid))).toBe(BLOCKS * SIZE);
});

test.concurrent("28-: how many blocks leak, and whose", async () => {
  const { stdout } = await traceMyapp("28-", /^Leaked: /m);
  expect(stdout).toMatch(new RegExp(`^Leaked: ${BLOCKS - FREED} blocks$`, "m"));
  const leaks = [...stdout.matchAll(/^@leaked_bytes\[\n((?:\s+\S.*\n)+)\]: (\d+)$/gm)];
  const bySite = leaks.map(([, stack, bytes]) => [functionsOf(stack).slice(0, 3).join(" < "), Number(bytes)]);
  // Printed by the interval and once more at the end.
  const expected = ["allocate < allocate_leaked < main", (BLOCKS - FREED) * SIZE];
  expect(bySite).toEqual([expected, expected]);
});
