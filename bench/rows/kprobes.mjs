import { existsSync, readFileSync } from "node:fs";
import { alternate, medians } from "../statistics.mjs";
import { measureRun } from "../tracer.mjs";

export const title = "1,000 kernel functions: to attach kprobes to them and to let them go (kernels with kprobes only)";

const FUNCTIONS = 1000;
/** Families of functions that are traced often; together they are more than enough. */
const PREFIXES = ["tcp_", "udp_", "sock_", "vfs_", "ext4_", "blk_", "ip_", "inet_", "skb_", "mm_", "page_", "file_"];

export async function run({ repetitions }) {
  if (!existsSync("/sys/bus/event_source/devices/kprobe")) return [];
  const names = functions();
  const script = `${names.map((name) => `kprobe:${name}`).join(",\n")} { @ = count(); }\ninterval:ms:1 { exit(); }`;
  const environment = { BPFTRACE_MAX_PROBES: "4096", BPFTRACE_MAX_BPF_PROGS: "4096" };
  const results = await alternate(repetitions, (name) => measureRun(name, script, { environment }));
  return [
    {
      what: `${names.length} functions`,
      unit: "ms",
      ...medians(results, ({ wallMs }) => wallMs),
      goal: { atMost: 0.1 },
    },
  ];
}

/** The first of them that can be traced. */
function functions() {
  const all = readFileSync("/sys/kernel/tracing/available_filter_functions", "utf8").split("\n");
  const wanted = all.filter((line) => /^\w+$/.test(line) && PREFIXES.some((prefix) => line.startsWith(prefix)));
  return [...new Set(wanted)].slice(0, FUNCTIONS);
}
