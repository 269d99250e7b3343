import type { JsonBucket } from "@beetrace/output";
import { DISK_OPTION, diskParams } from "../block.ts";
import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { type Frames, missedNotice, stackField, stackLines } from "../stacks.ts";
import type { Given, Machine, MapEntries, Plan, Tool } from "../tool.ts";

const KEYS_MAX = 10240;

/** `beetrace biostacks` */
export const tool: Tool = {
  name: "biostacks",
  summary: "how long block I/O takes, by the stack that made it",
  group: "disks",
  options: [
    DISK_OPTION,
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    ...STACK_SIZE_OPTIONS,
    { long: "verbose", letter: "v", help: "say more: what each probe cost" },
  ],
  positionals: [{ name: "duration", kind: "number", help: "end after so many seconds" }],
  examples: [
    ["beetrace biostacks", "all disks, until Ctrl-C"],
    ["beetrace biostacks -m 10", "for ten seconds, in milliseconds"],
    ["beetrace biostacks -d vda --name postgres", "of one disk and some tasks"],
  ],
  hooks:
    "raw tracepoints block_io_start, block_io_done; before Linux 6.5 block_getrq, block_rq_issue, block_rq_complete",
  hasHistograms: true,
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  const seconds = given.int("duration");
  return {
    // Linux 6.5 has the tracepoint.
    script: TOOL_SCRIPTS[machine.hasTracepoint("block", "block_io_start") ? "biostacks/io.bt" : "biostacks/bios.bt"],
    params: { divisor: unit === "msecs" ? 1_000_000 : 1000, ...diskParams(given) },
    config: { max_map_keys: KEYS_MAX, ...stackSettings(given) },
    intro: "Tracing block I/O with init stacks. Hit Ctrl-C to end.",
    ...(seconds === undefined ? {} : { durationMs: seconds * 1000 }),
    screen: {
      maps: ["@latency"],
      blocks: (maps) => {
        const makers = makersOf(maps("@latency"));
        const notice: Block = { kind: "notice", text: missedNotice(makers.map(({ kernel }) => kernel)) };
        return [...makers.flatMap((maker) => blocks(maker, unit)), notice];
      },
    },
  };
}

/** Who made requests, and where. */
interface Maker {
  readonly pid: number;
  readonly tid: number;
  readonly comm: string;
  readonly disk: string;
  readonly kernel: Frames;
  readonly buckets: readonly JsonBucket[];
}

/** Who has made the most, at the end. */
function makersOf({ entries }: MapEntries): readonly Maker[] {
  const requests = ({ buckets }: Maker) => buckets.reduce((sum, { count }) => sum + Number(count), 0);
  return entries
    .map(({ key, value }) => ({
      ...(key as unknown as Omit<Maker, "buckets">),
      buckets: value as unknown as readonly JsonBucket[],
    }))
    .sort((a, b) => requests(a) - requests(b));
}

function blocks({ pid, tid, comm, disk, kernel, buckets }: Maker, unit: string): readonly Block[] {
  const title = `${comm.slice(0, 14).padEnd(14)} ${String(tid).padEnd(6)} ${disk.padEnd(7)}\n`;
  return [
    { kind: "lines", text: title + stackLines(kernel, "kernel", {}, (text) => `${text}\n`) },
    {
      kind: "histogram",
      unit,
      buckets,
      of: { comm, pid, tid, disk, kernel_stack: stackField(kernel, "kernel") },
    },
    { kind: "lines", text: "\n" },
  ];
}
