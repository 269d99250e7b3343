import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { openHandles } from "@beetrace/ebpf";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { run } from "./compile-and-run.ts";
import type { RunOptions } from "./run-options.ts";

/** `called N`: N times main > outer > inner, each by itself or (`fork`) in a child; all end at once. `wait`: after a byte of input. */
const SOURCE = `
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#define target __attribute__((noinline))
static volatile int total;
target void inner(void) { total++; getppid(); total++; }
target static void outer(void) { inner(); total++; }
int main(int argc, char **argv) {
  char byte;
  for (int at = 2; at < argc; at++) if (!strcmp(argv[at], "wait")) total = read(0, &byte, 1);
  for (int i = 0; i < atoi(argv[1]); i++) {
    if (argc == 2 || strcmp(argv[2], "fork")) { outer(); continue; }
    pid_t child = fork();
    if (child == 0) { outer(); _exit(0); }
    waitpid(child, NULL, 0);
  }
}
`;
const FLAGS = ["-O1", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-w", "-x", "c", "-"];

let directory: string;
let program: string;
let fixed: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "ended-"));
  program = join(directory, "called");
  fixed = join(directory, "fixed");
  execFileSync("gcc", ["-o", program, ...FLAGS], { input: SOURCE });
  execFileSync("gcc", ["-static", "-no-pie", "-o", fixed, ...FLAGS], { input: SOURCE });
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => {
  expect(openHandles()).toEqual([]);
});

let runs = 0;

/** Runs a script in this process to its end, which is that of its command, or a signal once `during` has passed. */
async function trace(source: string, options: Partial<RunOptions>, during?: () => unknown): Promise<string> {
  const [outPath, errPath] = [join(directory, `out-${runs}`), join(directory, `err-${runs++}`)];
  const [outFd, errFd] = [openSync(outPath, "w"), openSync(errPath, "w")];
  try {
    const running = run({ source, sourceName: "stdin", outFd, errFd, ...options });
    if (during !== undefined) {
      while (!/^(Attached|ERROR)/m.test(readFileSync(errPath, "utf8"))) await after(5);
      await during();
      process.kill(process.pid, "SIGTERM");
    }
    expect(await running).toBe(0);
    expect(readFileSync(errPath, "utf8")).toMatch(/^Attached \d probes?\n$/);
    return readFileSync(outPath, "utf8");
  } finally {
    closeSync(outFd);
    closeSync(errFd);
  }
}

const stack = (path: string) => `uprobe:${path}:inner { @[ustack(3)] = count(); }`;
const STACK = /^@\[\n {8}inner\+0\n {8}outer\+\d+\n {8}main\+\d+\n\]: (\d+)$/gm;

/** How often the stack was printed with all of its names, and the sum of its counts. */
function named(out: string): { stacks: number; calls: number } {
  expect(out).not.toContain("0x");
  const counts = [...out.matchAll(STACK)].map((match) => Number(match[1]));
  return { stacks: counts.length, calls: counts.reduce((sum, count) => sum + count, 0) };
}

describe("stacks of a command that ends at once", () => {
  it("are named", async () => {
    expect(named(await trace(stack(program), { command: `${program} 7` }))).toEqual({ stacks: 1, calls: 7 });
  });

  it("are named where it is at fixed addresses", async () => {
    expect(named(await trace(stack(fixed), { command: `${fixed} 7` }))).toEqual({ stacks: 1, calls: 7 });
  });

  it("are named when it becomes another program", async () => {
    expect(named(await trace(stack(program), { command: `sh -c 'exec ${program} 2'` }))).toEqual({
      stacks: 1,
      calls: 2,
    });
  });

  it("are named in Python and its children", async () => {
    const code = "import os; os.getppid(); os.fork() or os.getppid()";
    const source = "uprobe:libc:getppid { @[ustack(perf, 1), comm] = count(); }";
    const out = await trace(source, { command: `/usr/bin/python3.11 -S -c '${code}'` });
    expect(out.match(/\t[0-9a-f]+ getppid\+0 \(\/\S*libc\.so\.6\)\n, python3\.11\]: 1\n/g)?.length).toBe(1);
  });
});

