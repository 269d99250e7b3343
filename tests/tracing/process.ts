import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
/** The folder of the built workloads. */
export const workloads = `${root}.cache/workloads`;

const PATIENCE_MS = 40_000;
/** The number of read(2) and its first argument; a workload that has not begun waits in poll(2). */
const READING_STDIN = process.arch === "x64" ? /^0 0x0 / : /^63 0x0 /;
/** Debian keeps servers where a user's PATH need not look; pyenv's Python is a shell script to a tracer. */
const PATH = `/usr/sbin:/sbin:/usr/bin:/bin:${process.env.PATH ?? ""}`;

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  /** Put before PATH. */
  readonly path?: string;
}

/** A running program whose output is collected. Disposing ends it with SIGTERM and waits. */
export class RunningProcess implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<Ended>;
  readonly #command: string;
  #output = { stdout: "", stderr: "" };

  private constructor(command: string, args: readonly string[], options: StartOptions) {
    const path = options.path === undefined ? PATH : `${options.path}:${PATH}`;
    this.#command = `${command} ${args.join(" ")}`;
    this.#child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, PATH: path, TZ: "UTC" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream].setEncoding("utf8").on("data", (text: string) => {
        this.#output[stream] += text;
      });
    }
    this.#child.stdin.on("error", () => {}); // who has ended reads no more
    this.#ended = once(this.#child, "close").then(([code]) => ({ code: code as number | null, ...this.#output }));
  }

  /** Starts `command` in the repository's root. Rejects if it cannot be started. */
  static async start(command: string, args: readonly string[] = [], options: StartOptions = {}) {
    const started = new RunningProcess(command, args, options);
    await once(started.#child, "spawn");
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its name as a tracer sees it, unless it gives itself another. */
  get comm(): string {
    return basename(this.#child.spawnfile);
  }

  get output(): { readonly stdout: string; readonly stderr: string } {
    return this.#output;
  }

  /** Waits until what was written to `stream` matches. Rejects if the process ends before, or after 40 s. */
  async until(stream: "stdout" | "stderr", pattern: Pick<RegExp, "test">): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; !pattern.test(this.#output[stream]); await sleep(5)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || Date.now() > deadline) {
        throw new Error(
          `${this.#command}: no ${pattern instanceof RegExp ? pattern : "such text"} in\n${this.#output.stdout}\n${this.#output.stderr}`,
        );
      }
    }
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Closes its standard input and waits for its end. */
  async finish(): Promise<Ended> {
    this.#child.stdin.end();
    return this.#ended;
  }

  /** Sends the signal and waits for its end. */
  async stop(signal: "SIGINT" | "SIGTERM"): Promise<Ended> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
  }
}

/** Runs a program to its end. Throws with what it said unless it exits with 0. */
export async function runToEnd(command: string, args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const ended = await (await RunningProcess.start(command, args, options)).finish();
  if (ended.code !== 0) throw new Error(`${command} ${args.join(" ")}: ${ended.code}\n${ended.stderr}`);
  return ended;
}

let started = 0;

/**
 * A workload that has been started and does nothing until {@link RunningProcess.write} gives it a byte. Its `comm` is
 * its own: a script that counts by name counts no workload of another test run on the machine.
 */
export async function startWorkload(name: string, ...args: readonly (string | number)[]): Promise<RunningProcess> {
  const link = join(tmpdir(), uniqueName(name));
  symlinkSync(`${workloads}/${name}`, link);
  const workload = await RunningProcess.start(link, ["--wait", ...args.map(String)]);
  rmSync(link);
  await workload.until("stdout", /^ready$/m);
  return workload;
}

/** A name for a program, as long as the kernel keeps it at most: 15 characters. */
export function uniqueName(name: string): string {
  return `${name.slice(0, 6)}-${process.pid.toString(36)}-${(started++).toString(36)}`;
}

/** How often a process has left a processor, by the kernel's own count. */
export function switchesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const counts = [...status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)$/gm)];
  return counts.reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Waits until a process waits for something itself: its state is S. */
export async function untilAsleep(pid: number): Promise<void> {
  await untilFile(`/proc/${pid}/status`, /^State:\s+S/m);
}

/** Waits until a workload that was started with --hold has done its work and reads its standard input. */
export async function untilHeld(workload: RunningProcess): Promise<void> {
  await untilFile(`/proc/${workload.pid}/syscall`, READING_STDIN);
}

async function untilFile(path: string, pattern: RegExp): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !pattern.test(readFileSync(path, "utf8")); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`${path} does not become ${pattern}`);
  }
}
