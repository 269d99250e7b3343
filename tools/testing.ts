/** For tests of tools: programs that do something known, and runs of a tool while they do it. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "./tool.ts";

export type { Row } from "./tool.ts";

const BEETRACE = fileURLToPath(new URL("../beetrace", import.meta.url));

/** A program that was compiled for a test. */
export interface Workload extends Disposable {
  /** What it is called, also as a task. */
  readonly name: string;
  readonly path: string;
  /** The command line that runs it. */
  command(...argv: string[]): readonly string[];
}

/** Compiles C; `flags` follow the source file's name. Names of tasks have 15 characters. */
export function compileWorkload(name: string, source: string, ...flags: string[]): Workload {
  const folder = mkdtempSync(join(tmpdir(), "tool-"));
  const path = join(folder, name);
  execFileSync("gcc", ["-O1", "-x", "c", "-o", path, "-", ...flags], { input: source });
  return {
    name,
    path,
    command: (...argv) => [path, ...argv],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** A program that runs beside a tool. */
export interface Running extends Disposable {
  readonly pid: number;
}

/** Starts a program; it is ended when it is disposed of. */
export function start([file, ...argv]: readonly string[]): Running {
  const child = spawn(file, argv, { stdio: "ignore" });
  if (child.pid === undefined) throw new Error(`${file} cannot be started`);
  return { pid: child.pid, [Symbol.dispose]: () => child.kill("SIGKILL") };
}

/** What a tool printed. */
export interface ToolRun {
  readonly stdout: string;
  /** Of standard error, without the line that says how many probes there are. */
  readonly text: string;
  readonly lines: readonly string[];
  /** Lines that are JSON. */
  readonly rows: readonly Row[];
  readonly code: number | null;
  /** What the workload printed. */
  readonly workload: string;
}

/**
 * Runs a tool until the workload has ended, or until the tool ends by itself where there is none. `under` is a command
 * that runs the one behind it, and passes SIGINT on.
 */
export async function runTool(
  tool: string,
  argv: readonly string[],
  workload?: readonly string[],
  under: readonly string[] = [],
): Promise<ToolRun> {
  const [file, ...rest] = [...under, BEETRACE, tool, ...argv];
  const child = spawn(file, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, __BPFTRACE_NOTIFY_PROBES_ATTACHED: "1" },
  });
  let stdout = "";
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      if (stdout.includes(ATTACHED)) resolve();
    });
    ended.then(() => resolve());
  });
  let printed = "";
  if (workload !== undefined) {
    printed = await finished(workload);
    child.kill("SIGINT");
  }
  const code = await ended;
  stdout = stdout.replace(ATTACHED, "");
  const lines = stdout.split("\n").slice(0, -1);
  const rows = lines.filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as Row);
  return { stdout, text, lines, rows, code, workload: printed };
}

const ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED\n";

/** Runs a program to its end; gives what it printed. */
function finished([file, ...argv]: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, argv, { stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.on("error", reject);
    child.on("close", () => resolve(stdout));
  });
}
