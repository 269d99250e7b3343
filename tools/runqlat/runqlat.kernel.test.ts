import { afterAll, beforeAll, expect, test } from "vitest";
import { Crowd } from "../crowd.ts";
import { type Row, runTool } from "../testing.ts";

let crowd: Crowd;
beforeAll(() => {
  crowd = new Crowd();
});
afterAll(() => crowd[Symbol.dispose]());

const sum = (rows: readonly Row[], value: (row: Row) => number) => rows.reduce((all, row) => all + value(row), 0);

test("every wait of each thread is in its histogram", async () => {
  const { rows } = await crowd.traced("runqlat", "-L", "--name", "crowd", "--json");
  for (const { pid, ns, times } of crowd.waits()) {
    const own = rows.filter(({ section }) => section === `tid = ${pid}`);
    const waits = sum(own, ({ count }) => Number(count));
    // The scheduler counts as well that a task begins, which is before its name is known, and what comes after it wrote.
    expect(waits).toBeGreaterThan(times * 0.9);
    expect(waits).toBeLessThan(times * 1.1 + 5);
    expect(sum(own, ({ min, count }) => Number(min) * Number(count))).toBeLessThan((ns / 1000) * 1.1);
    expect(sum(own, ({ max, count }) => (Number(max) + 1) * Number(count))).toBeGreaterThan((ns / 1000) * 0.9);
  }
});

test("as BCC prints it, of processes and namespaces", async () => {
  const { lines } = await crowd.traced("runqlat", "-mT", "--pidnss", "--name", "crowd");
  expect(lines[0]).toBe("Tracing run queue latency... Hit Ctrl-C to end.");
  expect(lines[1]).toBe("");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines).toContainEqual(expect.stringMatching(/^pidns = \d+$/));
  expect(lines).toContain("     msecs               : count     distribution");
  const none = await runTool("runqlat", ["-p", "1,2", "-P", "--name", "nobody", "--json", "0.5", "1"]);
  expect(none.rows).toEqual([]);
});

test("what cannot be", async () => {
  expect((await runTool("runqlat", ["-P", "-L"])).text).toContain("--pids and --tids exclude each other");
});
