/** The two tools, and a running tracer of either. */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runWorkload } from "./workloads.mjs";

/** Ours and the one it is compared with. BEETRACE_BENCH_OURS and BEETRACE_BENCH_PEER name other commands. */
export const TOOLS = {
  ours: process.env.BEETRACE_BENCH_OURS ?? resolve(import.meta.dirname, "../beetrace"),
  peer: process.env.BEETRACE_BENCH_PEER ?? "bpftrace",
};

const NOTIFY = "__BPFTRACE_NOTIFY_PROBES_ATTACHED";
/** Both say so when all probes are attached; and both get the same length of strings, the default of bpftrace 0.17. */
const ENVIRONMENT = { ...process.env, [NOTIFY]: "1", BPFTRACE_STRLEN: "64", BPFTRACE_MAX_STRLEN: "64" };
const ATTACH_TIMEOUT_MS = 60_000;
const POLL_MS = 10;
/** A tracer that uses less than this between two looks is idle; both wake up now and then. */
const BUSY_NS = 0.1 * POLL_MS * 1e6;
const QUIET_MS = 250;
const SIGNAL_AGAIN_MS = 5000;

const live = new Set();
process.on("exit", () => {
  for (const tracer of live) tracer.abandon();
});

/** Runs a script to its own end: `{ wallMs, cpuMs, maxRssKiB }`. `name` is `ours` or `peer`. */
export async function measureRun(name, script, { environment = {} } = {}) {
  return await runWorkload(["measure", TOOLS[name], "-e", script], { ...ENVIRONMENT, ...environment });
}

/** A script while it runs. Made by {@link Tracer.start}; to be ended by {@link Tracer.stop}. */
export class Tracer {
  /** A file in memory that its output goes to, and one for its messages: nobody needs processor time to read them. */
  output;
  #messages;
  #folder;
  #child;
  #ended;
  #isPeer;

  /** Resolves when all probes are attached. */
  static async start(name, script, options = []) {
    const tracer = new Tracer(name, [...options, "-e", script]);
    try {
      await tracer.#attached();
    } catch (error) {
      await tracer.stop();
      throw error;
    }
    return tracer;
  }

  constructor(name, args) {
    this.#isPeer = name === "peer";
    this.#folder = mkdtempSync(join(isFolder("/dev/shm") ? "/dev/shm" : tmpdir(), "beetrace-bench-"));
    this.output = join(this.#folder, "output");
    this.#messages = join(this.#folder, "messages");
    const [output, messages] = [openSync(this.output, "a"), openSync(this.#messages, "a")];
    this.#child = spawn(TOOLS[name], args, { stdio: ["ignore", output, messages], env: ENVIRONMENT });
    live.add(this);
    closeSync(output);
    closeSync(messages);
    this.#ended = new Promise((done, failed) => this.#child.on("exit", done).on("error", failed));
  }

  get pid() {
    return this.#child.pid;
  }

  async #attached() {
    const deadline = Date.now() + ATTACH_TIMEOUT_MS;
    while (![this.output, this.#messages].some((path) => readFileSync(path, "latin1").includes(NOTIFY))) {
      if (this.#child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${this.#child.spawnargs.join(" ")} did not attach: ${readFileSync(this.#messages, "utf8")}`);
      }
      await pause(POLL_MS);
    }
  }

  /** `{ runTimeNs, runs }` of all its programs so far. Only counted while the kernel's bpf_stats_enabled is 1. */
  programTimes() {
    const programs = new Map();
    for (const fd of readdirSync(`/proc/${this.pid}/fdinfo`)) {
      const info = fdInfo(this.pid, fd);
      if (info.has("run_time_ns")) programs.set(info.get("prog_id"), info); // one may be open several times
    }
    const sum = (field) => [...programs.values()].reduce((total, info) => total + Number(info.get(field)), 0);
    return { runTimeNs: sum("run_time_ns"), runs: sum("run_cnt") };
  }

  /** Processor time of all its threads so far. */
  cpuNs() {
    const threads = readdirSync(`/proc/${this.pid}/task`);
    return threads.reduce((sum, thread) => sum + Number(schedstat(this.pid, thread).split(" ")[0]), 0);
  }

  /** Resolves when it has had nothing to do for a while: all events are handled. Gives when it last had (`performance.now()`). */
  async settle() {
    let [cpuNs, busyAt] = [this.cpuNs(), performance.now()];
    while (performance.now() - busyAt < QUIET_MS) {
      await pause(POLL_MS);
      const now = this.cpuNs();
      if (now - cpuNs > BUSY_NS) busyAt = performance.now();
      cpuNs = now;
    }
    return busyAt;
  }

  /**
   * Ends it as a user would, and waits: one that is killed leaves probes behind. bpftrace 0.17 stays if the signal comes
   * while it is not waiting for events, so it gets another one; to ours a second one would be a kill.
   */
  async stop() {
    this.#child.kill("SIGINT");
    const again = setInterval(() => this.#isPeer && this.#child.kill("SIGINT"), SIGNAL_AGAIN_MS);
    await this.#ended;
    clearInterval(again);
    live.delete(this);
    rmSync(this.#folder, { recursive: true });
  }

  /** The same without waiting, for when this process ends. */
  abandon() {
    this.#child.kill("SIGINT");
    rmSync(this.#folder, { recursive: true });
  }
}

function fdInfo(pid, fd) {
  try {
    const lines = readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8").trim().split("\n");
    return new Map(lines.map((line) => line.split(/:\s*/, 2)));
  } catch {
    return new Map(); // closed meanwhile
  }
}

function schedstat(pid, thread) {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8");
  } catch {
    return "0"; // ended meanwhile
  }
}

function isFolder(path) {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Resolves after so many milliseconds. */
export function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
