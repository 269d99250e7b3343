import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { JDK, needs, PYTHON, RUBY, startWaiting, WAIT } from "../language-workload.ts";
import { runTool } from "../testing.ts";

const python = needs(PYTHON, "Python", "python3.11");
const ruby = needs(RUBY, "Ruby", "ruby3.1");
const java = needs(`${JDK}/javac`, "Java", "openjdk-17-jdk-headless");

/** Four collections, each of ten objects that hold themselves. */
const PYTHON_SOURCE = `import gc
gc.disable()
${WAIT.python}
class Ring: pass
gc.collect()
for generation in (0, 1, 2, 0):
    for i in range(10):
        ring = Ring()
        ring.me = ring
    del ring
    gc.collect(generation)
`;
const startPython = () => startWaiting((source) => [PYTHON, "-I", source], "gc.py", PYTHON_SOURCE);

test.skipIf(python.isMissing)(`${python.title}: each collection, with its generation`, async () => {
  using program = await startPython();
  const { rows } = await runTool("ugc", [String(program.pid), "--json"], program.release);
  const ours = rows.slice(1, 5).map(({ generation, collected }) => [generation, collected]);
  // An instance and its dictionary are one in this version.
  expect(ours).toEqual([
    [0, 10],
    [1, 10],
    [2, 10],
    [0, 10],
  ]);
});

test.skipIf(python.isMissing)(`${python.title}: those that are asked for, as BCC prints them`, async () => {
  using program = await startPython();
  const { lines } = await runTool("ugc", ["-mF", "gen 1", "-l", "python", String(program.pid)], program.release);
  expect(lines[0]).toBe(`Tracing garbage collections in Python process ${program.pid}... Ctrl-C to quit.`);
  expect(lines[1]).toBe("START    TIME (ms) DESCRIPTION");
  expect(lines.slice(2)).toHaveLength(1);
  expect(lines[2]).toMatch(/^\d+\.\d{3} +\d+\.\d\d +gen 1 GC collected 10 objects$/);
  using again = await startPython();
  const long = await runTool("pythongc", ["-M", "5000", String(again.pid), "--json"], again.release);
  expect(long.rows).toEqual([]);
});

test("Node.js: collections that are asked for", async () => {
  const source = `${WAIT.node}
for (let i = 0; i < 5; i++) gc();
gc({ type: "minor" });
`;
  using program = await startWaiting((path) => [process.execPath, "--expose-gc", path], "gc.js", source);
  const { rows } = await runTool("ugc", [String(program.pid), "--json"], program.release);
  const all = rows.map(({ description }) => String(description));
  expect(all.filter((each) => each.startsWith("GC mark-sweep-compact"))).toHaveLength(5);
  expect(all.filter((each) => each.startsWith("GC scavenge")).length).toBeGreaterThan(0);
});

test.skipIf(java.isMissing)(`${java.title}: what each pool held before and after`, async () => {
  const source = `class Collects {
  public static void main(String[] argv) throws Exception {
    byte[] kept = new byte[3000000];
    ${WAIT.java}
    for (int i = 0; i < 3; i++) System.gc();
    kept[0] = 1;
  }
}`;
  const command = (path: string, folder: string) => {
    execFileSync(`${JDK}/javac`, ["-d", folder, path]);
    return [`${JDK}/java`, "-XX:+UseSerialGC", "-Xmx64m", "-cp", folder, "Collects"];
  };
  using program = await startWaiting(command, "Collects.java", source);
  const { rows } = await runTool("ugc", [String(program.pid), "--json"], program.release);
  expect(rows.filter(({ description }) => description === "full GC")).toHaveLength(3);
  const tenured = rows.filter(({ pool }) => pool === "Tenured Gen");
  expect(tenured).toHaveLength(3);
  expect(tenured[0].used_before).toBe(0);
  expect(Number(tenured[0].used_after)).toBeGreaterThan(3_000_000);
  expect(tenured[1].used_before).toBe(tenured[0].used_after);
  expect(tenured[0].description).toMatch(/^MarkSweepCompact Tenured Gen used=0->\d+ max=\d+->\d+$/);
});

test.skipIf(ruby.isMissing)(`${ruby.title}: stages`, async () => {
  const source = `GC.disable
${WAIT.ruby}
3.times { GC.start }
`;
  using program = await startWaiting((path) => [RUBY, "--disable-gems", path], "gc.rb", source);
  const { rows } = await runTool("ugc", ["-F", "mark", String(program.pid), "--json"], program.release);
  expect(rows.length).toBeGreaterThanOrEqual(3);
  expect(new Set(rows.map(({ description }) => description))).toEqual(new Set(["GC mark stage"]));
});
