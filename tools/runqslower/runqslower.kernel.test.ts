import { afterAll, beforeAll, expect, test } from "vitest";
import { Crowd } from "../crowd.ts";

let crowd: Crowd;
beforeAll(() => {
  crowd = new Crowd();
});
afterAll(() => crowd[Symbol.dispose]());

test("the waits of each task add up to what the scheduler has counted", async () => {
  const { rows } = await crowd.traced("runqslower", "0", "--name", "crowd", "--json");
  for (const { pid, ns } of crowd.waits()) {
    const waits = rows.filter((row) => row.tid === pid);
    const sum = waits.reduce((us, { latency_us }) => us + Number(latency_us), 0);
    expect(sum).toBeGreaterThan((ns / 1000) * 0.9);
    expect(sum).toBeLessThan((ns / 1000) * 1.1);
  }
});

test("only long ones, as BCC prints them", async () => {
  const { lines } = await crowd.traced("runqslower", "1000", "-P", "--name", "crowd");
  expect(lines[0]).toBe("Tracing run queue latency higher than 1000 us");
  expect(lines[1]).toBe("TIME     COMM             TID           LAT(us) PREV COMM        PREV TID");
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines.slice(2)) {
    const [, us] = /^\d\d:\d\d:\d\d crowd {12}\d+ +(\d+) .{16} \d+$/.exec(line) ?? [];
    expect(Number(us), line).toBeGreaterThan(1000);
  }
});

test("of a process, of a user", async () => {
  expect((await crowd.traced("runqslower", "-p", "1", "0", "--json")).rows.filter(({ pid }) => pid !== 1)).toEqual([]);
  expect((await crowd.traced("runqslower", "--uid", "nobody", "0", "--json", "--name", "crowd")).rows).toEqual([]);
  expect((await crowd.traced("runqslower", "-p", "1", "-t", "1")).text).toContain("--pid and --tid exclude each other");
});
