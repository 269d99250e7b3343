import { expect, test } from "vitest";
import { RunningProcess, root } from "./process.ts";

const beetrace = async (...argv: string[]) => (await RunningProcess.start(`${root}beetrace`, argv)).finish();

test("a task by its number, held while it is read", async () => {
  const script = `rawtracepoint:sys_enter { $task = bpf_task_from_pid($1);
    if ($task != 0) { printf("%s %d\\n", $task.comm, $task.pid); bpf_task_release($task); } exit(); }`;
  await using sleeper = await RunningProcess.start("/bin/sleep", ["100"]);
  const { stdout, code } = await beetrace("--unsafe", "-q", "-e", script, String(sleeper.pid));
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
