import { alternate, medians } from "../statistics.mjs";
import { measureRun } from "../tracer.mjs";

const SECONDS = 2;
const SCRIPT = `tracepoint:syscalls:sys_enter_* { @[probe] = count(); } interval:s:${SECONDS} { exit(); }`;

export const title = `All system calls counted for ${SECONDS} s`;

/** Once or twice: each run of bpftrace takes half a minute. */
export async function run({ repetitions }) {
  const results = await alternate(Math.ceil(repetitions / 3), (name) => measureRun(name, SCRIPT));
  const beyond = medians(results, ({ wallMs }) => wallMs - SECONDS * 1000);
  return [{ what: `wall time beyond the ${SECONDS} s`, unit: "ms", ...beyond, goal: { atMost: 0.02 } }];
}
