import type { Block } from "../blocks.ts";
import type { Column } from "../columns.ts";
import { functionProbe } from "../function-probe.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { MapEntries, Tool } from "../tool.ts";
import { commColumn } from "../units.ts";

/** What reads from swap: mm/page_io.c, where swap_readpage() became swap_read_folio() in Linux 6.9. */
const FUNCTIONS = ["swap_read_folio", "swap_readpage"];

/** `beetrace swapin` */
export const tool: Tool = {
  name: "swapin",
  summary: "what is read back from swap, by process",
  group: "memory",
  options: [{ long: "notime", letter: "T", help: "no time above each output" }],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace swapin", "every second"],
    ["beetrace swapin 10 6", "six times ten seconds'"],
  ],
  hooks: "fentry, else kprobe of swap_read_folio or swap_readpage",
  plan: (given, machine) => ({
    script: TOOL_SCRIPTS["swapin/swapin.bt"].replace("FUNCTION", functionProbe(FUNCTIONS, machine)),
    intro: "Counting swap ins. Ctrl-C to end.",
    screen: {
      maps: ["@reads"],
      ...intervalAndOutputs(given, 1),
      blocks: (maps, { time, isLast }) => [
        { kind: "lines", text: given.has("notime") ? "" : `${time}\n` },
        table(maps("@reads")),
        { kind: "lines", text: isLast ? "\nDetaching...\n" : "\n" },
      ],
    },
  }),
};

const COLUMNS: readonly Column[] = [
  commColumn(16),
  { title: "PID", field: "pid", width: -7 },
  { title: "COUNT", field: "count", width: 0 },
];

/** The most frequent comes last. */
function table({ entries }: MapEntries): Block {
  const rows = entries
    .map(({ key, value }) => {
      const [pid, comm] = key as readonly [number, string];
      return { comm, pid, count: Number(value) };
    })
    .sort((a, b) => a.count - b.count);
  return { kind: "table", columns: COLUMNS, rows };
}
