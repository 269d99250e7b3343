import { mkdtempSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** In the folder that it is given, and in one below: writes 40 times 100 bytes, reads 25 times 1000 and 3 of 64. */
const SOURCE = `#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
static char bytes[4096];
int main(int argc, char **argv) {
  if (chdir(argv[1]) != 0) return 1;
  mkfifo("fifo", 0600);
  int fifo = open("fifo", O_RDWR);
  int written = open("written", O_CREAT | O_RDWR, 0600);
  mkdir("below", 0700);
  int read_from = open("below/read_from_a_file_whose_name_is_long", O_CREAT | O_RDWR, 0600);
  for (int i = 0; i < 40; i++) write(written, bytes, 100);
  for (int i = 0; i < 25; i++) pread(read_from, bytes, 1000, 0);
  for (int i = 0; i < 3; i++) pread(written, bytes, 64, 0);
  for (int i = 0; i < 7; i++) write(fifo, bytes, 10);
  return 0;
}
`;

let folder: string;
let io: Workload;
beforeAll(() => {
  folder = mkdtempSync("/dev/shm/filetop-");
  io = compileWorkload("fileio", SOURCE, "-static");
});
afterAll(() => {
  io[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const LONG = "read_from_a_file_whose_name_is_long";
const counted = async (...options: string[]) =>
  (await runTool("filetop", ["--name", "fileio", "--json", ...options, "600"], io.command(folder))).rows;

test("reads and writes of each file, the most first", async () => {
  const rows = await counted();
  expect(rows).toEqual([
    expect.objectContaining({ comm: "fileio", type: "R", file: LONG, reads: 25, rbytes: 25_000, writes: 0, wbytes: 0 }),
    expect.objectContaining({ file: "written", reads: 3, rbytes: 192, writes: 40, wbytes: 4000 }),
  ]);
  expect((await counted("-s", "writes")).map(({ file }) => file)).toEqual(["written", LONG]);
  expect((await counted("-r", "1")).map(({ file }) => file)).toEqual([LONG]);
});

test("what is asked for only", async () => {
  expect(await counted("--read-only")).toEqual([
    expect.objectContaining({ file: LONG, reads: 25, writes: 0 }),
    expect.objectContaining({ file: "written", reads: 3, writes: 0 }),
  ]);
  expect(await counted("--write-only")).toEqual([expect.objectContaining({ file: "written", reads: 0, writes: 40 })]);
  expect((await counted("-d", folder)).map(({ file }) => file)).toEqual(["written"]);
  const fifo = (await counted("-a")).find(({ type }) => type === "O");
  expect(fifo).toMatchObject({ file: "fifo", writes: 7, wbytes: 70 });
});

test("in columns", async () => {
  const { lines } = await runTool("filetop", ["-C", "--name", "fileio", "-d", folder, "600"], io.command(folder));
  expect(lines[0]).toBe(`Tracing directory: ${folder} (Inode: ${lines[0]?.match(/\d+(?=\)$)/)?.[0]})`);
  expect(lines[1]).toBe("Tracing... Output every 600 secs. Hit Ctrl-C to end");
  expect(lines[3]).toMatch(/^\d\d:\d\d:\d\d loadavg: /);
  expect(lines[5]).toBe("TID     COMM             READS  WRITES R_Kb    W_Kb    T FILE");
  expect(lines[6]).toMatch(/^\d+ +fileio {11}3 {6}40 {5}0 {7}3 {7}R written$/);
  expect(lines.at(-1)).toBe("Detaching...");
});

test("what cannot be", async () => {
  expect((await runTool("filetop", ["--read-only", "--write-only"])).text).toContain("exclude each other");
  expect((await runTool("filetop", ["-s", "age"])).text).toContain("there is no order 'age'");
  expect((await runTool("filetop", ["-d", "/none"])).text).toContain("there is no folder /none");
});
