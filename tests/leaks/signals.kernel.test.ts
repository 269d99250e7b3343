import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningProcess, root } from "../tracing/process.ts";

const leaks = fileURLToPath(new URL("leaks", import.meta.url));
const mark = `signals-${process.pid}`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "signals."));
  execFileSync(leaks, ["before", join(folder, "before")]);
  execFileSync(`${root}beetrace`, ["--version"]); // builds what is to be built
});
afterAll(() => rmSync(folder, { recursive: true }));

/** From before Node listens to after all is attached. */
const MOMENTS_MS = [1, 60, 120, 170, 220, 270, 320, 400, 500, 700, 1000];

const RUNS: readonly (readonly [string, readonly string[]])[] = [
  ["uprobes", ["-e", "uprobe:libc:*alloc { @ = count(); } uretprobe:libc:getppid { @r = count(); }"]],
  ["tracepoints", ["-e", 'tracepoint:sched:sched_* { @[probe] = count(); } end { printf("end\\n"); }']],
  ["a command", ["-c", "sleep 600", "-e", "tracepoint:syscalls:sys_enter_read, uprobe:libc:read { @ = count(); }"]],
  ["no events", ["-e", 'begin { printf("begin\\n"); @ = 1; } self:signal:SIGUSR1 { @ = 2; }']],
];

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function endedAfter(args: readonly string[], momentMs: number, signal: NodeJS.Signals): Promise<Ending> {
  const env = { ...process.env, BEETRACE_TEST_RUN: mark };
  const tracer = spawn(`${root}beetrace`, args, { env, stdio: "ignore" });
  await sleep(momentMs);
  tracer.kill(signal);
  const [code, by] = await once(tracer, "exit");
  return { code, signal: by };
}

test.each(RUNS)("ended at any moment, %s leave nothing behind", { timeout: 120_000 }, async (_name, args) => {
  for (const [index, momentMs] of MOMENTS_MS.entries()) {
    const signal = index % 2 === 0 ? "SIGTERM" : "SIGINT";
    const ending = await endedAfter(args, momentMs, signal);
    // Until it listens, the signal does what it does to any process.
    expect(
      [
        { code: 0, signal: null },
        { code: null, signal },
      ],
      `${signal} after ${momentMs} ms`,
    ).toContainEqual(ending);
  }
  const { status, stdout } = spawnSync(leaks, ["after", join(folder, "before"), mark], { encoding: "utf8" });
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

test.each([
  ["SIGINT", 'tracepoint:sched:sched_switch { system("true"); } end { printf("end\\n"); }'],
  ["SIGTERM", 'tracepoint:syscalls:sys_enter_* { printf("%d %s\\n", pid, comm); } end { printf("end\\n"); }'],
] as const)("%s is heard in a flood of events, and `end` has its say", async (signal, source) => {
  await using tracer = await RunningProcess.start(`${root}beetrace`, ["--unsafe", "-e", source]);
  await tracer.until("stderr", /Attached/);
  await sleep(1000);
  const sentAt = performance.now();
  const { code, stdout } = await tracer.stop(signal);
  expect(code).toBe(0);
  expect(stdout).toMatch(/end\n\n\n$/);
  // A second on an idle machine; this one may be busy with the flood itself.
  expect(performance.now() - sentAt).toBeLessThan(4000);
});
