import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mapValues } from "../tracing/output.ts";
import { RunningProcess, root } from "../tracing/process.ts";

const SOURCE = `
#include "sdt.h"
#include <stdint.h>
#include <stdlib.h>
SDT_SEMAPHORE(numbers, constants);
SDT_SEMAPHORE(numbers, places);
int32_t marker = 0x12345678;
int main(int argc, char **argv) {
  SDT_PROBE(numbers, constants, 6, (uint8_t)0xf0, (int8_t)0xf0, (uint16_t)0xf0f1, (int16_t)0xf0f1,
            (uint32_t)0xf0f1f2f3, (int32_t)0xf0f1f2f3);
  for (long i = 0; i < atol(argv[1]); i++) {
    SDT_PROBE(numbers, places, 1, i);
    SDT_PROBE(numbers, places, 1, (int64_t)-5);
  }
}`;

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "usdt-"));
  program = join(directory, "numbers");
  writeFileSync(`${program}.c`, SOURCE);
  execFileSync("gcc", ["-O1", "-pie", "-fPIE", `-I${root}tests/workloads`, "-o", program, `${program}.c`]);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What a script prints about a run of the program with 10 rounds. */
async function traceNumbers(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ["-c", `${program} 10`, "-e", script.replaceAll("T:", `${program}:`)];
  await using tracer = await RunningProcess.start(`${root}beetrace`, args);
  const { code, stdout, stderr } = await tracer.finish();
  expect(code).toBe(0);
  return { stdout, stderr };
}

test("constants have the size and the sign that their note says", async () => {
  const { stdout } = await traceNumbers(
    'usdt:T:numbers:constants { printf("%lld %lld %lld %lld %lld %lld\\n", arg0, arg1, arg2, arg3, arg4, arg5); }',
  );
  expect(stdout).toContain("240 -16 61681 -3855 4042388211 -252579085\n");
});

test("a probe in two places is one probe, and fires in both", async () => {
  const { stdout, stderr } = await traceNumbers("usdt:T:* { @[probe] = count(); @sum = sum((int64)arg0); }");
  expect(stderr).toContain("Attached 2 probes\n");
  const name = (probe: string) => `usdt:${program}:numbers:${probe}`;
  expect(mapValues(stdout, "@")).toEqual(
    new Map([
      [name("constants"), 1],
      [name("places"), 20],
    ]),
  );
  expect(mapValues(stdout, "@sum").get("")).toBe(240 + 45 - 50);
});

test("uaddr finds variables from a static probe, whatever address the program is at", async () => {
  const { stdout } = await traceNumbers('usdt:T:numbers:places { @[*uaddr("marker")] = count(); }');
  expect(mapValues(stdout, "@")).toEqual(new Map([[String(0x12345678), 20]]));
});
