import type { JsonBucket } from "@beetrace/output";
import { pidParams, queryProbes, withQueryProbes } from "../database.ts";
import { pacing } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, Plan, Tool } from "../tool.ts";

/** `beetrace dbstat` */
export const tool: Tool = {
  name: "dbstat",
  summary: "how long queries of MySQL, MariaDB and PostgreSQL take, as a histogram",
  group: "databases",
  options: [
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "these processes only; more may follow" },
    { long: "threshold", letter: "m", argument: "MS", kind: "number", help: "only queries that take so long" },
    { long: "microseconds", letter: "u", help: "in microseconds" },
    { long: "interval", letter: "i", argument: "TIME", help: "show what was timed so often" },
  ],
  positionals: [
    { name: "db", kind: "text", help: "mysql or postgres" },
    { name: "pids", kind: "int", isMany: true, help: "behind -p PID: further processes" },
  ],
  examples: [
    ["beetrace dbstat postgres", "of PostgreSQL, until Ctrl-C"],
    ["beetrace dbstat mysql -u -i 1", "of MySQL or MariaDB, in microseconds, each second"],
  ],
  hooks: "usdt query__start, query__done; without them uprobe and uretprobe dispatch_command",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const pids = [...given.ints("pid"), ...given.list("pids").map(Number)];
  const probes = queryProbes({ engine: given.text("db") ?? "", pids }, machine);
  const thresholdMs = Number(given.text("threshold") ?? 0);
  const script = withQueryProbes(TOOL_SCRIPTS["dbstat/dbstat.bt"], probes);
  const [unit, divisor] = given.has("microseconds") ? ["us", 1e3] : ["ms", 1e6];
  return {
    script,
    params: {
      threshold: Math.round(thresholdMs * 1e6),
      divisor,
      ...pidParams(pids),
    },
    intro: `${given.has("verbose") ? script : ""}Tracing database queries for pids ${probes.pids.join(", ")} slower than ${thresholdMs} ms...`,
    screen: {
      maps: ["@latency"],
      ...pacing(given),
      blocks: (maps, { time }) => [
        { kind: "lines", text: `[${time}]\n` },
        ...maps("@latency").entries.map(({ value }) => ({
          kind: "histogram" as const,
          unit: `query latency (${unit})`,
          buckets: value as unknown as readonly JsonBucket[],
        })),
        { kind: "lines", text: "\n" },
      ],
    },
  };
}
