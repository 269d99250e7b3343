import { type Column, fixed } from "../columns.ts";
import { pidParams, type QueryProbes, queryProbes, withQueryProbes } from "../database.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, Plan, Tool } from "../tool.ts";

const THRESHOLD_MS = 1;
/** Of a query's text. */
const QUERY_BYTES = 256;

/** `beetrace dbslower` */
export const tool: Tool = {
  name: "dbslower",
  summary: "queries of MySQL, MariaDB and PostgreSQL that take long",
  group: "databases",
  options: [
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "these processes only; more may follow" },
    {
      long: "exe",
      letter: "x",
      argument: "PATH",
      help: "a MySQL server's program: its functions, not its static probes",
    },
    {
      long: "threshold",
      letter: "m",
      argument: "MS",
      kind: "number",
      help: `queries that take so long (default ${THRESHOLD_MS})`,
    },
  ],
  positionals: [
    { name: "db", kind: "text", help: "mysql or postgres" },
    { name: "pids", kind: "int", isMany: true, help: "behind -p PID: further processes" },
  ],
  examples: [
    ["beetrace dbslower postgres", "of PostgreSQL, 1 ms and longer"],
    ["beetrace dbslower mysql -m 30", "of MySQL or MariaDB, 30 ms and longer"],
    ["beetrace dbslower mysql -x /usr/sbin/mariadbd", "of a program, whether it runs yet or not"],
  ],
  hooks: "usdt query__start, query__done; without them uprobe and uretprobe dispatch_command",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const file = given.text("exe");
  const pids = [...given.ints("pid"), ...given.list("pids").map(Number)];
  const byFile = pids.length === 0 && file !== undefined;
  const probes = queryProbes({ engine: given.text("db") ?? "", pids, ...(byFile ? { file } : {}) }, machine);
  const thresholdMs = Number(given.text("threshold") ?? THRESHOLD_MS);
  const script = withQueryProbes(TOOL_SCRIPTS["dbslower/dbslower.bt"], probes);
  return {
    script,
    config: { max_strlen: QUERY_BYTES },
    params: { threshold: Math.round(thresholdMs * 1e6), ...pidParams(pids) },
    intro: `${given.has("verbose") ? script : ""}${byFile ? `Tracing database queries for application ${file}` : whose(probes)} slower than ${thresholdMs} ms...`,
    columns: queryColumns(),
  };
}

function whose({ pids }: QueryProbes): string {
  return `Tracing database queries for pids ${pids.join(", ")}`;
}

function queryColumns(): readonly Column[] {
  const start = process.hrtime.bigint();
  return [
    { title: "TIME(s)", field: "ns", width: -14, text: (ns) => ((Number(ns) - Number(start)) / 1e9).toFixed(6) },
    { title: "PID", field: "pid", width: -7 },
    { title: "MS", field: "latency_ns", width: 8, text: (ns) => fixed(3)(Number(ns) / 1e6) },
    { title: "QUERY", field: "query", width: 0 },
  ];
}
