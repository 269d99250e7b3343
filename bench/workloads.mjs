/** The workloads, compiled when they are out of date, and runs of them. */
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { resolve } from "node:path";

const SOURCES = resolve(import.meta.dirname, "workloads");
const BUILT = resolve(import.meta.dirname, "../.cache/bench");
// Frame pointers, for user stacks.
const FLAGS = ["-std=gnu17", "-O1", "-fno-omit-frame-pointer", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE"];

/** Compiles all workloads that are older than a source. Needs gcc. */
export function buildWorkloads() {
  mkdirSync(BUILT, { recursive: true });
  const headers = readdirSync(SOURCES).filter((name) => name.endsWith(".h"));
  for (const source of readdirSync(SOURCES).filter((name) => name.endsWith(".c"))) {
    const output = workloadPath(source.slice(0, -2));
    if ([source, ...headers].every((input) => changedAt(resolve(SOURCES, input)) < changedAt(output))) continue;
    execFileSync("gcc", [...FLAGS, resolve(SOURCES, source), "-o", output], { stdio: "inherit" });
  }
}

/** Where the compiled workload is. */
export function workloadPath(name) {
  return resolve(BUILT, name);
}

/**
 * Runs `[name, argument…]` to its end. Gives what it printed, `{ calls, wallNs, cpuNs }` (of `measure`: see there), and its
 * `pid`. What it says on stderr is told only if it fails.
 */
export async function runWorkload([name, ...args], env = process.env) {
  const child = spawn(workloadPath(name), args.map(String), { stdio: ["ignore", "pipe", "pipe"], env });
  const [output, messages] = [child.stdout, child.stderr].map(gather);
  const status = await new Promise((done, failed) => child.on("close", done).on("error", failed));
  if (status !== 0) throw new Error(`${name} ${args.join(" ")} ended with status ${status}: ${messages.join("")}`);
  return { pid: child.pid, ...JSON.parse(output.join("")) };
}

/** The pieces of text that come, as they come. */
function gather(stream) {
  const pieces = [];
  stream.setEncoding("utf8").on("data", (text) => pieces.push(text));
  return pieces;
}

function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
