import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { RunningProcess, root } from "./process.ts";

const beetrace = async (...argv: string[]) => (await RunningProcess.start(`${root}beetrace`, argv)).finish();

/** A process of its own that is traced by its number. */
async function beside<T>(body: (pid: number) => Promise<T>): Promise<T> {
  const sleeper = spawn("sleep", ["100"]);
  try {
    await once(sleeper, "spawn");
    return await body(sleeper.pid!);
  } finally {
    sleeper.kill();
  }
}

test("a task by its number, held while it is read", async () => {
  const script = `rawtracepoint:sys_enter { $task = bpf_task_from_pid($1);
    if ($task != 0) { printf("%s %d\\n", $task.comm, $task.pid); bpf_task_release($task); } exit(); }`;
  const { stdout, code } = await beside((pid) => beetrace("--unsafe", "-q", "-e", script, String(pid)));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^sleep \d+\n/);
});

test.each([
  [
    "it is not looked whether it is there",
    "$task = bpf_task_from_pid(1); bpf_task_release($task);",
    "HINT: it may be 0: if ($pointer != 0) { … }",
  ],
  [
    "it is not given back",
    "$task = bpf_task_from_pid(1); @there = $task != 0;",
    "HINT: what a function of the kernel gave must be released, whichever way the program goes",
  ],
])("what the verifier refuses is told with what to do: %s", async (_what, body, hint) => {
  const { stderr, code } = await beetrace("--unsafe", "-e", `rawtracepoint:sys_enter { ${body} exit(); }`);
  expect(code).toBe(255);
  expect(stderr).toMatch(/^stdin:1:\d+-\d+: ERROR: the kernel's verifier refuses rawtracepoint_sys_enter_1: /);
  expect(stderr).toContain(hint);
});
