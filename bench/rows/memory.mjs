import { alternate, medians } from "../statistics.mjs";
import { measureRun } from "../tracer.mjs";

const SCRIPT =
  'tracepoint:syscalls:sys_enter_openat { printf("%s %s\\n", comm, str(args->filename)); } interval:s:1 { exit(); }';

export const title = "Names of opened files printed for 1 s";

export async function run({ repetitions }) {
  const results = await alternate(repetitions, (name) => measureRun(name, SCRIPT));
  const memory = medians(results, ({ maxRssKiB }) => maxRssKiB / 1024);
  return [{ what: "most memory resident", unit: "MiB", ...memory, goal: { atMost: 0.9 } }];
}
