import { expect, test } from "vitest";
import { functionProbe } from "./function-probe.ts";
import type { Machine } from "./tool.ts";

function machine(kprobes: readonly string[], fentry: readonly string[], hasKprobes = true): Machine {
  const answers: Partial<Machine> = {
    hasKprobes,
    hasKprobe: (name) => kprobes.includes(name),
    hasFentry: (name) => fentry.includes(name),
  };
  return answers as Machine;
}

test("through BTF, else by a breakpoint, of the first name that is there", () => {
  expect(functionProbe(["new", "old"], machine(["new", "old"], ["old"]))).toBe("fentry:old");
  expect(functionProbe(["new", "old"], machine(["old"], []))).toBe("kprobe:old");
});

test("what is missing", () => {
  expect(() => functionProbe(["new", "old"], machine([], []))).toThrow("this kernel has no function new or old");
  expect(() => functionProbe(["new", "old"], machine([], [], false))).toThrow(
    "neither fentry nor kprobes here: new cannot be traced",
  );
});
