import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Reads n times over memory that no cache holds, a line a time. */
const SOURCE = `#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  long size = 256 << 20, sum = 0;
  volatile char *memory = malloc(size);
  memset((char *)memory, 1, size);
  for (int i = 0; i < atoi(argv[1]); i++)
    for (long at = 0; at < size; at += 4096 + 64) sum += memory[at];
  return sum == 0;
}
`;

/** Virtual machines have no counters: the processor's PMU is missing (two kinds of cores have two). */
const hasCounters = ["cpu", "cpu_core"].some((name) => existsSync(`/sys/bus/event_source/devices/${name}`));

let reader: Workload;
beforeAll(() => {
  reader = compileWorkload("cachereader", SOURCE);
});
afterAll(() => reader[Symbol.dispose]());

test.skipIf(!hasCounters)("references of a process, which miss", async () => {
  const { rows } = await runTool("llcstat", ["--name", "cachereader", "--json"], reader.command("50"));
  const references = rows.reduce((sum, row) => sum + Number(row.references), 0);
  expect(references).toBeGreaterThan(1_000_000);
  expect(rows.every(({ comm }) => comm === "cachereader")).toBe(true);
});

test.skipIf(hasCounters)("a machine without counters is told so", async () => {
  const { code, text } = await runTool("llcstat", ["1"]);
  expect(text).toContain("no such counter on this machine");
  expect(code).not.toBe(0);
});
