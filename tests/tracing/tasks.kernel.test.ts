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
