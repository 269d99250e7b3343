import { expect, test } from "vitest";
import { reasonNames } from "./exit-reasons.ts";

const FORMAT = `print fmt: "reason %s", (REC->isa == 1) ? __print_symbolic(REC->exit_reason & 0xffff,
  { 0, "EXCEPTION_NMI" }, { 12, "HLT" }) : __print_symbolic(REC->exit_reason, { 0x040 + 14, "PF excp" },
  { 0x078, "hlt" }, { 0x80000001, "vmgexit_mmio_read" }), (REC->isa == 1) ? __print_flags(REC->exit_reason & ~0xffff,
  " ", { 0x80000000, "FAILED_VMENTRY" }) : ""`;

test("by the kind of processor, without flags", () => {
  const name = reasonNames(FORMAT);
  expect(name(1, 12)).toBe("HLT");
  expect(name(1, 0x80000000)).toBe("EXCEPTION_NMI");
  expect(name(2, 0x4e)).toBe("PF excp");
  expect(name(2, 0x78)).toBe("hlt");
  expect(name(2, 0x80000001)).toBe("vmgexit_mmio_read");
});

test("what has no name has its number", () => {
  const name = reasonNames(FORMAT);
  expect(name(1, 0x78)).toBe("0x78");
  expect(name(3, 5)).toBe("0x5");
  expect(reasonNames("")(2, 0x400)).toBe("0x400");
});
