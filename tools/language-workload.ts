/** For tests of tools of languages: programs that wait until the tool follows them. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./testing.ts";

/** Debian's Python. */
export const PYTHON = "/usr/bin/python3.11";
/** Debian's Ruby. */
export const RUBY = "/usr/bin/ruby3.1";
/** Debian's PHP. */
export const PHP = "/usr/bin/php8.2";
/** The folder of Debian's Java. */
export const JDK = "/usr/lib/jvm/java-17-openjdk-amd64/bin";

/** The title of a test that needs a file, and whether it has to be skipped. */
export function needs(file: string, name: string, debianPackage: string): { isMissing: boolean; title: string } {
  const isMissing = !existsSync(file);
  return { isMissing, title: isMissing ? `${name} is not installed (apt-get install ${debianPackage})` : name };
}

/** A program that has come to its wait. */
export interface Waiting extends Disposable {
  readonly pid: number;
  /** Runs it to its end: the command of a workload. */
  readonly release: readonly string[];
}

/**
 * Starts a program of which the source is in the file `name`. Its two last arguments are a file that it makes when it is
 * ready, and one that it waits for.
 */
export async function startWaiting(
  command: (source: string, folder: string) => readonly string[],
  name: string,
  source: string,
): Promise<Waiting> {
  const folder = mkdtempSync(join(tmpdir(), "language-"));
  const [path, ready, go] = [name, "ready", "go"].map((file) => join(folder, file));
  writeFileSync(path, source);
  const program = start([...command(path, folder), ready, go]);
  for (let turn = 0; turn < 3000 && !existsSync(ready); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    pid: program.pid,
    release: ["sh", "-c", `touch ${go}; while kill -0 ${program.pid} 2>/dev/null; do sleep 0.01; done`],
    [Symbol.dispose]: () => {
      program[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The beginning of such programs. */
export const WAIT = {
  python: `import os, sys, time
open(sys.argv[1], "w").close()
while not os.path.exists(sys.argv[2]): time.sleep(0.01)
`,
  ruby: `File.write(ARGV[0], "")
sleep 0.01 until File.exist?(ARGV[1])
`,
  php: `<?php
touch($argv[1]);
while (!file_exists($argv[2])) { usleep(10000); clearstatcache(); }
`,
  node: `const fs = require("fs");
fs.writeFileSync(process.argv[2], "");
while (!fs.existsSync(process.argv[3])) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
`,
  java: `new java.io.File(argv[0]).createNewFile();
    java.io.File go = new java.io.File(argv[1]);
    while (!go.exists()) Thread.sleep(10);
`,
  c: `fclose(fopen(argv[1], "w"));
  while (access(argv[2], F_OK)) usleep(10000);
`,
} as const;
