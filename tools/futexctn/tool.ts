import type { JsonBucket, JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs, spaceAbove } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { type Frames, missedNotice, stackField, stackLines } from "../stacks.ts";
import { type Given, type MapEntries, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace futexctn` */
export const tool: Tool = {
  name: "futexctn",
  summary: "how long threads wait for locks of user space: futexes",
  group: "scheduler",
  options: [
    { long: "pid", letter: "p", argument: "PID", kind: "ints", help: "this process only" },
    { long: "tid", letter: "t", argument: "TID", kind: "ints", help: "this thread only" },
    { long: "lock", letter: "l", argument: "ADDRESS", help: "this lock only, in hexadecimal: 0x8187bb8" },
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "milliseconds", letter: "m", help: "in milliseconds" },
    { long: "summary", letter: "s", help: "each process and lock once, without stacks" },
    ...STACK_SIZE_OPTIONS,
    { long: "verbose", letter: "v", help: "frames with addresses, offsets and files; what each probe cost" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace futexctn", "until Ctrl-C"],
    ["beetrace futexctn -mT 1", "each second's, in milliseconds, with the time"],
    ["beetrace futexctn -s -p 181", "the locks of a process"],
    ["beetrace futexctn -l 0x8187bb8", "a lock"],
  ],
  hooks: "tracepoints syscalls:sys_enter_futex, syscalls:sys_exit_futex",
  hasHistograms: true,
  plan,
};

function plan(given: Given): Plan {
  const unit = given.has("milliseconds") ? "msecs" : "usecs";
  return {
    script: TOOL_SCRIPTS["futexctn/futexctn.bt"],
    params: {
      divisor: unit === "msecs" ? 1_000_000 : 1000,
      summary: given.has("summary"),
      lock: lockOf(given),
    },
    config: stackSettings(given),
    screen: {
      maps: ["@latency", "@times", "@most", "@least"],
      ...intervalAndOutputs(given),
      blocks: (maps, moment) => {
        const all = contentions(maps);
        const notice: Block = { kind: "notice", text: missedNotice(all.map(({ user }) => user)) };
        return [spaceAbove(given, moment), ...all.flatMap((each) => blocks(each, unit, given)), notice];
      },
    },
  };
}

function lockOf(given: Given): string {
  const text = given.text("lock");
  if (text === undefined) return "0";
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(text)?.[1];
  if (digits === undefined) throw new ToolError(`--lock: '${text}' is not an address`, "write 0x8187bb8");
  return String(BigInt.asIntN(64, BigInt(`0x${digits}`)));
}

/** What was waited for a lock: by a thread at a place, or by a process. */
interface Contention {
  readonly pid: number;
  readonly tid?: number;
  readonly comm: string;
  readonly lock: number | string;
  readonly user?: Frames;
  readonly buckets: readonly JsonBucket[];
  readonly count: number;
  readonly average: number;
  readonly most: number;
  readonly least: number;
}

/** The one with the longest time in all at the end. */
function contentions(maps: (name: string) => MapEntries): readonly Contention[] {
  const by = (name: string) => {
    const values = new Map(maps(name).entries.map(({ key, value }) => [JSON.stringify(key), value]));
    return (key: JsonValue) => values.get(JSON.stringify(key)) ?? 0;
  };
  const [times, most, least] = [by("@times"), by("@most"), by("@least")];
  return maps("@latency")
    .entries.map(({ key, value }) => {
      const { count, total } = times(key) as { count: number; total: number };
      return {
        ...(key as unknown as Pick<Contention, "pid" | "tid" | "comm" | "lock" | "user">),
        buckets: value as unknown as readonly JsonBucket[],
        count: Number(count),
        average: Math.floor(Number(total) / Number(count)),
        most: Number(most(key)),
        least: Number(least(key)),
      };
    })
    .sort((a, b) => a.count * a.average - b.count * b.average);
}

function blocks(contention: Contention, unit: string, given: Given): readonly Block[] {
  const { pid, tid, comm, lock, user, buckets, count, average, most, least } = contention;
  const address = `0x${BigInt(lock).toString(16)}`;
  const title = `${comm}[${tid ?? pid}] lock ${address} contended ${count} times, ${average} avg ${unit}`;
  const stack = user === undefined ? "" : `    -\n${frames(user, given.has("verbose"))}    -\n`;
  const of = {
    pid,
    ...(tid === undefined ? {} : { tid }),
    comm,
    lock: address,
    ...(user === undefined ? {} : { user_stack: stackField(user, "user") }),
  };
  return [
    {
      kind: "lines",
      text: `\n\n${title} [max: ${most} ${unit}, min ${least} ${unit}]\n${stack}`,
      rows: [{ ...of, unit, count, average, most, least }],
    },
    { kind: "histogram", unit, buckets, of },
  ];
}

function frames(user: Frames, isVerbose: boolean): string {
  let number = 0;
  return stackLines(user, "user", { offset: isVerbose, module: isVerbose }, (text, frame) => {
    const place =
      isVerbose && frame ? `#${String(number++).padEnd(2)} 0x${frame.address.slice(2).padStart(16, "0")} ` : "";
    return `    ${place}${text}\n`;
  });
}
