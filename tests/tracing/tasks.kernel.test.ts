import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { traceText } from "./tracer.ts";

test("parents and leaders are those that /proc tells", async () => {
  const script = `begin { printf("%d %d %s %s|%d %d|%s %s\\n", ppid, ppid(curtask), pcomm, pcomm(curtask),
    leader_tid, leader_tid(curtask), leader_comm, leader_comm(curtask)); } interval:s:100 { }`;
  let tracerPid = 0;
  const printed = await traceText(script, async ({ pid }) => {
    tracerPid = pid;
  });
  const parent = readFileSync("/proc/self/comm", "utf8").trim();
  const [parents, tids, comms] = printed.trim().split("|");
  expect(parents).toBe(`${process.pid} ${process.pid} ${parent} ${parent}`);
  expect(tids).toBe(`${tracerPid} ${tracerPid}`);
  expect(comms).toBe("beetrace beetrace");
});

test("an array without a length, at the end of a struct of the kernel: the control groups that one is in", async () => {
  const script = `begin { $group = curtask.cgroups.dfl_cgrp;
    print(($group.ancestors[0].level, $group.ancestors[0].kn.id == $group.root.cgrp.kn.id)); } interval:s:100 { }`;
  expect((await traceText(script, async () => {})).trim()).toBe("(0, true)");
});
