import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countLines, histogramTotal, mapValues } from "../tracing/output.ts";
import { RunningProcess, runToEnd } from "../tracing/process.ts";
import { traceText } from "../tracing/tracer.ts";

const bin = "/usr/lib/postgresql/15/bin";
const postgres = `${bin}/postgres`;
const isMissing = !existsSync(postgres);
const title = isMissing ? "PostgreSQL is not installed (apt-get install postgresql-15)" : "PostgreSQL 15";

/** PostgreSQL refuses to run as root. */
const asPostgres = ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"];

let folder: string;
let server: RunningProcess;

beforeAll(async () => {
  if (isMissing) return;
  folder = mkdtempSync(join(tmpdir(), "postgres."));
  chownSync(folder, Number(execFileSync("id", ["-u", "postgres"])), Number(execFileSync("id", ["-g", "postgres"])));
  const database = join(folder, "database");
  const options = ["-D", database, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  await runToEnd("setpriv", [...asPostgres, `${bin}/initdb`, ...options], { cwd: folder });
  const args = [postgres, "-D", database, "-k", folder, "-h", ""];
  server = await RunningProcess.start("setpriv", [...asPostgres, ...args], { cwd: folder });
  await server.until("stderr", /database system is ready to accept connections/);
});

afterAll(async () => {
  if (isMissing) return;
  await server.stop("SIGINT");
  rmSync(folder, { recursive: true });
});

/** Sends each query by itself, over one connection. */
async function psql(...queries: readonly string[]): Promise<void> {
  const commands = queries.flatMap((query) => ["-c", query]);
  await runToEnd(`${bin}/psql`, ["-X", "-q", "-h", folder, "-U", "postgres", ...commands]);
}

test.skipIf(isMissing)(`${title}: queries with their text, and how long they take`, async () => {
  const script = `
    usdt:${postgres}:postgresql:query__start { @start[pid] = nsecs; printf("started %s\\n", str(arg0)); }
    usdt:${postgres}:postgresql:query__done /@start[pid]/ {
      @ms = hist((uint64)(nsecs - @start[pid]) / 1000000);
      @done[str(arg0)] = count();
      delete(@start, pid);
    }`;
  const queries = [...Array(20).fill("SELECT 40 + 2"), "SELECT pg_sleep(0.05)"];
  const stdout = await traceText(script, () => psql(...queries));
  expect(countLines(stdout, /^started SELECT 40 \+ 2$/)).toBe(20);
  expect(mapValues(stdout, "@done")).toEqual(
    new Map([
      ["SELECT 40 + 2", 20],
      ["SELECT pg_sleep(0.05)", 1],
    ] as const),
  );
  expect(histogramTotal(stdout, "@ms")).toBe(21);
  expect(stdout).toMatch(/^\[(32, 64|64, 128)\) +1 \|/m);
});

test.skipIf(isMissing)(`${title}: each query is parsed, planned and executed, in a transaction`, async () => {
  const phases = ["parse", "rewrite", "plan", "execute"].flatMap((phase) => [
    `query__${phase}__start`,
    `query__${phase}__done`,
  ]);
  const names = [...phases, "transaction__start", "transaction__commit"];
  const points = names.map((name) => `usdt:${postgres}:postgresql:${name}`).join(", ");
  const stdout = await traceText(`${points} /comm == "postgres"/ { @[probe, pid] = count(); }`, () =>
    psql(...Array(7).fill("SELECT 1")),
  );
  const counts = [...mapValues(stdout, "@")].map(([key, count]) => [key.replace(/^.*:|, \d+$/g, ""), count] as const);
  // Of other processes of the server only transactions are seen; the backend is who parses.
  for (const name of phases) expect(counts).toContainEqual([name, 7]);
  for (const name of ["transaction__start", "transaction__commit"]) {
    expect(Math.max(...counts.filter(([key]) => key === name).map(([, count]) => count))).toBeGreaterThanOrEqual(7);
  }
});
