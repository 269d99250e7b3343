import { expect, test } from "vitest";
import { type Machine, ToolError } from "../tool.ts";
import { LOCK_FRAME, lockProbes } from "./lock-functions.ts";

const FUNCTIONS = ["mutex_lock", "mutex_lock_killable", "mutex_trylock", "mutex_unlock", "down_read", "up_read"];

/** A machine that has these. */
function machine(has: { fentry?: boolean; kprobe?: boolean; tracepoint?: boolean }): Machine {
  return {
    hasFentry: (name: string) => has.fentry === true && FUNCTIONS.includes(name),
    hasKprobe: (name: string) => has.kprobe === true && FUNCTIONS.includes(name),
    hasTracepoint: () => has.tracepoint === true,
  } as unknown as Machine;
}

test("fentry goes before kprobes, only functions that are there are probed", () => {
  const { script, onlyContended } = lockProbes(machine({ fentry: true, kprobe: true }));
  expect(onlyContended).toBe(false);
  expect(script).toContain(
    "fentry:mutex_lock,\nfentry:mutex_lock_killable,\nfentry:mutex_trylock\n{\n  asks(@asked, args.lock);",
  );
  expect(script).toContain("fentry:down_read\n{\n  asks(@asked, args.sem);");
  expect(script).not.toContain("mutex_lock_interruptible");
  expect(script).not.toContain("kprobe");
});

test("results say whether a lock was got", () => {
  const { script } = lockProbes(machine({ kprobe: true }));
  const taken = (name: string) => new RegExp(`kretprobe:${name}\n\\{\n  gets\\(.*, (.*)\\);`).exec(script)?.[1];
  expect(taken("mutex_lock")).toBe("true");
  expect(taken("mutex_lock_killable")).toBe("(int32)retval == 0");
  expect(taken("mutex_trylock")).toBe("(int32)retval == 1");
  expect(script).toContain("kprobe:up_read\n{\n  releases(@held, @holds, @longest_holds, arg0);");
});

test("without functions, contention; without both, nothing", () => {
  expect(lockProbes(machine({ tracepoint: true })).onlyContended).toBe(true);
  expect(() => lockProbes(machine({}))).toThrow(ToolError);
});

test("frames of the locks themselves are no callers", () => {
  for (const name of ["mutex_lock", "__mutex_lock.constprop.0", "down_write", "rwsem_down_read_slowpath"])
    expect(name).toMatch(LOCK_FRAME);
  for (const name of ["pipe_write", "downgrade_path", "lock_mm_and_find_vma"]) expect(name).not.toMatch(LOCK_FRAME);
});
