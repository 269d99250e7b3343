import type { Column, Row } from "../columns.ts";
import { functionProbe } from "../function-probe.ts";
import { INTERVAL_AND_OUTPUTS, intervalAndOutputs } from "../pacing.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import type { Given, Machine, MapEntries, Plan, Tool } from "../tool.ts";

/** `beetrace virtiostat` */
export const tool: Tool = {
  name: "virtiostat",
  summary: "what goes through the queues of virtio devices",
  group: "kernel",
  hasNoTasks: true,
  options: [
    { long: "timestamp", letter: "T", help: "the time above each output" },
    { long: "driver", letter: "d", argument: "NAME", help: "devices of this driver only: virtio_blk" },
    { long: "devname", letter: "n", argument: "NAME", help: "this device only: virtio0" },
    { long: "debug", letter: "D", help: "print the script first" },
  ],
  positionals: INTERVAL_AND_OUTPUTS,
  examples: [
    ["beetrace virtiostat", "every 3 seconds"],
    ["beetrace virtiostat 1 10", "ten times a second's"],
    ["beetrace virtiostat -d virtio_net", "of network devices"],
  ],
  hooks: "fentry, else kprobe of virtqueue_add_sgs, virtqueue_add_outbuf, virtqueue_add_inbuf, virtqueue_add_inbuf_ctx",
  plan,
};

/** The functions that put buffers into queues (drivers/virtio/virtio_ring.c), and what each does. */
const FUNCTIONS = [
  ["virtqueue_add_sgs", "adds_both(@names, @in_lists, @in_bytes, @out_lists, @out_bytes, QUEUE, LISTS, OUT, IN)"],
  ["virtqueue_add_outbuf", "adds_out(@names, @out_lists, @out_bytes, QUEUE, LIST)"],
  ["virtqueue_add_inbuf", "adds_in(@names, @in_lists, @in_bytes, QUEUE, LIST)"],
  ["virtqueue_add_inbuf_ctx", "adds_in(@names, @in_lists, @in_bytes, QUEUE, LIST)"],
] as const;

/** Their parameters: where each is, and its type. */
const PARAMETERS: Readonly<Record<string, readonly [index: number, type: string]>> = {
  QUEUE: [0, "struct virtqueue *"],
  LISTS: [1, "struct scatterlist **"],
  LIST: [1, "struct scatterlist *"],
  OUT: [2, "uint32"],
  IN: [3, "uint32"],
};

function plan(given: Given, machine: Machine): Plan {
  const script = `${TOOL_SCRIPTS["virtiostat/virtiostat.bt"]}${FUNCTIONS.map(([name, action]) => probe(name, action, machine)).join("")}`;
  return {
    script,
    params: {
      ...(given.has("driver") ? { driver: given.text("driver") ?? "" } : {}),
      ...(given.has("devname") ? { device: given.text("devname") ?? "" } : {}),
    },
    intro: `${given.has("debug") ? script : ""}Tracing virtio devices statistics ... Hit Ctrl-C to end.`,
    screen: {
      maps: ["@in_lists", "@in_bytes", "@out_lists", "@out_bytes"],
      reads: ["@names"],
      ...intervalAndOutputs(given, 3),
      blocks: (maps, { time }) => [
        { kind: "lines", text: given.has("timestamp") ? `${time}\n` : "--------\n" },
        { kind: "table", columns: COLUMNS, rows: rows(maps) },
      ],
    },
  };
}

function probe(name: string, action: string, machine: Machine): string {
  // Through BTF no program reads an array of pointers among the arguments.
  const byBreakpoint = action.includes("LISTS") && machine.hasKprobe(name);
  const attached = byBreakpoint ? `kprobe:${name}` : functionProbe([name], machine);
  const parameters = attached.startsWith("fentry") ? machine.parameters(name) : undefined;
  const body = action.replace(/[A-Z]+/g, (word) => {
    const [index, type] = PARAMETERS[word];
    return parameters ? `args.${parameters[index]}` : `(${type})arg${index}`;
  });
  return `\n${attached}\n{\n  ${body};\n}\n`;
}

const COLUMNS: readonly Column[] = [
  { title: "Driver", field: "driver", width: 14 },
  { title: "Device", field: "device", width: 8 },
  { title: "VQ Name", field: "queue", width: 10 },
  { title: "In SGs", field: "in_sgs", width: 7 },
  { title: "Out SGs", field: "out_sgs", width: 7 },
  { title: "In BW", field: "in_bytes", width: 14 },
  { title: "Out BW", field: "out_bytes", width: 14 },
];

/** By device, the queues of each in the order of their names; those that were idle are left out. */
function rows(maps: (name: string) => MapEntries): readonly Row[] {
  const numbers = (name: string) => new Map(maps(name).entries.map(({ key, value }) => [String(key), Number(value)]));
  const [inLists, inBytes, outLists, outBytes] = ["@in_lists", "@in_bytes", "@out_lists", "@out_bytes"].map(numbers);
  return maps("@names")
    .entries.map(({ key, value }) => {
      const [driver, device, queue] = value as readonly [string, string, string];
      const of = (map: ReadonlyMap<string, number>) => map.get(String(key)) ?? 0;
      return {
        driver,
        device,
        queue,
        in_sgs: of(inLists),
        out_sgs: of(outLists),
        in_bytes: of(inBytes),
        out_bytes: of(outBytes),
      };
    })
    .filter(({ in_sgs, out_sgs }) => in_sgs + out_sgs > 0)
    .sort((a, b) => (`${a.device} ${a.queue}` < `${b.device} ${b.queue}` ? -1 : 1));
}
