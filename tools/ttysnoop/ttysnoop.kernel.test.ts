import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/**
 * Without arguments: makes a terminal, prints its name, takes what is written to it. With a terminal: writes to it, and
 * the same to another.
 */
const SOURCE = `#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char buffer[8192];
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (grantpt(master) || unlockpt(master)) return 1;
  int other = open(ptsname(master), O_RDWR | O_NOCTTY);
  if (argc == 1) {
    printf("%s\\n", ptsname(master));
    fflush(stdout);
    while (read(master, buffer, sizeof buffer) > 0) {}
    return 0;
  }
  int tty = open(argv[1], O_WRONLY | O_NOCTTY);
  if (tty < 0) return 1;
  write(other, "unseen\\n", 7);
  write(tty, "$ ls\\n", 5);
  memset(buffer, 'x', 600);
  write(tty, buffer, 600);
  struct iovec parts[] = {{"\\none ", 5}, {"and two", 7}, {"\\xc3\\xa9\\n", 3}};
  writev(tty, parts, 3);
  return 0;
}
`;

let writer: Workload;
let terminal: ChildProcess;
let path: string;
beforeAll(async () => {
  writer = compileWorkload("writer", SOURCE);
  terminal = spawn(writer.path, [], { stdio: ["ignore", "pipe", "ignore"] });
  path = await new Promise<string>((resolve) => terminal.stdout?.once("data", (name) => resolve(String(name).trim())));
});
afterAll(() => {
  terminal.kill();
  writer[Symbol.dispose]();
});

const WRITTEN = `$ ls\n${"x".repeat(600)}\none and twoé\n`;

test("what is written to a terminal, and to no other", async () => {
  const { stdout, text } = await runTool("ttysnoop", ["-C", path], writer.command(path));
  expect(stdout).toBe(WRITTEN);
  expect(text).toBe("");
});

test("in pieces, no more of them than asked for, by the number of the terminal", async () => {
  const argv = ["-s", "100", "-c", "2", path.replace("/dev/pts/", "")];
  const { stdout } = await runTool("ttysnoop", argv, writer.command(path));
  expect(stdout).toBe(`$ ls\n${"x".repeat(200)}\none and twoé\n`);
});

test("who has written it", async () => {
  const { rows } = await runTool("ttysnoop", ["--json", path], writer.command(path));
  expect(rows.map(({ text }) => text).join("")).toBe(WRITTEN);
  expect(rows[0]).toMatchObject({ comm: "writer", text: "$ ls\n" });
  const others = await runTool("ttysnoop", ["--json", "--pid", "1", path], writer.command(path));
  expect(others.stdout).toBe("");
});

test("wrong use", async () => {
  const text = async (...argv: string[]) => (await runTool("ttysnoop", argv)).text;
  expect(await text()).toBe("ERROR: ttysnoop needs a terminal\nHINT: beetrace ttysnoop /dev/pts/2\n");
  expect(await text("99999")).toBe(
    "ERROR: there is no terminal /dev/pts/99999\nHINT: tty prints the name of a terminal\n",
  );
  expect(await text("/etc/passwd")).toBe("ERROR: /etc/passwd is not a terminal\n");
  expect(await text("-s", "5000", path)).toBe("ERROR: --datasize: from 1 to 1024\n");
});
