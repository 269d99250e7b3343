import { probeFeatures } from "@beetrace/ebpf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/** n reads of 4321 bytes, n of 1234, at an offset. */
const SOURCE = `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char bytes[5000];
  int zero = open("/dev/zero", O_RDONLY);
  for (int i = 0; i < atoi(argv[1]); i++) {
    pread(zero, bytes, 4321, 7);
    pread(zero, bytes, 1234, 9);
  }
  return 0;
}
`;

const hasFunctions = probeFeatures().has("kprobe");

let reader: Workload;
beforeAll(() => {
  reader = compileWorkload("reader", SOURCE);
});
afterAll(() => reader[Symbol.dispose]());

const traced = async (...argv: string[]) =>
  (await runTool("ksnoop", [...argv, "--name", "reader", "--json"], reader.command("10"))).rows;
const value = ({ values }: Row, name: string) =>
  (values as unknown as readonly { name: string; value: unknown }[]).find((each) => each.name === name)?.value;

test("the prototype", async () => {
  const { lines } = await runTool("ksnoop", ["info", "vfs_read"]);
  expect(lines[0]).toBe("ssize_t vfs_read(struct file * file, char * buf, size_t count, loff_t * pos);");
});

test.skipIf(!hasFunctions)("arguments, what they point to, and results", async () => {
  const rows = (await traced("trace", "vfs_read")).filter((row) => row.function === "vfs_read");
  const large = rows.filter((row) => value(row, "count") === 4321);
  expect(large).toHaveLength(10);
  for (const row of large) {
    expect(row.when).toBe("entry");
    expect(value(row, "pos")).toBe(7);
    expect(value(row, "file")).toMatchObject({ f_flags: expect.any(Number) });
  }
  expect(rows.filter((row) => value(row, "return") === 4321)).toHaveLength(10);
});

test.skipIf(!hasFunctions)("of some calls only: by argument, by result", async () => {
  const rows = await traced("trace", "vfs_read(count == 1234, file->f_flags, return > 0)");
  expect(rows).toHaveLength(10);
  for (const row of rows) {
    expect(row.when).toBe("return");
    expect([value(row, "count"), value(row, "return")]).toEqual([1234, 1234]);
  }
  expect(await traced("vfs_read(count == 1234, return == 5)")).toEqual([]);
});

test.skipIf(!hasFunctions)("within another function; in columns", async () => {
  expect(await traced("-s", "ksys_read", "vfs_read(count == 1234)")).toEqual([]);
  const { lines } = await runTool(
    "ksnoop",
    ["-s", "--name", "reader", "__x64_sys_pread64", "vfs_read(count == 1234)"],
    reader.command("2"),
  );
  expect(lines[0]).toBe("            TIME  CPU      PID FUNCTION/ARGS");
  const at = lines.flatMap((line, index) => (/^ *\d+ +\d+ +\d+ vfs_read\($/.test(line) ? [index] : []));
  expect(at).toHaveLength(2);
  expect(lines.slice(at[0] + 1, at[0] + 4)).toEqual([
    "                                   count =",
    "                                    (size_t)1234",
    "                               );",
  ]);
});

test.skipIf(hasFunctions)("a kernel without such probes is told so", async () => {
  expect((await runTool("ksnoop", ["trace", "vfs_read"])).text).toContain("this kernel has no kprobes");
});
