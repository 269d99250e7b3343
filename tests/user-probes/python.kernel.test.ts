import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { mapValues } from "../tracing/output.ts";
import { RunningProcess } from "../tracing/process.ts";
import { startTracer } from "../tracing/tracer.ts";

const python = "/usr/bin/python3.11";
const isMissing = !existsSync(python);
const title = isMissing ? "Debian's Python is not installed (apt-get install python3.11)" : "Python 3.11";

/** What C calls, what Python calls, lines, and the garbage collector. */
const program = `
import gc, sys
gc.disable()
def from_c(x):
    return x
def from_python(x):
    return x
print("ready", flush=True)
sys.stdin.readline()
list(map(from_c, range(1000)))
for i in range(1000):
    from_python(i)
for _ in range(5):
    gc.collect()
print("done", flush=True)
sys.stdin.readline()
`;

/** Runs the program under a script. A probe costs nothing but a nop until its semaphore is counted up: by attaching. */
async function tracePython(script: string): Promise<string> {
  await using running = await RunningProcess.start(python, ["-I", "-c", program]);
  await running.until("stdout", /^ready$/m);
  await using tracer = await startTracer(["-p", String(running.pid), "-e", script]);
  running.write("\n");
  await running.until("stdout", /^done$/m);
  return (await tracer.stop("SIGINT")).stdout;
}

test.skipIf(isMissing)(`${title}: calls, with where the function is`, async () => {
  // Without a probe on lines this version of Python never comes to function__entry.
  const stdout = await tracePython(`
    usdt:${python}:python:line { @lines = count(); }
    usdt:${python}:python:function__entry { @entered[str(arg1), arg2] = count(); }
    usdt:${python}:python:function__return { @returned[str(arg1)] = count(); }`);
  expect(mapValues(stdout, "@entered").get("from_c, 4")).toBe(1000);
  expect(mapValues(stdout, "@entered").get("from_python, 6")).toBe(1000);
  expect(mapValues(stdout, "@returned").get("from_c")).toBe(1000);
  expect(mapValues(stdout, "@returned").get("from_python")).toBe(1000);
});

test.skipIf(isMissing)(`${title}: lines`, async () => {
  const stdout = await tracePython(`usdt:${python}:python:line { @[str(arg0), str(arg1), arg2] = count(); }`);
  expect(mapValues(stdout, "@").get("<string>, from_c, 5")).toBe(1000);
});

test.skipIf(isMissing)(`${title}: runs of the garbage collector`, async () => {
  const stdout = await tracePython(`
    usdt:${python}:python:gc__start { @start[(int32)arg0] = count(); }
    usdt:${python}:python:gc__done { @done = count(); }`);
  expect(mapValues(stdout, "@start")).toEqual(new Map([["2", 5]]));
  expect(mapValues(stdout, "@done").get("")).toBe(5);
});
