/** When print() and clear() of a map act. */
import { expect, test } from "vitest";
import { RunningProcess } from "./process.ts";
import { traceText } from "./tracer.ts";

/** A process that makes so many of a system call that nothing else makes. */
const CALLS = 20_000;
const work = `import os\nfor _ in range(${CALLS}): os.getpgid(0)`;

async function call(): Promise<number> {
  await using python = await RunningProcess.start("python3", ["-c", work]);
  await python.finish();
  return python.pid;
}

/** What all prints of the map `@n[PID]` say together, and how many there were. */
function added(text: string, pid: number): { readonly total: number; readonly prints: number } {
  const counts = [...text.matchAll(/^@n\[(\d+)\]: (\d+)$/gm)].filter((match) => Number(match[1]) === pid);
  return { total: counts.reduce((sum, match) => sum + Number(match[2]), 0), prints: counts.length };
}

test("print and clear in one action lose no count", async () => {
  let pid = 0;
  const printed = await traceText(
    "tracepoint:syscalls:sys_enter_getpgid { @n[pid] = count(); } interval:ms:2 { print(@n); clear(@n); }",
    async () => {
      pid = await call();
    },
  );
  const { total, prints } = added(printed, pid);
  expect(prints).toBeGreaterThan(1);
  // A program that has just looked its entry up adds to what is gone.
  expect(total).toBeLessThanOrEqual(CALLS);
  expect(total).toBeGreaterThanOrEqual(CALLS - prints);
});

test("a map with keys is printed as user space finds it", async () => {
  const script = "begin { @[1] = 1; print(@); @[1] = 2; @n = 1; print(@n); @n = 2; } interval:s:100 { }";
  const printed = await traceText(script, () => Promise.resolve());
  expect(printed).toBe("@[1]: 2\n@n: 1\n\n\n@[1]: 2\n@n: 2\n");
});
