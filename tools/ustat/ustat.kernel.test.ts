import { expect, test } from "vitest";
import { needs, PHP, PYTHON, startWaiting, WAIT } from "../language-workload.ts";
import { runTool } from "../testing.ts";

const python = needs(PYTHON, "Python", "python3.11");
const php = needs(PHP, "PHP", "php8.2-cli");

const PYTHON_SOURCE = `import gc
gc.disable()
def called(): pass
${WAIT.python}
for i in range(700): called()
for i in range(6): gc.collect()
`;
const startPython = () => startWaiting((source) => [PYTHON, "-I", source], "stat.py", PYTHON_SOURCE);

test.skipIf(python.isMissing)(`${python.title}: calls and collections of a process`, async () => {
  using program = await startPython();
  const { rows } = await runTool("ustat", ["-l", "python", "--json", "600"], program.release);
  const row = rows.find(({ pid }) => pid === program.pid);
  expect(Number(row?.method)).toBeGreaterThanOrEqual(701);
  // Two more come as the interpreter ends.
  expect(Number(row?.gc)).toBeGreaterThanOrEqual(6);
  expect(Number(row?.gc)).toBeLessThanOrEqual(9);
  expect(row).toMatchObject({ objnew: 0, cload: 0, excp: 0, thread: 0 });
});

test.skipIf(python.isMissing)("as BCC prints it", async () => {
  using program = await startPython();
  const { lines } = await runTool("pythonstat", ["-C", "-S", "method", "1", "1"]);
  expect(lines[0]).toBe("Tracing... Output every 1 secs. Hit Ctrl-C to end");
  expect(lines.at(-1)).toBe("Detaching...");
  const header = lines.indexOf("PID    CMDLINE              METHOD/s   GC/s   OBJNEW/s   CLOAD/s  EXC/s  THR/s");
  expect(header).toBeGreaterThan(0);
  const row = lines.slice(header).find((line) => line.startsWith(`${program.pid} `));
  expect(row).toMatch(/^\d+ +\/usr\/bin\/python3\.11 +\d+ +0 +0 +0 +0 +0$/);
});

test.skipIf(php.isMissing)(`${php.title}: exceptions`, async () => {
  const source = `${WAIT.php}
function thrower() { throw new Exception("no"); }
for ($i = 0; $i < 25; $i++) { try { thrower(); } catch (Exception $e) {} }
`;
  const command = (path: string) => ["/usr/bin/env", "USE_ZEND_DTRACE=1", PHP, "-n", path];
  using program = await startWaiting(command, "stat.php", source);
  const { rows } = await runTool("phpstat", ["--json", "600"], program.release);
  const row = rows.find(({ pid }) => pid === program.pid);
  expect(row?.excp).toBe(25);
  expect(Number(row?.method)).toBeGreaterThanOrEqual(25);
});

test("what cannot be", async () => {
  expect((await runTool("ustat", ["-S", "age"])).text).toContain("--sort: 'age' is none of method, gc");
  expect((await runTool("ustat", ["-l", "cobol"])).text).toContain("--language: 'cobol' is none of java, node");
});
