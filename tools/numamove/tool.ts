import { TOOL_SCRIPTS } from "../scripts.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";
import { INTERVAL_AND_COUNT, intervalMs } from "../top.ts";

/** `beetrace numamove` */
export const tool: Tool = {
  name: "numamove",
  summary: "pages that are moved to the NUMA node which uses them",
  group: "memory",
  options: [],
  positionals: INTERVAL_AND_COUNT,
  examples: [
    ["beetrace numamove", "every second"],
    ["beetrace numamove 10 6", "six times ten seconds'"],
    ["beetrace numamove --pid 1234", "moved by a process"],
  ],
  hooks: "tracepoint migrate:mm_migrate_pages_start, migrate:mm_migrate_pages",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  if (!machine.hasTracepoint("migrate", "mm_migrate_pages_start"))
    throw new ToolError(
      "this kernel does not tell when pages are migrated",
      "it takes CONFIG_MIGRATION and Linux 5.17",
    );
  return {
    script: TOOL_SCRIPTS["numamove/numamove.bt"],
    columns: [
      clockColumn(-10),
      { title: "NUMA_migrations", field: "migrations", width: 18 },
      { title: "NUMA_migrations_ms", field: "migrations_ms", width: 18 },
    ],
    screen: {
      maps: ["@migrations", "@ns"],
      intervalMs: intervalMs(given),
      ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
      blocks: (maps) => {
        const migrations_ms = Math.floor(only(maps("@ns")) / 1e6);
        return [{ kind: "rows", rows: [{ migrations: only(maps("@migrations")), migrations_ms }] }];
      },
    },
  };
}

/** The value of a map without keys; 0 where there is none yet. */
function only({ entries }: MapEntries): number {
  return Number(entries[0]?.value ?? 0);
}
