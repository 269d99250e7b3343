import { expect, test } from "vitest";
import { fromEvent } from "./stack-machinery.ts";

const [ITERATOR, WRAPPER, EVENT, USER] = [
  0xffff_ffff_8100_0000n,
  0xffff_ffff_8100_1000n,
  0xffff_ffff_8100_2000n,
  0x7f00_0000_0000n,
];
const NAMES = new Map([
  [ITERATOR, "__traceiter_sched_waking"],
  [WRAPPER, "__bpf_trace_sys_enter"],
  [EVENT, "try_to_wake_up"],
  [USER, "__traceiter_of_a_program"],
]);
const names = (address: bigint) => NAMES.get(address);

test("a stack begins at the event, whatever called the program", () => {
  expect(fromEvent([ITERATOR, EVENT, ITERATOR], names)).toEqual([EVENT, ITERATOR]);
  expect(fromEvent([WRAPPER, ITERATOR, EVENT], names)).toEqual([EVENT]);
  expect(fromEvent([EVENT], names)).toEqual([EVENT]);
});

test("stacks of programs, and stacks of one frame, stay as they are", () => {
  expect(fromEvent([USER, EVENT], names)).toEqual([USER, EVENT]);
  expect(fromEvent([ITERATOR], names)).toEqual([ITERATOR]);
  expect(fromEvent([], names)).toEqual([]);
});
