/** A script in the kernel, and in Debian's bpftrace. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { runInKernel } from "../conformance/kernel-run.ts";
import { asCase } from "./vm.ts";

/** A program is more than the verifier follows. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** What a script prints when the kernel runs it. Throws {@link LoadError}, and an Error for what else is refused. */
export async function stdoutInKernel(program: string): Promise<string> {
  const { errors, stderr, stdout } = await runInKernel(asCase(program));
  if (/too (large|complex)/.test(stderr)) throw new LoadError(stderr);
  if (errors.length > 0 || stderr.includes("ERROR"))
    throw new Error(`refused: ${errors.join("; ")}${stderr}\n${program}`);
  return stdout;
}

const BPFTRACE = "/usr/bin/bpftrace";
const TIMEOUT_MS = 60_000;

/** Whether there is a bpftrace to compare with. */
export const hasBpftrace = existsSync(BPFTRACE);

/** What a script prints in bpftrace 0.17. Throws {@link LoadError}, and an Error for what it refuses by itself. */
export function stdoutInBpftrace(program: string): string {
  const { stdout, stderr, status } = spawnSync(BPFTRACE, ["-q", "-e", program], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    maxBuffer: 1 << 26,
    env: { PATH: process.env.PATH, BPFTRACE_LOG_SIZE: "100000000" },
  });
  if (/Error loading program|too large/i.test(stderr)) throw new LoadError(stderr);
  if (status !== 0) throw new Error(`bpftrace: ${stderr}\n${program}`);
  return stdout;
}
