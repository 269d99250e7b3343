import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "./testing.ts";

/** Opens so many files that are not there, as fast as it can. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) open("/no/such/file", O_RDONLY);
  return 0;
}
`;
const OPENS = 20_000;

let flood: Workload;
beforeAll(() => {
  flood = compileWorkload("flood", SOURCE, "-static");
});
afterAll(() => flood[Symbol.dispose]());

test("what a tool has no room for is told, to the last event", async () => {
  const { lines, text } = await runTool("opensnoop", ["-b", "1", "-n", "flood"], flood.command(String(OPENS)));
  const rows = lines.filter((line) => line.endsWith("/no/such/file")).length;
  const parts = [...text.matchAll(/^Possibly lost (\d+) samples$/gm)].map(([, count]) => Number(count));
  const [, total] = /^WARNING: Total lost event count: (\d+);/m.exec(text) ?? [];
  expect(Number(total)).toBeGreaterThan(OPENS / 10);
  expect(parts.reduce((sum, part) => sum + part, 0)).toBe(Number(total));
  expect(rows).toBeGreaterThan(0);
  expect(rows + Number(total)).toBe(OPENS);
});

test("with room enough there is nothing to tell", async () => {
  const { rows, text } = await runTool("opensnoop", ["-b", "8192", "-n", "flood", "--json"], flood.command("100"));
  expect(rows).toHaveLength(100);
  expect(text).not.toContain("lost");
});
