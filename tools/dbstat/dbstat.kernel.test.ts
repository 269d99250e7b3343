import { afterAll, beforeAll, expect, test } from "vitest";
import { HAS_POSTGRES, type PostgresServer, startPostgres } from "../database-workload.ts";
import { type Row, runTool } from "../testing.ts";

const title = HAS_POSTGRES ? "PostgreSQL" : "PostgreSQL is not installed (apt-get install postgresql-15)";

let server: PostgresServer | undefined;
beforeAll(async () => {
  if (HAS_POSTGRES) server = await startPostgres();
});
afterAll(() => server?.[Symbol.asyncDispose]());

const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test.skipIf(!HAS_POSTGRES)(`${title}: each query once, in milliseconds or microseconds`, async () => {
  const queries = [...Array(8).fill("SELECT pg_sleep(0.04)"), ...Array(50).fill("SELECT 1")];
  const ms = await runTool("dbstat", ["postgres", "--json"], server?.psql(...queries));
  expect(total(ms.rows)).toBe(58);
  expect(ms.rows.find(({ min }) => min === 32)).toMatchObject({ unit: "query latency (ms)", max: 63 });
  expect(total(ms.rows.filter(({ min }) => Number(min) >= 32))).toBe(8);
  const slow = await runTool("dbstat", ["postgres", "-u", "-m", "20", "--json"], server?.psql(...queries));
  expect(total(slow.rows.filter(({ min }) => Number(min) >= 32768))).toBe(8);
  expect(total(slow.rows)).toBe(8);
});

test.skipIf(!HAS_POSTGRES)(`${title}: as text`, async () => {
  const { lines } = await runTool("dbstat", ["postgres"], server?.psql("SELECT pg_sleep(0.01)"));
  expect(lines[0]).toMatch(/^Tracing database queries for pids [\d, ]+ slower than 0 ms\.\.\.$/);
  expect(lines[1]).toMatch(/^\[\d\d:\d\d:\d\d\]$/);
  expect(lines[2]).toBe("     query latency (ms)  : count     distribution");
  expect(lines.at(-2)).toMatch(/^ {9}8 -> 15 {9}: 1 {8}\|\*{40}\|$/);
});
