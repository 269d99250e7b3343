import { afterAll, beforeAll, expect, test } from "vitest";
import { compileDispatcher, HAS_POSTGRES, type PostgresServer, startPostgres } from "../database-workload.ts";
import { runTool } from "../testing.ts";

const title = HAS_POSTGRES ? "PostgreSQL" : "PostgreSQL is not installed (apt-get install postgresql-15)";

let server: PostgresServer | undefined;
beforeAll(async () => {
  if (HAS_POSTGRES) server = await startPostgres();
});
afterAll(() => server?.[Symbol.asyncDispose]());

test.skipIf(!HAS_POSTGRES)(`${title}: slow queries with their text, of connections that come later too`, async () => {
  const queries = [...Array(10).fill("SELECT pg_sleep(0.03)"), ...Array(30).fill("SELECT 40 + 2")];
  const { rows } = await runTool("dbslower", ["postgres", "-m", "20", "--json"], server?.psql(...queries));
  expect(rows.map(({ query }) => query)).toEqual(Array(10).fill("SELECT pg_sleep(0.03)"));
  for (const row of rows) {
    expect(Number(row.latency_ns) / 1e6).toBeGreaterThan(30);
    expect(Number(row.latency_ns) / 1e6).toBeLessThan(60);
  }
  const all = await runTool("dbslower", ["postgres", "-m", "0", "--json"], server?.psql(...queries));
  expect(all.rows).toHaveLength(40);
});

test.skipIf(!HAS_POSTGRES)(`${title}: of some processes, in columns`, async () => {
  const { lines } = await runTool("dbslower", ["postgres"], server?.psql("SELECT pg_sleep(0.01)"));
  expect(lines[0]).toMatch(/^Tracing database queries for pids [\d, ]+ slower than 1 ms\.\.\.$/);
  expect(lines[1]).toBe("TIME(s)        PID           MS QUERY");
  expect(lines[2]).toMatch(/^\d+\.\d{6} +\d+ +1\d\.\d{3} SELECT pg_sleep\(0\.01\)$/);
  const other = await runTool(
    "dbslower",
    ["postgres", "-p", String(server?.pid), String(server?.pid), "--json"],
    server?.psql("SELECT pg_sleep(0.01)"),
  );
  expect(other.rows).toEqual([]);
});

test.each(["mariadb", "mysql"] as const)("a server without static probes, as of %s", async (kind) => {
  using dispatcher = compileDispatcher(kind);
  const { rows, lines } = await runTool(
    "dbslower",
    ["mysql", "-x", dispatcher.path, "-m", "40", "--json"],
    dispatcher.command("10"),
  );
  expect(rows.map(({ query }) => query)).toEqual(Array(10).fill("SELECT slow"));
  expect(lines).toHaveLength(10);
});

test("what cannot be", async () => {
  const refusal = async (...argv: string[]) => (await runTool("dbslower", argv)).text;
  expect(await refusal("oracle")).toContain("there is no database 'oracle' here, but mysql and postgres");
  expect(await refusal("postgres", "-x", "/bin/true")).toContain("/bin/true has no static probes");
  expect(await refusal("mysql", "-x", "/bin/true")).toContain("neither static probes nor a function dispatch_command");
});
