import type { Block } from "../blocks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_FILE_OPTIONS, type StackFiles, stackFileBlocks, stackFiles } from "../stack-files.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { missedNotice, type Space, stackField, stackLines } from "../stacks.ts";
import { checkExclusive } from "../task-stacks.ts";
import { type Given, type Machine, type MapEntries, type Moment, type Plan, type Tool, ToolError } from "../tool.ts";
import { allocatorFile } from "./allocator-file.ts";
import { type Allocation, allocations, byStack, type HeldByStack } from "./held.ts";

const INTERVAL_S = 5;
const OLDER_MS = 500;
const TOP = 10;
const PAGE_BYTES = 4096;

/** `beetrace memleak` */
export const tool: Tool = {
  name: "memleak",
  summary: "memory that was not given back, by who took it",
  group: "memory",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process; without it, the kernel" },
    { long: "command", letter: "c", argument: "COMMAND", help: "run this command and trace it" },
    { long: "trace", letter: "t", help: "each allocation and each release, as they come" },
    { long: "show-allocs", letter: "a", help: "each address and its size too" },
    { long: "older", letter: "o", argument: "MS", kind: "int", help: `only what is older (default ${OLDER_MS})` },
    { long: "combined-only", letter: "C", help: "of any age" },
    {
      long: "wa-missing-free",
      letter: "F",
      help: "has no effect: an address that is taken again counts once in any case",
    },
    { long: "sample-rate", letter: "s", argument: "N", kind: "int", help: "about one allocation in N" },
    { long: "top", letter: "T", argument: "N", kind: "int", help: `so many stacks (default ${TOP})` },
    { long: "min-size", letter: "z", argument: "BYTES", kind: "int", help: "only allocations of this size or more" },
    { long: "max-size", letter: "Z", argument: "BYTES", kind: "int", help: "only allocations of this size or less" },
    { long: "obj", letter: "O", argument: "OBJECT", help: "whose allocator: a path, or a library (default c)" },
    { long: "percpu", letter: "P", help: "the kernel's memory for each processor" },
    { long: "sort", argument: "KEY", help: "by size (default) or by count" },
    { long: "symbols-prefix", letter: "S", argument: "TEXT", help: "what the allocator's functions begin with: je_" },
    ...STACK_SIZE_OPTIONS,
    ...STACK_FILE_OPTIONS,
  ],
  positionals: [
    { name: "interval", kind: "number", help: `seconds between two outputs (default ${INTERVAL_S})` },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace memleak -p 181", "a process, each five seconds"],
    ["beetrace memleak -p 181 -o 60000 60", "only what is older than a minute"],
    ["beetrace memleak -c './server --once'", "what a command never freed"],
    ["beetrace memleak", "the kernel"],
  ],
  hooks: "functions of the C library, and when they return; tracepoints kmem:* and percpu:* for the kernel",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  checkExclusive(given, "pid", "command");
  checkExclusive(given, "combined-only", "show-allocs");
  const view = viewOf(given);
  const interval = given.int("interval") ?? INTERVAL_S;
  const isKernel = view.space === "kernel";
  return {
    ...subjectOf(given, machine),
    params: {
      min: given.int("min-size") ?? 0,
      max: given.int("max-size") ?? -1,
      sample: given.int("sample-rate") ?? 1,
      trace: given.has("trace"),
      ...(isKernel ? {} : { return_bytes: process.arch === "x64" ? 8 : 0 }),
      ...(isKernel && !given.has("percpu") ? { page: PAGE_BYTES } : {}),
    },
    config: { ...stackSettings(given), missing_probes: "ignore" },
    ...(given.has("trace")
      ? { columns: TRACE_COLUMNS }
      : {
          screen: {
            maps: [],
            reads: ["@held", "@began"],
            ...(view.files === undefined ? { intervalMs: interval * 1000 } : {}),
            ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
            blocks: (maps: (name: string) => MapEntries, moment: Moment) => blocksOf(maps, moment, view),
          },
        }),
  };
}

const TRACE_COLUMNS = [
  { title: "COMM", field: "comm", width: -16 },
  { title: "PID", field: "pid", width: -7 },
  { title: "TID", field: "tid", width: -7 },
  { title: "EVENT", field: "event", width: -5 },
  { title: "SIZE", field: "size", width: 10 },
  {
    title: "ADDRESS",
    field: "address",
    width: 0,
    text: (address: unknown) => `0x${BigInt(String(address)).toString(16)}`,
  },
];

