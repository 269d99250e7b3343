import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";
import { WAITS } from "../wait-workload.ts";

let waits: Workload;
beforeAll(() => {
  waits = compileWorkload("waits", WAITS, "-fno-omit-frame-pointer");
});
afterAll(() => waits[Symbol.dispose]());

const READER = ["--name", "reader", "-m", "10000"];

test("who wakes a task is named, with how long it had slept", async () => {
  const { rows, workload } = await runTool("wakeuptime", ["--json", ...READER], waits.command("pipe", "10", "50"));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ target: "reader", waker: "writer" });
  expect(String(rows[0].kernel_stack)).toMatch(/^try_to_wake_up\+.*write\+/);
  // Until it runs again it has waited on: for a processor.
  expect(Number(rows[0].us)).toBeLessThan(Number(workload) * 1.1);
  expect(Number(rows[0].us)).toBeGreaterThan(Number(workload) * 0.7);
});

test("as text and folded, as BCC prints it", async () => {
  const { lines } = await runTool("wakeuptime", READER, waits.command("pipe", "5", "20"));
  expect(lines.slice(0, 3)).toEqual([
    "Tracing blocked time (us) by kernel stack... Hit Ctrl-C to end.",
    "",
    "    target:          reader",
  ]);
  expect(lines[3]).toMatch(/^ {4}[0-9a-f]{16} try_to_wake_up$/);
  expect(lines.slice(-4, -3)).toEqual(["    waker:           writer"]);
  expect(lines.slice(-3)).toEqual([expect.stringMatching(/^ {8}\d+$/), "", "Detaching..."]);
  const folded = await runTool("wakeuptime", ["-f", ...READER], waits.command("pipe", "5", "20"));
  expect(folded.lines).toEqual([expect.stringMatching(/^writer;.*;try_to_wake_up;reader \d+$/)]);
});

test("the files have the target above the stack of its waker", async () => {
  const flame = join(waits.path, "..", "o.svg");
  const { stdout } = await runTool("wakeuptime", ["--flame", flame, ...READER], waits.command("pipe", "5", "20"));
  expect(stdout).toBe("");
  const svg = readFileSync(flame, "utf8");
  expect(svg).toContain("<title>reader\n");
  expect(svg).toContain("<title>writer\n");
});

test("sleeps that end by themselves are woken by the timer's interrupt; threads of the kernel are another kind", async () => {
  const argv = (kind: string) => ["--json", kind, "--name", "waits", "-m", "15000"];
  const { rows } = await runTool("wakeuptime", argv("-u"), waits.command("naps", "5", "20"));
  expect(rows.length).toBeGreaterThan(0);
  for (const { kernel_stack } of rows) expect(String(kernel_stack)).toMatch(/^try_to_wake_up\+.*hrtimer/);
  const none = await runTool("wakeuptime", argv("-k"), waits.command("naps", "5", "20"));
  expect(none.rows).toEqual([]);
});
