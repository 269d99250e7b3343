import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { JDK, needs, PHP, PYTHON, RUBY, startWaiting, WAIT } from "../language-workload.ts";
import { type Row, runTool } from "../testing.ts";

const python = needs(PYTHON, "Python", "python3.11");
const ruby = needs(RUBY, "Ruby", "ruby3.1");
const php = needs(PHP, "PHP", "php8.2-cli");
const java = needs(`${JDK}/javac`, "Java", "openjdk-17-jdk-headless");

const PYTHON_SOURCE = `${WAIT.python}
def leaf(): pass
def parent(): leaf(); leaf()
def recurse(n):
    if n: recurse(n - 1)
def nap(): time.sleep(0.03)
list(map(lambda x: leaf(), range(100)))
for i in range(500): parent()
recurse(9)
for i in range(5): nap()
for i in range(300): os.getppid()
`;

const startPython = () => startWaiting((source) => [PYTHON, "-I", source], "calls.py", PYTHON_SOURCE);
const row = (rows: readonly Row[], name: string) => rows.find((each) => each.name === name) ?? {};
const calls = (rows: readonly Row[], name: string) => row(rows, name).calls;

test.skipIf(python.isMissing)(`${python.title}: calls, each`, async () => {
  using program = await startPython();
  const { rows } = await runTool("ucalls", [String(program.pid), "--json"], program.release);
  expect(calls(rows, "leaf")).toBe(1100);
  expect(calls(rows, "<lambda>")).toBe(100);
  expect(calls(rows, "parent")).toBe(500);
  expect(calls(rows, "recurse")).toBe(10);
  expect(calls(rows, "nap")).toBe(5);
  expect(row(rows, "nap").class).toMatch(/\/calls\.py$/);
  expect(rows.some(({ kind }) => kind === "syscall")).toBe(false);
});

test.skipIf(python.isMissing)(`${python.title}: times, of recursion the outermost, and system calls`, async () => {
  using program = await startPython();
  const { rows } = await runTool("ucalls", ["-LS", "-l", "python", String(program.pid), "--json"], program.release);
  expect(calls(rows, "leaf")).toBe(1100);
  expect(calls(rows, "recurse")).toBe(10);
  expect(calls(rows, "getppid")).toBe(300);
  const nap = Number(row(rows, "nap").total_ns) / 1e6;
  expect(nap).toBeGreaterThan(150);
  expect(Number(row(rows, "clock_nanosleep").total_ns) / 1e6).toBeGreaterThan(150);
  expect(Number(row(rows, "recurse").total_ns)).toBeLessThan(1e8);
  expect(Number(row(rows, "parent").total_ns)).toBeGreaterThan(0);
  expect(rows.map(({ total_ns }) => Number(total_ns))).toEqual(
    rows.map(({ total_ns }) => Number(total_ns)).toSorted((a, b) => a - b),
  );
});

test.skipIf(python.isMissing)(`${python.title}: as BCC prints it`, async () => {
  using program = await startPython();
  const { lines } = await runTool("ucalls", ["-T", "2", "-Lm", String(program.pid)], program.release);
  expect(lines[0]).toBe(`Tracing calls in process ${program.pid} (language: python)... Ctrl-C to quit.`);
  expect(lines[2]).toBe(`${"METHOD".padEnd(50)}  # CALLS TIME (ms)`);
  expect(lines.slice(3)).toHaveLength(2);
  expect(lines[4]).toMatch(/\/calls\.py\.nap +5 +1\d\d\.\d\d$/);
});

test.skipIf(ruby.isMissing)(`${ruby.title}: methods while a TracePoint is on, those in C always`, async () => {
  const source = `${WAIT.ruby}
class Shop
  def leaf; end
  def parent; leaf; leaf; end
end
TracePoint.new(:call, :return) {}.enable
500.times { Shop.new.parent }
7.times { Process.getpgid(0) }
`;
  using program = await startWaiting((path) => [RUBY, "--disable-gems", path], "calls.rb", source);
  const { rows } = await runTool("ucalls", [String(program.pid), "--json"], program.release);
  expect(row(rows, "parent")).toMatchObject({ class: "Shop", calls: 500 });
  expect(row(rows, "leaf")).toMatchObject({ class: "Shop", calls: 1000 });
  expect(calls(rows, "getpgid")).toBe(7);
});

