import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GuestCase, GuestKernel } from "./cases.ts";

/** What a case did in the guest. `exitCode` is 124 when its time was up. */
export interface GuestResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** One boot: the results by the case's name, and why those that are missing are missing. */
export interface GuestRun {
  readonly results: ReadonlyMap<string, GuestResult>;
  /** Empty, or what tests/guest/run said on standard error. */
  readonly complaint: string;
}

/** What a guest is. */
export interface GuestMachine {
  /** Its processors are NUMA nodes and have frequencies. */
  readonly server: boolean;
}

/** A line of tests/guest/run-cases. */
interface ReportLine {
  readonly index: number;
  readonly exitCode: number;
  readonly durationMs: number;
  readonly stdoutBase64: string;
  readonly stderrBase64: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const bootSeconds = 120;
const defaultCaseSeconds = 60;

/**
 * Boots `kernel` once and runs `cases` in it one after the other. A guest that dies half-way still yields the results
 * of the cases before.
 */
export async function runInGuest(
  kernel: GuestKernel,
  cases: readonly GuestCase[],
  { server }: GuestMachine,
): Promise<GuestRun> {
  const cache = join(root, ".cache/guest");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "cases."));
  try {
    const seconds = writeCases(folder, cases);
    const command = `tests/guest/run-cases '${folder}'`;
    const options = [
      "--kernel",
      kernel,
      "--timeout",
      String(bootSeconds + seconds),
      ...(server ? ["--numa", "--frequencies"] : []),
    ];
    const output = await run([...options, command]);
    return { results: readReport(output.stdout, cases), complaint: output.stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Writes a script for each case and the list of them, and returns the seconds they may take together. */
function writeCases(folder: string, cases: readonly GuestCase[]): number {
  const seconds = cases.map((guestCase) => guestCase.timeoutSeconds ?? defaultCaseSeconds);
  cases.forEach((guestCase, index) => {
    writeFileSync(join(folder, `${index}.sh`), guestCase.command);
  });
  writeFileSync(join(folder, "list"), seconds.map((limit, index) => `${index} ${limit}\n`).join(""));
  return seconds.reduce((sum, limit) => sum + limit, 0);
}

function run(options: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, "tests/guest/run"), options, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", () => resolve({ stdout: String(Buffer.concat(stdout)), stderr: String(Buffer.concat(stderr)) }));
  });
}

/** The last line is cut off if the guest died in the middle of it. */
function readReport(report: string, cases: readonly GuestCase[]): Map<string, GuestResult> {
  const results = new Map<string, GuestResult>();
  for (const line of report.split("\n").slice(0, -1)) {
    const { index, exitCode, durationMs, stdoutBase64, stderrBase64 } = JSON.parse(line) as ReportLine;
    const stdout = Buffer.from(stdoutBase64, "base64").toString();
    const stderr = Buffer.from(stderrBase64, "base64").toString();
    const guestCase = cases[index];
    if (guestCase !== undefined) results.set(guestCase.name, { exitCode, durationMs, stdout, stderr });
  }
  return results;
}
