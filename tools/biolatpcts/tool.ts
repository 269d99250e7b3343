import { diskNumbers } from "../block.ts";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type MapEntries, type Plan, type Row, type Tool, ToolError } from "../tool.ts";
import { middleOfStep, percentiles, timeText } from "./percentiles.ts";

/** `beetrace biolatpcts` */
export const tool: Tool = {
  name: "biolatpcts",
  summary: "percentiles of how long the I/O of a disk takes",
  group: "disks",
  hasNoTasks: true,
  options: [
    { long: "interval", letter: "i", argument: "SECONDS", kind: "number", help: "between two outputs; default 3" },
    {
      long: "which",
      letter: "w",
      argument: "TIME",
      help: "on-device (default), after-rq-alloc or from-rq-alloc: since when it counts",
    },
    { long: "pcts", letter: "p", argument: "PCT…", kind: "list", help: "these percentiles: 50 99 99.9" },
    { long: "json", letter: "j", help: "one JSON object a line" },
  ],
  positionals: [{ name: "device", kind: "text", isMany: true, help: "vda, or 259:0" }],
  examples: [
    ["beetrace biolatpcts vda", "every 3 seconds"],
    ["beetrace biolatpcts 259:0 -i 1 -p 50 99 99.9", "every second, these percentiles"],
    ["beetrace biolatpcts vda -w after-rq-alloc", "with the time in queues"],
  ],
  hooks: "raw tracepoints block_rq_complete, and block_rq_issue for the time on the device",
  plan,
};

const DEFAULT_PERCENTAGES = [1, 5, 10, 16, 25, 50, 75, 84, 90, 95, 99, 100];

/** In the order of the table, with the numbers that requests have: REQ_OP_* of include/linux/blk_types.h. */
const KINDS = [
  ["read", 0],
  ["write", 1],
  ["discard", 3],
  ["flush", 2],
] as const;

function plan(given: Given, machine: Machine): Plan {
  const { device, percentages } = readWords(given);
  const seconds = Number(given.text("interval") ?? 3);
  if (seconds <= 0) throw new ToolError("--interval has to be more than 0");
  return {
    script: TOOL_SCRIPTS["biolatpcts/biolatpcts.bt"] + probes(given.text("which") ?? "on-device", machine),
    params: diskNumbers(device),
    screen: {
      maps: ["@times"],
      intervalMs: seconds * 1000,
      blocks: (maps) => [table(device, percentages, maps("@times"))],
    },
  };
}

/** Percentiles may follow `-p` as words of their own: those are the numbers among the words. */
function readWords(given: Given): { device: string; percentages: readonly number[] } {
  const words = given.list("device");
  const isNumber = (word: string) => /^\d+(\.\d+)?$/.test(word);
  const devices = words.filter((word) => !isNumber(word));
  if (devices.length !== 1) throw new ToolError("biolatpcts needs one device", "beetrace biolatpcts vda");
  const asked = [...given.list("pcts").flatMap((list) => list.split(",")), ...words.filter(isNumber)];
  const wrong = asked.find((word) => !isNumber(word) || Number(word) > 100);
  if (wrong !== undefined) throw new ToolError(`--pcts: '${wrong}' is not a percentage`);
  const percentages = asked.length === 0 ? DEFAULT_PERCENTAGES : asked.map(Number).sort((a, b) => a - b);
  return { device: devices[0], percentages };
}

function probes(which: string, machine: Machine): string {
  if (which === "on-device") return `\n${TOOL_SCRIPTS["biolatpcts/on-device.bt"]}`;
  const fields: Readonly<Record<string, string>> = {
    "after-rq-alloc": "start_time_ns",
    "from-rq-alloc": "alloc_time_ns",
  };
  const field = fields[which];
  if (field === undefined)
    throw new ToolError(`--which: '${which}' is none of on-device, after-rq-alloc, from-rq-alloc`);
  if (!machine.hasField("request", field))
    throw new ToolError(
      "this kernel does not note when a request is asked for",
      "CONFIG_BLK_RQ_ALLOC_TIME makes it so",
    );
  return `\n${TOOL_SCRIPTS["biolatpcts/since-allocation.bt"].replace("FIELD", field)}`;
}

function table(device: string, percentages: readonly number[], { entries }: MapEntries): Block {
  const times = (kind: number) =>
    entries
      .map(({ key, value }) => ({ key: key as readonly [number, number], count: Number(value) }))
      .filter(({ key }) => key[0] === kind)
      .sort((a, b) => a.key[1] - b.key[1])
      .map(({ key, count }) => ({ seconds: middleOfStep(key[1]), count }));
  const found = KINDS.map(([name, kind]) => ({ name, seconds: percentiles(times(kind), percentages) }));
  const titles = percentages.map((percentage) => `p${percentage}`);
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(7)}${cells.map((cell, index) => ` ${cell.padStart(Math.max(5, titles[index].length))}`).join("")}\n`;
  const rows = found.map(({ name, seconds }) => line(name, seconds.map(timeText)));
  const record: Row = Object.fromEntries(
    found.map(({ name, seconds }) => [
      name,
      Object.fromEntries(percentages.map((percentage, index) => [String(percentage), seconds[index]])),
    ]),
  );
  return { kind: "lines", text: `\n${line(device, titles)}${rows.join("")}`, rows: [record] };
}
