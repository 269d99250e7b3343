import { alternate, medians } from "../statistics.mjs";
import { measureRun } from "../tracer.mjs";

const SCRIPT = "BEGIN { exit(); }";

export const title = "A script that does nothing, from the command to its end";

export async function run({ repetitions }) {
  const results = await alternate(2 * repetitions + 1, (name) => measureRun(name, SCRIPT));
  return [
    { what: "wall time", unit: "ms", ...medians(results, ({ wallMs }) => wallMs), goal: { atMost: 0.4 } },
    { what: "processor time", unit: "ms", ...medians(results, ({ cpuMs }) => cpuMs) },
  ];
}