describe("stacks of processes that come and go", () => {
  it("are named", async () => {
    const out = await trace(stack(program), {}, () => {
      for (let i = 0; i < 30; i++) execFileSync(program, ["2"]);
    });
    expect(named(out)).toEqual({ stacks: 30, calls: 60 });
  });

  it("are named in children of children", async () => {
    const source = `config = { show_debug_info = 0 }
      tracepoint:syscalls:sys_enter_getppid / comm == "called" / { @[ustack(3)] = count(); }`;
    const out = await trace(source, {}, () => execFileSync("sh", ["-c", `${program} 3 fork; exec ${program} 2`]));
    // A system call's stub has no frame: whoever called it does not show.
    const counts = [...out.matchAll(/\[\n {8}getppid\+\d+\n {8}outer\+\d+\n {8}main\+\d+\n\]: (\d)$/gm)];
    expect(counts.map((match) => match[1])).toEqual(["1", "1", "1", "2"]);
  });

  it("are named where they fork and execute nothing", async () => {
    const out = await trace(stack(program), {}, () => execFileSync(program, ["20", "fork"]));
    expect(named(out)).toEqual({ stacks: 20, calls: 20 });
  });

  it("are named where the parent ran before", async () => {
    const parent = spawn(program, ["5", "fork", "wait"], { stdio: ["pipe", "ignore", "inherit"] });
    const out = await trace(stack(program), {}, async () => {
      parent.stdin.end("\n");
      await once(parent, "exit");
    });
    expect(named(out)).toEqual({ stacks: 5, calls: 5 });
  });

  it("are named in a process that ran before", async () => {
    const before = spawn(program, ["4", "wait"], { stdio: ["pipe", "ignore", "inherit"] });
    const out = await trace(stack(program), {}, async () => {
      await after(1500); // the processes of the machine are read a few at a time
      before.stdin.end("\n");
      await once(before, "exit");
    });
    expect(named(out)).toEqual({ stacks: 1, calls: 4 });
  });

  it("are named in the process of -p", async () => {
    const traced = spawn(program, ["4", "wait"], { stdio: ["pipe", "ignore", "inherit"] });
    await after(100); // until it has its libraries
    const tracing = trace(stack(program), { pid: traced.pid, quiet: false }, async () => {
      traced.stdin.end("\n");
      await once(traced, "exit");
    });
    expect(named(await tracing)).toEqual({ stacks: 1, calls: 4 });
  });

  it("are named when the program's file is gone, too", async () => {
    const copy = join(directory, "copy");
    copyFileSync(program, copy);
    const out = await trace(stack(copy), {}, async () => {
      execFileSync(copy, ["3"]);
      await after(400);
      unlinkSync(copy);
    });
    expect(named(out)).toEqual({ stacks: 1, calls: 3 });
  });

  it("are named when they are shown at once", async () => {
    const source = `uprobe:${program}:inner { printf("%s", ustack(3)); }`;
    const out = await trace(source, {}, async () => {
      execFileSync(program, ["2"]);
      await after(200);
    });
    expect(out.match(/ {8}inner\+0\n {8}outer\+\d+\n {8}main\+\d+\n/g)?.length).toBe(2);
  });
});

describe("a probe without a target", () => {
  it("means the program of the command", async () => {
    const out = await trace("uprobe:inner { @[probe] = count(); }", { command: `${program} 6` });
    expect(out).toBe(`\n\n@[uprobe:${program}:inner]: 6\n`);
  });

  it("means the interpreter where the command is a script", async () => {
    const script = join(directory, "script");
    writeFileSync(script, `#!${program} 3\n`, { mode: 0o755 });
    const out = await trace("uprobe:inner { @ = count(); }", { command: script });
    expect(out).toBe("\n\n@: 3\n");
  });
});
