import { execFileSync, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileMysqld } from "../database-workload.ts";
import { runTool, type Workload } from "../testing.ts";

let mysqld: Workload;
beforeAll(() => {
  mysqld = compileMysqld();
});
afterAll(() => mysqld[Symbol.dispose]());

/** Runs the tool on a server, which is given these lines while it does. */
async function slow(lines: readonly string[], ...argv: string[]) {
  const fifo = `${mysqld.path}.fifo`;
  execFileSync("mkfifo", [fifo]);
  const server = spawn("sh", ["-c", 'exec "$0" <>"$1"', mysqld.path, fifo], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => server.once("close", resolve));
  const queries = `${mysqld.path}.queries`;
  writeFileSync(queries, lines.map((line) => `${line}\n`).join(""));
  const feed = ["sh", "-c", `cat ${queries} > ${fifo}; sleep 1.2`];
  const run = await runTool("mysqld_qslower", [String(server.pid), ...argv], feed);
  server.kill();
  await ended;
  rmSync(fifo);
  return { ...run, pid: server.pid };
}

test("slow queries with their text", async () => {
  const queries = [...Array(10).fill("1 60 select slow"), ...Array(10).fill("2 0 select fast")];
  const { rows, pid } = await slow(queries, "40", "--json");
  expect(rows.map(({ query }) => query)).toEqual(Array(10).fill("select slow"));
  for (const row of rows) {
    expect(row.pid).toBe(pid);
    expect(Number(row.latency_ns) / 1e6).toBeGreaterThan(60);
    expect(Number(row.latency_ns) / 1e6).toBeLessThan(90);
  }
  expect((await slow(queries, "0", "--json")).rows).toHaveLength(20);
});

test("in columns", async () => {
  const { lines, pid } = await slow(["1 12 update shop"]);
  expect(lines[0]).toBe(`Tracing MySQL server queries for PID ${pid} slower than 1 ms...`);
  expect(lines[1]).toBe("TIME(s)        PID           MS QUERY");
  expect(lines[2]).toMatch(/^0\.000000 {7}\d+ +1\d\.\d{3} update shop$/);
});
