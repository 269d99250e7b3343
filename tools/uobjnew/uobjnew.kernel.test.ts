import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JDK, needs, RUBY, startWaiting, WAIT } from "../language-workload.ts";
import { type Row, runTool } from "../testing.ts";

const ruby = needs(RUBY, "Ruby", "ruby3.1");
const java = needs(`${JDK}/javac`, "Java", "openjdk-17-jdk-headless");

const C_SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  ${WAIT.c}
  for (int i = 0; i < 300; i++) free(malloc(40));
  for (int i = 0; i < 7; i++) free(malloc(70001));
  return 0;
}
`;
const compiled = (path: string, folder: string) => {
  execFileSync("gcc", ["-O0", "-o", join(folder, "blocks"), path]);
  return [join(folder, "blocks")];
};
const of = (rows: readonly Row[], type: string) => rows.find((row) => row.type === type);

test("blocks of C by their size", async () => {
  using program = await startWaiting(compiled, "blocks.c", C_SOURCE);
  const { rows } = await runTool("uobjnew", [String(program.pid), "--json"], program.release);
  expect(of(rows, "block size 40")).toEqual({ type: "block size 40", allocs: 300, bytes: 12000 });
  expect(of(rows, "block size 70001")).toEqual({ type: "block size 70001", allocs: 7, bytes: 490007 });
});

test("as BCC prints them, those of which most are made", async () => {
  using program = await startWaiting(compiled, "blocks.c", C_SOURCE);
  const { lines } = await runTool("cobjnew", ["-C", "1", String(program.pid)], program.release);
  expect(lines).toEqual([
    `Tracing allocations in process ${program.pid} (language: c)... Ctrl-C to quit.`,
    "",
    "NAME/TYPE                      # ALLOCS      # BYTES",
    "block size 40                       300        12000",
  ]);
});

test.skipIf(ruby.isMissing)(`${ruby.title}: objects by their class, and what others have room for`, async () => {
  const source = `${WAIT.ruby}
class Shop; end
12.times { Shop.new }
9.times { Array.new(3) }
`;
  using program = await startWaiting((path) => [RUBY, "--disable-gems", path], "objects.rb", source);
  const { rows } = await runTool("uobjnew", [String(program.pid), "--json"], program.release);
  expect(of(rows, "Shop")).toEqual({ type: "Shop", allocs: 12, bytes: 0 });
  expect(Number(of(rows, "array")?.allocs)).toBeGreaterThanOrEqual(9);
});

test.skipIf(java.isMissing)(`${java.title}: objects, and the bytes of arrays`, async () => {
  const source = `class Objects {
  static Object kept;
  public static void main(String[] argv) throws Exception {
    ${WAIT.java}
    for (int i = 0; i < 50; i++) { kept = new long[1000]; kept = new Objects(); }
  }
}`;
  const command = (path: string, folder: string) => {
    execFileSync(`${JDK}/javac`, ["-d", folder, path]);
    return [`${JDK}/java`, "-XX:+ExtendedDTraceProbes", "-cp", folder, "Objects"];
  };
  using program = await startWaiting(command, "Objects.java", source);
  const { rows } = await runTool("javaobjnew", [String(program.pid), "--json"], program.release);
  expect(of(rows, "Objects")?.allocs).toBe(50);
  // A header of 16 bytes, and 8 for each element.
  expect(of(rows, "[J")).toEqual({ type: "[J", allocs: 50, bytes: 50 * 8016 });
});
