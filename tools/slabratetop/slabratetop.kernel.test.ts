import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Opens a file so often: each time the kernel takes a struct file, and room for the name. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) close(open("/etc/hostname", O_RDONLY));
  return 0;
}
`;

let taker: Workload;
beforeAll(() => {
  taker = compileWorkload("taker", SOURCE);
});
afterAll(() => taker[Symbol.dispose]());

const ofFiles = async (count: number) => {
  const { rows } = await runTool("slabratetop", ["--name", "taker", "--json", "600"], taker.command(String(count)));
  const row = rows.find(({ cache }) => cache === "filp");
  return { allocs: Number(row?.allocs), bytes: Number(row?.bytes) };
};

test("each allocation, with its size", async () => {
  const [few, many] = [await ofFiles(1), await ofFiles(1001)];
  expect(many.allocs - few.allocs).toBe(1000);
  expect(many.bytes).toBe(many.allocs * Number(readFileSync("/sys/kernel/slab/filp/slab_size", "latin1")));
});

test("as BCC prints it, in the order and number that is asked for", async () => {
  const { lines } = await runTool("slabratetop", ["-C", "-r", "3", "-s", "name", "1", "1"]);
  expect(lines[0]).toBe("");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d loadavg: [\d.]+ [\d.]+ [\d.]+ \d+\/\d+ \d+$/);
  expect(lines[3]).toBe("CACHE                            ALLOCS      BYTES");
  expect(lines.slice(4)).toHaveLength(3);
  const names = lines.slice(4).map((line) => line.split(" ")[0]);
  expect(names).toEqual(names.toSorted());
  const bySize = await runTool("slabratetop", ["--json", "1", "1"]);
  const bytes = bySize.rows.map((row) => Number(row.bytes));
  expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
  expect((await runTool("slabratetop", ["-s", "age"])).text).toContain("--sort: 'age' is none of name, count, size");
});
