import { expect, test } from "vitest";
import { countLines, mapValues } from "../tracing/output.ts";
import { RunningProcess, root, workloads } from "../tracing/process.ts";
import { scriptFile, trace } from "../tracing/tracer.ts";

/** Connection, milliseconds, SQL. A query of 100 ms or a bit more is slow or not by chance: there is none. */
const queries: readonly (readonly [number, number, string])[] = [
  [7, 150, "SELECT * FROM users WHERE created_at > '2025-01-01'"],
  [8, 20, "SELECT 1"],
  [7, 120, "UPDATE orders SET paid = 1"],
  [9, 0, "SELEKT typo"],
];
const slow = queries.filter(([, ms]) => ms > 100);

async function runQueries(standIn: string): Promise<void> {
  await using mysqld = await RunningProcess.start(`${standIn}/mysqld`);
  mysqld.write(queries.map((query) => `${query.join(" ")}\n`).join(""));
  expect((await mysqld.finish()).code).toBe(0);
}

/** The original scripts name /usr/sbin/mysqld, and take the second argument of query__done for the connection. */
async function traceOriginal(script: string, printed?: RegExp): Promise<string> {
  const standIn = `${workloads}/done-with-connection-id`;
  const command = [`${root}beetrace`, scriptFile(script)];
  await using tracer = await RunningProcess.start(`${root}tests/mission/with-mysqld`, [standIn, ...command]);
  await tracer.until("stderr", /Attached \d+ probes\n/);
  await runQueries(standIn);
  if (printed !== undefined) await tracer.until("stdout", printed);
  const { code, stdout } = await tracer.stop("SIGINT");
  expect(code).toBe(0);
  return stdout;
}

test("11.bt: the slow queries, and only those", async () => {
  expectSlowQueries(await traceOriginal("11.bt"));
});

test("11-: the slow queries, by what MySQL's probes really say", async () => {
  const { stdout } = await trace("11-", () => runQueries(workloads), [], { path: workloads });
  expectSlowQueries(stdout);
});

function expectSlowQueries(stdout: string): void {
  const lines = [...stdout.matchAll(/^Slow query \((\d+) ms\): (.*)$/gm)];
  expect(lines.map((line) => line[2])).toEqual(slow.map(([, , sql]) => sql));
  lines.forEach((line, index) => {
    expectNear(Number(line[1]), slow[index][1]);
  });
}

test.concurrent("24.bt: the slow queries with their connections, and their statistics", async () => {
  const stdout = await traceOriginal("24.bt", /^Average: \d+ ms$/m);
  const total = expectReports(stdout);
  expect(stdout).toContain(`Slow queries: ${slow.length}\nTotal time: ${total} ms\n`);
  expect(stdout).toContain(`Average: ${Math.floor(total / slow.length)} ms\n`);
});

test.concurrent("24-: the same, by what MySQL's probes really say", async () => {
  const work: Parameters<typeof trace>[1] = async (tracer) => {
    await runQueries(workloads);
    await tracer.until("stdout", /^@slow_ms: /m);
  };
  const { stdout } = await trace("24-", work, [], { path: workloads });
  const total = expectReports(stdout);
  const average = Math.floor(total / slow.length);
  expect(stdout).toContain(`@slow_ms: { .count = ${slow.length}, .average = ${average}, .total = ${total} }\n`);
});

/** Checks what is printed of each slow query, and returns their milliseconds. */
function expectReports(stdout: string): number {
  const report = /^\d\d:\d\d:\d\d Slow query \((\d+) ms, conn_id=(\d+)\):\n {2}SQL: (.*)$/gm;
  const reports = [...stdout.matchAll(report)].map((match) => match.slice(1));
  expect(reports.map(([, id, sql]) => [Number(id), sql])).toEqual(slow.map(([id, , sql]) => [id, sql]));
  reports.forEach(([ms], index) => {
    expectNear(Number(ms), slow[index][1]);
  });
  return reports.reduce((sum, [ms]) => sum + Number(ms), 0);
}

/** A sleep lasts at least as long as it was asked for, and on a busy machine somewhat longer. */
function expectNear(ms: number, wanted: number): void {
  expect(ms).toBeGreaterThanOrEqual(wanted);
  expect(ms).toBeLessThan(wanted + 500);
}

test("11.bt: says that query__done of the real MySQL has no second argument", async () => {
  const command = [workloads, `${root}beetrace`, scriptFile("11.bt")];
  await using tracer = await RunningProcess.start(`${root}tests/mission/with-mysqld`, command);
  const { code, stderr } = await tracer.finish();
  expect(code).toBe(1);
  expect(stderr).toMatch(/11\.bt:6:\d+-\d+: ERROR: arg1: /);
});

test("every probe of a query fires once, with its arguments", async () => {
  const counting = "usdt:mysqld:mysql:* { @[probe] = count(); @rows = sum(0); }";
  const args = ["-e", counting];
  await using tracer = await RunningProcess.start(`${root}beetrace`, args, { path: workloads });
  await tracer.until("stderr", /Attached \d+ probes?\n/);
  await runQueries(workloads);
  const { stdout } = await tracer.stop("SIGINT");
  const counts = new Map([...mapValues(stdout, "@")].map(([key, count]) => [key.replace(/^.*:/, ""), count]));
  const all = queries.length;
  for (const name of ["command__start", "query__start", "query__done", "command__done", "query__parse__done"]) {
    expect({ name, count: counts.get(name) }).toEqual({ name, count: all });
  }
  expect(counts.get("query__exec__start")).toBe(all - 1);
  expect(counts.get("select__done")).toBe(2);
  expect(counts.get("update__done")).toBe(1);
  expect(counts.get("connection__start")).toBe(3);
  expect(countLines(stdout, /insert__|delete__/)).toBe(0);
});
