import { expect, test } from "vitest";
import { countLines } from "../tracing/output.ts";
import { RunningProcess, root, runToEnd } from "../tracing/process.ts";
import { scriptFile, trace } from "../tracing/tracer.ts";

test("20-: the names that are looked up", async () => {
  const { stdout } = await trace("20-", async () => {
    for (let i = 0; i < 5; i++) await runToEnd("getent", ["ahosts", "localhost"]);
  });
  expect(countLines(stdout, /^getent looked up localhost in \d+ us$/)).toBe(5);
});

test("17.bt: says that tcp_connect has no such argument, and what it has", async () => {
  const { code, stderr } = await compileOnly("17.bt");
  expect(code).toBe(1);
  expect(stderr).toMatch(/17\.bt:1:70-75: ERROR: kprobe:tcp_connect has no argument 'saddr'/);
  expect(stderr).toContain("HINT: it has sk (struct sock *)");
});

test("20.bt: says that what it prints is not text", async () => {
  const { stderr } = await compileOnly("20.bt");
  expect(stderr).toMatch(
    /20\.bt:1:67-71: WARNING: str\(arg1\): this argument of __inet_lookup_established is '\w+' of type/,
  );
  expect(stderr).toContain("which is not text");
});

async function compileOnly(script: string) {
  await using tracer = await RunningProcess.start(`${root}beetrace`, ["--dry-run", scriptFile(script)]);
  return await tracer.finish();
}
