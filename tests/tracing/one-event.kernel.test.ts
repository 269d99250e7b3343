/** Probes of one event of the kernel share a program. */
import { expect, test } from "vitest";
import { runToEnd, workloads } from "./process.ts";
import { traceText } from "./tracer.ts";

const traceReads = (script: string, ...options: string[]) =>
  traceText(script, async () => void (await runToEnd(`${workloads}/reads`, ["500", "777"])), options);

const MINE = '/comm == "reads" && args.count == 777/';

test("each counts its own events, in the order of the script", async () => {
  const text = await traceReads(`
    tracepoint:syscalls:sys_enter_read ${MINE} { @first = count(); @order[tid] = 1; return; }
    tracepoint:syscalls:sys_enter_read,tracepoint:syscalls:sys_enter_write ${MINE} {
      @second[probe] = count(); if (@order[tid] == 1) { @after = count(); } @order[tid] = 2; }
    tracepoint:syscalls:sys_enter_rmdir { @none = count(); }
    tracepoint:syscalls:sys_exit_read /@order[tid] == 2 && args.ret == 777/ { @back = count(); delete(@order, tid); }
    rawtracepoint:sys_exit /comm == "reads" && args.ret == 777/ { @raw = count(); }`);
  expect(text).toContain("@first: 500\n");
  expect(text).toContain("@second[tracepoint:syscalls:sys_enter_read]: 500\n");
  expect(text).toContain("@after: 500\n");
  expect(text).toContain("@back: 500\n");
  expect(text).toContain("@raw: 500\n");
  expect(text).not.toContain("@none:");
});

test("kernel stacks begin at the event in all of them", async () => {
  const probe = `tracepoint:syscalls:sys_enter_read ${MINE}`;
  const alone = await traceReads(`${probe} { @[kstack] = count(); }`);
  const shared = await traceReads(`${probe} { @n = count(); } ${probe} { @[kstack] = count(); }`);
  const frames = (text: string) => text.match(/@\[\n[^\]]*\]: 500\n/)?.[0];
  expect(frames(alone)).toContain("do_syscall_64+");
  expect(frames(shared)).toBe(frames(alone));
});

test("where costs are told, each probe has its program", async () => {
  const probe = (name: string) => `tracepoint:syscalls:sys_enter_read ${MINE} { @${name} = count(); }`;
  const text = await traceReads(probe("a") + probe("b"), "--explain");
  expect(text.match(/^program \w+/gm)).toEqual([
    "program tracepoint_sys_enter_read_1",
    "program tracepoint_sys_enter_read_2",
  ]);
  expect(text).toContain("@a: 500\n@b: 500\n");
});
