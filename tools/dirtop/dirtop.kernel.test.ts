import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";
import { matchingFolders } from "./glob.ts";

/** Writes 20 times 512 bytes in one/deep/er, reads 30 times 2048 in two, writes 5 times 4096 in other. */
const SOURCE = `#include <fcntl.h>
#include <unistd.h>
static char bytes[4096];
int main(int argc, char **argv) {
  if (chdir(argv[1]) != 0) return 1;
  int one = open("one/deep/er/file", O_CREAT | O_RDWR, 0600);
  int two = open("two/file", O_CREAT | O_RDWR, 0600);
  int other = open("other/file", O_CREAT | O_RDWR, 0600);
  for (int i = 0; i < 20; i++) write(one, bytes, 512);
  for (int i = 0; i < 30; i++) read(two, bytes, 2048);
  for (int i = 0; i < 5; i++) write(other, bytes, 4096);
  return 0;
}
`;

let folder: string;
let io: Workload;
beforeAll(() => {
  folder = mkdtempSync("/dev/shm/dirtop-");
  for (const name of ["one/deep/er", "two", "other"]) mkdirSync(join(folder, name), { recursive: true });
  io = compileWorkload("dirio", SOURCE, "-static");
});
afterAll(() => {
  io[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const counted = async (folders: string) =>
  (await runTool("dirtop", ["-d", folders, "--name", "dirio", "--json", "600"], io.command(folder))).rows;

test("all that is below a folder", async () => {
  const one = { path: `${folder}/one`, reads: 0, writes: 20, rbytes: 0, wbytes: 10_240 };
  const two = { path: `${folder}/two`, reads: 30, writes: 0, rbytes: 61_440, wbytes: 0 };
  expect(await counted(`${folder}/one,${folder}/two`)).toEqual([two, one]);
  expect(await counted(`${folder}/*o*`)).toEqual([
    two,
    { path: `${folder}/other`, reads: 0, writes: 5, rbytes: 0, wbytes: 20_480 },
    one,
  ]);
  // Of folders within each other the outermost.
  expect(await counted(`${folder}/one/deep,${folder}/one`)).toEqual([one]);
});

test("in columns", async () => {
  const { lines } = await runTool("dirtop", ["-C", "-d", `${folder}/two`, "600"], io.command(folder));
  expect(lines[0]).toMatch(new RegExp(`^Considering ${folder}/two with inode_id \\d+$`));
  expect(lines[1]).toBe("Tracing... Output every 600 secs. Hit Ctrl-C to end");
  expect(lines[5]).toBe("READS  WRITES R_Kb     W_Kb     PATH");
  expect(lines[6]).toBe(`30     0      60       0        ${folder}/two`);
  expect(lines.at(-1)).toBe("Detaching...");
  expect((await runTool("dirtop", ["-d", "/none/*"])).text).toContain("there is no folder '/none/*'");
});

test("folders by pattern", () => {
  const matching = (pattern: string) =>
    matchingFolders(`${folder}/${pattern}`).map((path) => path.slice(folder.length));
  expect(matching("*/")).toEqual(["/one", "/other", "/two"]);
  expect(matching("o[!n]*")).toEqual(["/other"]);
  expect(matching("?[nw][a-f]")).toEqual(["/one"]);
  expect(matching("one/**")).toEqual(["/one", "/one/deep", "/one/deep/er"]);
  expect(matching("**/er")).toEqual(["/one/deep/er"]);
  expect(matching("[x")).toEqual([]);
});
