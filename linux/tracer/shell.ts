import { spawnSync } from "node:child_process";

/**
 * Runs a command by `sh -c` and waits for it; gives what it wrote to its stdout. Both are byte text, but Node passes
 * arguments as UTF-8: bytes of the command that are none become U+FFFD.
 */
export function shellOutput(command: string): string {
  const { stdout } = spawnSync("/bin/sh", ["-c", Buffer.from(command, "latin1").toString("utf8")], {
    stdio: ["inherit", "pipe", "inherit"],
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  return stdout?.toString("latin1") ?? "";
}