/** What is traced: a process, a command, the kernel. */
function subjectOf(given: Given, machine: Machine): Pick<Plan, "script" | "intro" | "pid" | "command"> {
  const object = given.text("obj") ?? "c";
  const prefix = given.text("symbols-prefix") ?? "";
  const script = (file: string) => TOOL_SCRIPTS["memleak/programs.bt"].replaceAll("libc:", `${file}:${prefix}`);
  const pid = given.int("pid");
  if (pid !== undefined)
    return { script: script(allocatorFile(pid, object)), pid, intro: `Attaching to pid ${pid}, Ctrl+C to quit.` };
  const command = given.text("command");
  if (command !== undefined) {
    const intro = `Executing '${command}' and tracing the resulting process.`;
    return { script: script(object.includes("/") ? object : `lib${object}`), command, intro };
  }
  if (!machine.hasTracepoint("kmem", "kmalloc")) throw new ToolError("the kernel has no tracepoint kmem:kmalloc");
  const name = given.has("percpu") ? "percpu" : "kernel";
  return { script: TOOL_SCRIPTS[`memleak/${name}.bt`], intro: "Attaching to kernel allocators, Ctrl+C to quit." };
}

/** How allocations are shown. */
interface View {
  readonly space: Space;
  readonly olderMs: number;
  /** At the end of a command all is old: it is never freed. */
  readonly endsOld: boolean;
  readonly combined: boolean;
  readonly lists: boolean;
  readonly sort: "size" | "count";
  readonly top: number;
  readonly files: StackFiles | undefined;
}

function viewOf(given: Given): View {
  const sort = given.text("sort") ?? "size";
  if (sort !== "size" && sort !== "count") throw new ToolError(`--sort: '${sort}' is neither size nor count`);
  const [least, most] = [given.int("min-size"), given.int("max-size")];
  if (least !== undefined && most !== undefined && least > most)
    throw new ToolError("--min-size is greater than --max-size");
  return {
    space: given.has("pid") || given.has("command") ? "user" : "kernel",
    olderMs: given.has("combined-only") ? 0 : (given.int("older") ?? OLDER_MS),
    endsOld: given.has("command") && !given.has("older"),
    combined: given.has("combined-only"),
    lists: given.has("show-allocs"),
    sort,
    top: given.int("top") ?? TOP,
    files: stackFiles(given),
  };
}

function blocksOf(maps: (name: string) => MapEntries, { time, isLast, elapsedMs }: Moment, view: View): Block[] {
  const now = Number(process.hrtime.bigint());
  const began = Number(maps("@began").entries[0]?.value ?? 0);
  const until = isLast && view.endsOld ? now : now - view.olderMs * 1e6;
  const held = allocations(maps("@held"), began, until);
  const notice: Block = { kind: "notice", text: missedNotice([...new Set(held.map(({ stack }) => stack))]) };
  if (view.files !== undefined) return [...stackFileBlocks(view.files, profileOf(held, view.space, elapsedMs)), notice];
  const stacks = byStack(held, view.sort, view.top);
  const text = [
    `[${time}] Top ${view.top} stacks with outstanding allocations:\n`,
    ...(view.lists ? held.map(({ address, size }) => `\taddr = ${address.toString(16)} size = ${size}\n`) : []),
    ...stacks.map((stack) => stackText(stack, view)),
  ].join("");
  const rows = view.lists
    ? held.map(({ address, size, stack }) => ({
        address: `0x${address.toString(16)}`,
        bytes: size,
        stack: stackField(stack, view.space),
      }))
    : stacks.map(({ stack, bytes, count }) => ({ bytes, count, stack: stackField(stack, view.space) }));
  return [{ kind: "lines", text, rows }, notice];
}

function stackText({ stack, bytes, count }: HeldByStack, { space, combined }: View): string {
  const frames = stackLines(stack, space, { offset: true, module: true }, (text, frame) =>
    frame === undefined || combined ? `\t\t${text}\n` : `\t\t0x${frame.address.slice(2).padStart(16, "0")}\t${text}\n`,
  );
  return `\t${bytes} bytes in ${count} allocations from stack\n${frames}`;
}

function profileOf(held: readonly Allocation[], space: Space, elapsedMs: number) {
  return {
    title: "memleak",
    unit: "bytes",
    elapsedMs,
    measures: [
      { type: "inuse_objects", unit: "count" },
      { type: "inuse_space", unit: "bytes" },
    ],
    pictured: 1,
    stacks: byStack(held, "size", Number.POSITIVE_INFINITY).map(({ stack, bytes, count }) => ({
      roots: [],
      spaces: [{ kind: space, frames: stack }],
      values: [count, bytes],
    })),
  } as const;
}
