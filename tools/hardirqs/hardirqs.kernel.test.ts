import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { runTool } from "../testing.ts";

let folder: string;
beforeAll(() => {
  // Where files are on a disk.
  folder = mkdtempSync("/var/tmp/tool-");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The kernel's own counts of interrupts, by handler. */
function counts(path: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const line of readFileSync(path, "latin1").split("\n")) {
    const [, numbers, name] = /^ *\d+:((?: +\d+)+) .* (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const sum = numbers
      .trim()
      .split(/ +/)
      .reduce((all, count) => all + Number(count), 0);
    found.set(name, (found.get(name) ?? 0) + sum);
  }
  return found;
}

/** Runs the tool while a disk is written to; also what the kernel has counted meanwhile, and from before until after. */
async function bracketed(...argv: string[]) {
  const [from, until, data] = ["from", "until", "data"].map((name) => join(folder, name));
  const before = counts("/proc/interrupts");
  const write = `dd if=/dev/zero of=${data} bs=4k count=300 oflag=direct`;
  const script = `cat /proc/interrupts > ${from}; ${write}; cat /proc/interrupts > ${until}`;
  const run = await runTool("hardirqs", argv, ["sh", "-c", script]);
  const [after, inner] = [counts("/proc/interrupts"), counts(until)];
  const busiest = [...inner].sort(
    ([a, x], [b, y]) => y - (counts(from).get(b) ?? 0) - (x - (counts(from).get(a) ?? 0)),
  )[0][0];
  const grown = (to: ReadonlyMap<string, number>, since: ReadonlyMap<string, number>) =>
    (to.get(busiest) ?? 0) - (since.get(busiest) ?? 0);
  return { ...run, busiest, inner: grown(inner, counts(from)), outer: grown(after, before) };
}

test("as many as the kernel counts", async () => {
  const { rows, busiest, inner, outer } = await bracketed("-C", "--json");
  const count = Number(rows.find(({ hardirq }) => hardirq === busiest)?.count);
  expect(inner).toBeGreaterThan(100);
  expect(count).toBeGreaterThanOrEqual(inner);
  expect(count).toBeLessThanOrEqual(outer);
});

test("a histogram of their times has them all", async () => {
  const { rows, busiest, inner, outer } = await bracketed("-dN", "--json");
  const own = rows.filter(({ section }) => section === `hardirq = ${busiest}`);
  const count = own.reduce((sum, row) => sum + Number(row.count), 0);
  expect(count).toBeGreaterThanOrEqual(inner);
  expect(count).toBeLessThanOrEqual(outer);
});

test("as BCC prints it", async () => {
  const { lines, busiest } = await bracketed();
  expect(lines[0]).toBe("Tracing hard irq event time... Hit Ctrl-C to end.");
  expect(lines[2]).toBe("HARDIRQ                    TOTAL_usecs");
  expect(lines.slice(3)).toContainEqual(expect.stringMatching(new RegExp(`^${busiest.padEnd(26)} [ \\d]{11}$`)));
  expect((await runTool("hardirqs", ["-c", "1000", "--json", "1", "1"])).rows).toEqual([]);
});
