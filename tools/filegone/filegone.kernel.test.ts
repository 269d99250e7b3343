import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Deletes and renames, and fails to. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
int main(void) {
  char folder[] = "/dev/shm/filegone-XXXXXX", path[64];
  if (chdir(mkdtemp(folder)) != 0) return 1;
  for (int i = 0; i < 5; i++) {
    close(open("first", O_CREAT | O_WRONLY, 0600));
    snprintf(path, sizeof path, "%s/second", folder);
    rename("first", path);
    unlink("first");
    unlinkat(AT_FDCWD, "./second", 0);
    mkdir("folder", 0700);
    rename("folder", "first/");
    rename("first", "folder");
    unlink("folder");
    rmdir("folder/");
  }
  rmdir("none");
  chdir("/");
  rmdir(folder);
  return 0;
}
`;

let remover: Workload;
beforeAll(() => {
  remover = compileWorkload("remover", SOURCE, "-static");
});
afterAll(() => remover[Symbol.dispose]());

test("each that went well, in its order", async () => {
  const { rows, text } = await runTool("filegone", ["--name", "remover", "--json"], remover.command());
  const once = [
    { action: "RENAME", file: "first", new_name: "second" },
    { action: "DELETE", file: "second", new_name: null },
    { action: "RENAME", file: "folder", new_name: "first" },
    { action: "RENAME", file: "first", new_name: "folder" },
    { action: "DELETE", file: "folder", new_name: null },
  ];
  const all = [1, 2, 3, 4, 5].flatMap(() => once);
  expect(rows.map(({ action, file, new_name }) => ({ action, file, new_name }))).toEqual([
    ...all,
    { action: "DELETE", file: expect.stringMatching(/^filegone-/), new_name: null },
  ]);
  for (const row of rows) expect(row).toMatchObject({ comm: "remover", uid: 0 });
  expect(text).toBe("");
});

test("in columns, of a process", async () => {
  const { lines } = await runTool("filegone", ["--name", "remover"], remover.command());
  expect(lines[0]).toBe("TIME     PID     COMM             ACTION FILE");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d \d+ +remover {10}RENAME first > second$/);
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d \d+ +remover {10}DELETE second$/);
  expect((await runTool("filegone", ["-p", "1", "--json"], remover.command())).rows).toEqual([]);
});
