import { expect, test } from "vitest";
import { countLines, histogramTotal } from "../tracing/output.ts";
import { startWorkload, switchesOf, untilAsleep, untilHeld } from "../tracing/process.ts";
import { type Trace, trace, traceWorkload } from "../tracing/tracer.ts";

const SLEEPS = 150;

test.each(["21.bt", "21-"])("%s: a line for each program that is started", async (script) => {
  const { stdout } = await traceWorkload(script, ["execs", 40]);
  expect(countLines(stdout, /^true exec \/bin\/true$/)).toBe(40);
});

test.each([
  ["22.bt", /^forks \(PID \d+\) exited$/, /^forks \(PID \d+\) exited$/, 41],
  ["22-", /^forks \(PID \d+\) exited with status 7, signal 0$/, /^forks \(PID \d+\) exited with/, 41],
] as const)("%s: a line for each process that ends", async (script, child, any, all) => {
  const { stdout } = await traceWorkload(script, ["forks", 40]);
  expect(countLines(stdout, any)).toBe(all);
  expect(countLines(stdout, child)).toBeGreaterThanOrEqual(40);
  expect(new Set(stdout.match(/^forks \(PID \d+\)/gm)).size).toBe(all);
});

test.each([
  ["22.bt", 31],
  ["22-", 1],
])("%s: 30 threads that end are %i lines", async (script, lines) => {
  const { stdout } = await traceWorkload(script, ["threads", 30]);
  expect(countLines(stdout, /^(threads|worker) \(PID \d+\) exited/)).toBe(lines);
});

// The kernel itself counts how often a process leaves a processor. Both scripts watch the same 150 ms of sleeps: the
// original, and within its run the example.
test("10.bt and 10-: as many times on the processor as the kernel counts", async () => {
  await using workload = await startWorkload("switches", SLEEPS, "--hold");
  let switches = 0;
  let example: Trace | undefined;
  const original = await trace("10.bt", async (outer) => {
    example = await trace("10-", async (inner) => {
      await untilAsleep(workload.pid);
      switches = -switchesOf(workload.pid);
      workload.write("\n");
      await untilHeld(workload);
      switches += switchesOf(workload.pid);
      await inner.until("stdout", /^Time on the processor \(us\):\n@runtime_us/m);
      await outer.until("stdout", /^Process runtime distribution \(μs\):\n@runtime/m);
    });
  });
  expect(switches).toBeGreaterThan(SLEEPS);
  expect(histogramTotal(original.stdout, "@runtime[switches]")).toBe(switches);
  expect(histogramTotal(example?.stdout ?? "", "@runtime_us[switches]")).toBe(switches);
});

test("23.bt: at least as many latencies as wake-ups of one process", async () => {
  const { stdout } = await traceWorkload("23.bt", ["switches", SLEEPS]);
  expect(histogramTotal(stdout, "@latency_us")).toBeGreaterThanOrEqual(SLEEPS);
});

test("23-: as many latencies as wake-ups", async () => {
  const { stdout } = await traceWorkload("23-", ["switches", SLEEPS]);
  // One more: the start, which it waits for in poll(2).
  expect(histogramTotal(stdout, "@latency_us[switches]")).toBe(SLEEPS + 1);
});