test.skipIf(php.isMissing)(`${php.title}: methods, with their times`, async () => {
  const source = `${WAIT.php}
class Shop { function leaf() {} function parent() { $this->leaf(); $this->leaf(); } function nap() { usleep(30000); } }
$shop = new Shop;
for ($i = 0; $i < 500; $i++) $shop->parent();
for ($i = 0; $i < 5; $i++) $shop->nap();
`;
  const command = (path: string) => ["/usr/bin/env", "USE_ZEND_DTRACE=1", PHP, "-n", path];
  using program = await startWaiting(command, "calls.php", source);
  const { rows } = await runTool("ucalls", ["-L", String(program.pid), "--json"], program.release);
  expect(row(rows, "leaf")).toMatchObject({ class: "Shop", calls: 1000 });
  expect(row(rows, "nap")).toMatchObject({ class: "Shop", calls: 5 });
  expect(Number(row(rows, "nap").total_ns) / 1e6).toBeGreaterThan(150);
});

test.skipIf(java.isMissing)(`${java.title}: methods by the whole name of their class`, async () => {
  const source = `class Calls {
  static void leaf() {}
  static void parent() { leaf(); leaf(); }
  public static void main(String[] argv) throws Exception {
    ${WAIT.java}
    for (int i = 0; i < 500; i++) parent();
  }
}`;
  const command = (path: string, folder: string) => {
    execFileSync(`${JDK}/javac`, ["-d", folder, path]);
    return [`${JDK}/java`, "-XX:+ExtendedDTraceProbes", "-cp", folder, "Calls"];
  };
  using program = await startWaiting(command, "Calls.java", source);
  const { rows } = await runTool("javacalls", [String(program.pid), "--json"], program.release);
  expect(row(rows, "parent")).toMatchObject({ class: "Calls", calls: 500 });
  expect(row(rows, "leaf")).toMatchObject({ class: "Calls", calls: 1000 });
});

/** Debian's Perl and Tcl were built without probes: a program that has theirs stands for them. */
const standIn = (runtime: string) => (path: string, folder: string) => {
  execFileSync("gcc", ["-O1", "-I", SDT_FOLDER, "-o", join(folder, runtime), path]);
  return [join(folder, runtime)];
};

const SDT_FOLDER = fileURLToPath(new URL("../../tests/workloads", import.meta.url));

const standInSource = (semaphores: string, body: string) => `#include <stdio.h>
#include <unistd.h>
#include "sdt.h"
${semaphores}
int main(int argc, char **argv) {
  const char *method = "buy", *file = "Shop.pm", *package = "Shop";
  ${WAIT.c}
  for (int i = 0; i < 80; i++) {
    ${body}
  }
  return 0;
}
`;

test("Perl: a subroutine behind its file", async () => {
  const source = standInSource(
    "SDT_SEMAPHORE(perl, sub__entry);\nSDT_SEMAPHORE(perl, sub__return);",
    `SDT_PROBE(perl, sub__entry, 4, method, file, 7, package);
    SDT_PROBE(perl, sub__return, 4, method, file, 7, package);`,
  );
  using program = await startWaiting(standIn("perl"), "perl.c", source);
  const { rows } = await runTool("ucalls", ["-L", String(program.pid), "--json"], program.release);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ kind: "method", class: "Shop.pm", name: "buy", calls: 80 });
});

test("Tcl: procedures, which are in no class", async () => {
  const source = standInSource(
    "SDT_SEMAPHORE(tcl, proc__entry);\nSDT_SEMAPHORE(tcl, proc__return);",
    `SDT_PROBE(tcl, proc__entry, 3, method, 2, argv);
    SDT_PROBE(tcl, proc__return, 2, method, 0);`,
  );
  using program = await startWaiting(standIn("tclsh8.6"), "tcl.c", source);
  const { rows } = await runTool("tclcalls", [String(program.pid), "--json"], program.release);
  expect(rows).toEqual([{ kind: "method", class: "", name: "buy", calls: 80 }]);
});

test("what cannot be", async () => {
  const refusal = async (...argv: string[]) => (await runTool("ucalls", argv)).text;
  expect(await refusal()).toContain("one process has to be given");
  expect(await refusal("999999999")).toContain("there is no process 999999999");
  expect(await refusal(String(process.pid))).toContain("runs no language that is known here");
  expect(await refusal("-l", "cobol", String(process.pid))).toContain("'cobol' is none of java, perl");
  expect(await refusal("-l", "tcl", String(process.pid))).toContain("does not run Tcl");
});
