import { readFileSync, truncateSync } from "node:fs";
import { alternate, medians } from "../statistics.mjs";
import { Tracer } from "../tracer.mjs";
import { runWorkload } from "../workloads.mjs";

const SCRIPT = 'tracepoint:syscalls:sys_enter_getppid { printf("%d %d %s %llu\\n", pid, tid, comm, nsecs); }';
const FULL_SPEED_CALLS = 2_000_000;
const FIRST_RATE = 40_000;
const STEP = 1.25;
/** So many steps in a row without a new best end the search: other work on the machine spoils some of them. */
const FAILED_STEPS = 3;
/** Pushes out what is still in a buffer of the tracer, as it is more than such a buffer holds. */
const FILLER = ["calls", 4_000, 20_000];

export const title = "printf of four fields";

/** Output is written when much has gathered, in both: it goes to a file. */
export async function run({ repetitions }) {
  const results = await alternate(repetitions, measure);
  const figure = (what, unit, field, goal) => ({ what, unit, ...medians(results, (each) => each[field]), goal });
  return [
    figure("most per second without loss", "/s", "lossless", { atLeast: 3 }),
    figure("delivered at full speed", "/s", "delivered", { atLeast: 3 }),
    figure("  of those sent", "%", "deliveredPercent"),
    figure("  tracer's processor time per million", "s", "cpuPerMillion", { atMost: 1 / 3 }),
  ];
}

async function measure(name) {
  const tracer = await Tracer.start(name, SCRIPT, ["-B", "full"]);
  try {
    await send(tracer, 50_000, 50_000); // compiles what is hot
    const lossless = await losslessRate(tracer);
    const { calls, delivered, allSeconds, cpuNs } = await send(tracer, FULL_SPEED_CALLS, 0);
    return {
      lossless,
      delivered: delivered / allSeconds,
      deliveredPercent: (100 * delivered) / calls,
      cpuPerMillion: (cpuNs * 1e-9 * 1e6) / delivered,
    };
  } finally {
    await tracer.stop();
  }
}

/** Asks for more and more for a second each; gives the highest rate at which calls were made and none lost. */
async function losslessRate(tracer) {
  let [best, failed] = [0, 0];
  for (let rate = FIRST_RATE; failed < FAILED_STEPS; rate = Math.round(rate * STEP)) {
    const { calls, delivered, seconds } = await send(tracer, rate, rate);
    const reached = delivered === calls ? calls / seconds : 0;
    failed = reached > best ? 0 : failed + 1;
    best = Math.max(best, reached);
  }
  return best;
}

/**
 * Makes the calls and counts the lines of them that were written. `seconds` is what the calls took, `allSeconds` is until
 * the tracer, too, was done.
 */
async function send(tracer, count, perSecond) {
  truncateSync(tracer.output);
  const [cpuBefore, start] = [tracer.cpuNs(), performance.now()];
  const { pid, calls, wallNs } = await runWorkload(["calls", count, perSecond]);
  const allSeconds = ((await tracer.settle()) - start) / 1000;
  const cpuNs = tracer.cpuNs() - cpuBefore;
  await runWorkload(FILLER);
  await tracer.settle();
  return { calls, seconds: wallNs * 1e-9, allSeconds, cpuNs, delivered: linesOf(readFileSync(tracer.output), pid) };
}

/** How many lines begin with this number and a space. */
function linesOf(bytes, pid) {
  const start = Buffer.from(`\n${pid} `);
  let count = bytes.subarray(0, start.length - 1).equals(start.subarray(1)) ? 1 : 0;
  for (let at = bytes.indexOf(start); at >= 0; at = bytes.indexOf(start, at + 1)) count++;
  return count;
}
