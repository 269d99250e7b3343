import { readFileSync } from "node:fs";
import { readTime } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

/** `beetrace vfscount` */
export const tool: Tool = {
  name: "vfscount",
  summary: "which functions of the file system layer are called, and how often",
  group: "files",
  options: [],
  positionals: [{ name: "time", kind: "number", help: "so many seconds; default until Ctrl-C" }],
  examples: [
    ["beetrace vfscount", "until Ctrl-C"],
    ["beetrace vfscount 5", "five seconds"],
  ],
  hooks: "kprobe vfs_*, else fentry",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const time = given.text("time");
  return {
    script: TOOL_SCRIPTS["vfscount/vfscount.bt"].replace("CALL:", hook(machine)),
    intro: "Tracing... Ctrl-C to end.",
    ...(time === undefined ? {} : { durationMs: readTime(time, "time") }),
    screen: {
      maps: ["@counts"],
      blocks: (maps) => [
        { kind: "lines", text: "\n" },
        {
          kind: "table",
          columns: [
            { title: "ADDR", field: "address", width: -16 },
            { title: "FUNC", field: "func", width: -26 },
            { title: "COUNT", field: "count", width: 8 },
          ],
          rows: rows(maps("@counts")),
        },
      ],
    },
  };
}

/** One program is attached to all of them by kprobes, many by fentry. */
function hook(machine: Machine): string {
  if (machine.hasKprobe("vfs_read")) return "kprobe:";
  if (machine.hasFentry("vfs_read")) return "fentry:vmlinux:";
  throw new ToolError(
    "vfscount needs kprobes or fentry, which this kernel has not",
    "beetrace vfsstat does without them",
  );
}

function rows({ entries }: MapEntries): readonly Row[] {
  const addresses = addressesOf(new Set(entries.map(({ key }) => String(key))));
  return entries
    .map(({ key, value }) => ({ address: addresses.get(String(key)) ?? "", func: String(key), count: Number(value) }))
    .sort((a, b) => a.count - b.count);
}

/** Of functions of the kernel, as /proc/kallsyms has them. */
function addressesOf(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  for (const line of readFileSync("/proc/kallsyms", "latin1").split("\n")) {
    const [address = "", , name = ""] = line.split(/[ \t]/);
    if (names.has(name)) addresses.set(name, address);
  }
  return addresses;
}
