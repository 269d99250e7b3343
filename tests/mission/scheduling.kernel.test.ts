import { rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { countLines, histogramTotal } from "../tracing/output.ts";
import { startWorkload, switchesOf, uniqueName, untilAsleep, untilHeld } from "../tracing/process.ts";
import { type Trace, trace, traceText, traceWorkload } from "../tracing/tracer.ts";

const SLEEPS = 150;

test.each(["21.bt", "21-"])("%s: a line for each program that is started", async (script) => {
  const program = join(tmpdir(), uniqueName("true"));
  symlinkSync("/bin/true", program);
  const { stdout } = await traceWorkload(script, ["execs", 40, program]);
  rmSync(program);
  expect(countLines(stdout, new RegExp(`^${basename(program)} exec ${program}$`))).toBe(40);
});

test.each([
  ["22.bt", ""],
  ["22-", " with status 7, signal 0"],
])("%s: a line for each process that ends", async (script, status) => {
  const { stdout, comm, pid } = await traceWorkload(script, ["forks", 40]);
  const exits = stdout.split("\n").filter((line) => line.startsWith(`${comm} (PID `));
  const children = exits.filter((line) => !line.includes(`(PID ${pid})`));
  expect({ exits: exits.length, children: children.length }).toEqual({ exits: 41, children: 40 });
  expect(children.every((line) => line.endsWith(`) exited${status}`))).toBe(true);
});

test.each([
  ["22.bt", 31],
  ["22-", 1],
])("%s: 30 threads that end are %i lines", async (script, lines) => {
  const { stdout, pid } = await traceWorkload(script, ["threads", 30]);
  expect(countLines(stdout, new RegExp(`\\(PID ${pid}\\) exited`))).toBe(lines);
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
  expect(histogramTotal(original.stdout, `@runtime[${workload.comm}]`)).toBe(switches);
  expect(histogramTotal(example?.stdout ?? "", `@runtime_us[${workload.comm}]`)).toBe(switches);
});

// Beside the script runs a tracer that prints each event of the workload: the kernel may keep events to itself (some
// machines do while their process 1 runs), but then from both.
test.each(["23.bt", "23-"])("%s: a latency for each wake-up", async (script) => {
  await using workload = await startWorkload("switches", SLEEPS);
  const { comm } = workload;
  const events = `
    tracepoint:sched:sched_wakeup /args.comm == "${comm}"/ { printf("wakeup\\n"); }
    tracepoint:sched:sched_switch /args.next_comm == "${comm}"/ { printf("switch\\n"); }`;
  let printed = "";
  const { stdout } = await trace(script, async () => {
    printed = await traceText(events, async () => {
      await untilAsleep(workload.pid);
      workload.write("\n");
      await workload.finish();
    });
  });
  const latencies = printed.match(/^wakeup\n(wakeup\n)*switch$/gm)?.length ?? 0;
  expect(latencies).toBeGreaterThan(SLEEPS * 0.9);
  if (script === "23-") expect(histogramTotal(stdout, `@latency_us[${comm}]`)).toBe(latencies);
  else expect(histogramTotal(stdout, "@latency_us")).toBeGreaterThanOrEqual(latencies); // of all processes
});
