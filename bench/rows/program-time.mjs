import { readFileSync, writeFileSync } from "node:fs";
import { alternate, geometricMean, medians } from "../statistics.mjs";
import { Tracer } from "../tracer.mjs";
import { runWorkload } from "../workloads.mjs";

const STATS = "/proc/sys/kernel/bpf_stats_enabled";
const CALLS = ["calls", 200_000];
const OPENS = ["opens", 100_000, "/etc/hostname"];
const ENTER = "tracepoint:syscalls:sys_enter_getppid";
const EXIT = "tracepoint:syscalls:sys_exit_getppid";
const OPEN = "tracepoint:syscalls:sys_enter_openat";

/** Each script with its workload. `events` tells how many events a run of it was, if not the calls it made. */
const SCRIPTS = [
  { what: "count by comm", workload: CALLS, script: `${ENTER} { @[comm] = count(); }` },
  { what: "count by pid and comm", workload: CALLS, script: `${ENTER} { @[pid, comm] = count(); }` },
  { what: "sum by tid", workload: CALLS, script: `${EXIT} { @[tid] = sum(args->ret); }` },
  {
    what: "hist of latency",
    workload: CALLS,
    script: `${ENTER} { @start[tid] = nsecs; }
      ${EXIT} /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }`,
  },
  { what: "lhist", workload: CALLS, script: `${EXIT} { @ = lhist(args->ret, 0, 100000, 1000); }` },
  { what: "count by file name", workload: OPENS, script: `${OPEN} { @[str(args->filename)] = count(); }` },
  // At a rate at which neither loses events: a lost one is cheap.
  {
    what: "printf of file name",
    workload: ["opens", 20_000, "/etc/hostname", 20_000],
    isPaced: true,
    script: `${OPEN} { printf("%s\\n", str(args->filename)); }`,
  },
  { what: "count by kstack", workload: CALLS, script: `${ENTER} { @[kstack] = count(); }` },
  { what: "count by ustack", workload: CALLS, script: `${ENTER} { @[ustack] = count(); }` },
  { what: "avg and stats", workload: CALLS, script: `${EXIT} { @avg = avg(args->ret); @stats = stats(args->ret); }` },
  {
    what: "start and delete",
    workload: CALLS,
    script: `${ENTER} { @start[tid] = 1; } ${EXIT} { delete(@start[tid]); }`,
  },
  { what: "filter, never true", workload: CALLS, script: `${ENTER} /pid == 1/ { @ = count(); }` },
  {
    what: "hist of time on CPU",
    workload: ["switches", 50_000],
    events: ({ runs }) => runs,
    script: `tracepoint:sched:sched_switch {
      $since = @on[args->prev_pid];
      if ($since) { @ns = hist(nsecs - $since); delete(@on[args->prev_pid]); }
      @on[args->next_pid] = nsecs;
    }`,
  },
];

export const title = "Kernel time of the programs, per event";

export async function run({ repetitions }) {
  const restore = enableStats();
  try {
    const figures = [];
    for (const each of SCRIPTS) figures.push(...(await figuresOf(each, repetitions)));
    const goals = figures.filter(({ goal }) => goal);
    const mean = (pick) => geometricMean(goals.map(pick));
    const means = { ours: mean(({ ours }) => ours), peer: mean(({ peer }) => peer) };
    return [...figures, { what: "geometric mean", unit: "ns", ...means, goal: { atMost: 1 } }];
  } finally {
    restore();
  }
}

/** Has the kernel measure programs, until what it gives is called or this process exits: it makes each run slower. */
function enableStats() {
  const before = readFileSync(STATS, "latin1");
  const restore = () => writeFileSync(STATS, before);
  writeFileSync(STATS, "1");
  process.on("exit", restore);
  return restore;
}

async function figuresOf({ what, workload, isPaced, ...rest }, repetitions) {
  const results = await alternate(repetitions, (name) => measure(name, { what, workload, ...rest }));
  const program = { what, unit: "ns", ...medians(results, ({ programNs }) => programNs), goal: { atMost: 1.2 } };
  if (isPaced) return [program];
  // What the traced process pays in all: the call itself, the kernel's way to the programs, and the programs.
  const call = { what: `  ${workload[0]}: time of a call`, unit: "ns", ...medians(results, ({ callNs }) => callNs) };
  return [program, call];
}

async function measure(name, { what, workload, script, events = ({ calls }) => calls }) {
  const tracer = await Tracer.start(name, script);
  try {
    const [program, count, ...rest] = workload;
    await runWorkload([program, Math.ceil(count / 20), ...rest]); // maps and caches are filled
    const start = tracer.programTimes();
    const { calls, cpuNs } = await runWorkload(workload);
    const end = tracer.programTimes();
    const runs = end.runs - start.runs;
    if (runs < calls) throw new Error(`${what}, ${name}: ${runs} runs for ${calls} calls`);
    return { programNs: (end.runTimeNs - start.runTimeNs) / events({ calls, runs }), callNs: cpuNs / calls };
  } finally {
    await tracer.stop();
  }
}
