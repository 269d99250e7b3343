import { expect, test } from "vitest";
import { needs, PHP, PYTHON, startWaiting, WAIT } from "../language-workload.ts";
import { type Row, runTool } from "../testing.ts";

const python = needs(PYTHON, "Python", "python3.11");
const php = needs(PHP, "PHP", "php8.2-cli");

const PYTHON_SOURCE = `${WAIT.python}
def leaf(): pass
def parent():
    leaf()
    leaf()
for i in range(3): parent()
`;
const startPython = () => startWaiting((source) => [PYTHON, "-I", source], "flow.py", PYTHON_SOURCE);

const step = ({ event, depth, class: className, method }: Row) => `${event} ${depth} ${className}.${method}`;
const ONE = ["entry 1 parent", "entry 2 leaf", "return 2 leaf", "entry 2 leaf", "return 2 leaf", "return 1 parent"];

test.skipIf(python.isMissing)(`${python.title}: calls in their order, with their depth`, async () => {
  using program = await startPython();
  const { rows, text } = await runTool("uflow", ["-C", "/tmp/", String(program.pid), "--json"], program.release);
  const steps = rows.map(({ event, depth, method }) => `${event} ${depth} ${method}`);
  // What ran already when the tool came is left at the end.
  expect(steps).toEqual([...ONE, ...ONE, ...ONE, "return 0 <module>"]);
  expect(
    rows.every(({ tid, ns }, index) => tid === program.pid && (index === 0 || Number(ns) > Number(rows[index - 1].ns))),
  ).toBe(true);
  expect(text).not.toContain("WARNING");
});

test.skipIf(python.isMissing)(`${python.title}: as BCC prints them, of some methods`, async () => {
  using program = await startPython();
  const { lines } = await runTool("pythonflow", ["-M", "pare", String(program.pid)], program.release);
  expect(lines[0]).toBe(`Tracing method calls in Python process ${program.pid}... Ctrl-C to quit.`);
  expect(lines[1]).toBe("CPU PID    TID    TIME(us) METHOD");
  expect(lines.slice(2)).toHaveLength(6);
  expect(lines[2]).toMatch(/^\d +\d+ +\d+ +\d+ +-> \/tmp\/.*\/flow\.py\.parent$/);
  expect(lines[3]).toMatch(/ <- \/tmp\/.*\/flow\.py\.parent$/);
});

test.skipIf(php.isMissing)(`${php.title}: methods in their classes`, async () => {
  const source = `${WAIT.php}
class Shop { function leaf() {} function parent() { $this->leaf(); } }
for ($i = 0; $i < 2; $i++) (new Shop)->parent();
`;
  const command = (path: string) => ["/usr/bin/env", "USE_ZEND_DTRACE=1", PHP, "-n", path];
  using program = await startWaiting(command, "flow.php", source);
  const { rows } = await runTool("uflow", ["-C", "Shop", String(program.pid), "--json"], program.release);
  const one = ["entry 1 Shop.parent", "entry 2 Shop.leaf", "return 2 Shop.leaf", "return 1 Shop.parent"];
  expect(rows.map(step)).toEqual([...one, ...one]);
});
