import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";
import { isAbout, WAITS } from "../wait-workload.ts";

let waits: Workload;
beforeAll(() => {
  waits = compileWorkload("waits", WAITS, "-fno-omit-frame-pointer");
});
afterAll(() => waits[Symbol.dispose]());

const READER = ["--name", "reader", "-m", "10000", "--state", "1"];

test("where a task waited, who woke it and where that was", async () => {
  const { rows, workload } = await runTool("offwaketime", ["--json", ...READER], waits.command("pipe", "20", "25"));
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(row).toMatchObject({ comm: "reader", waker: "writer" });
  expect(row.waker_pid).not.toBe(row.pid);
  expect(String(row.user_stack)).toMatch(/,main\+0x/);
  expect(String(row.kernel_stack)).toMatch(/^__schedule\+.*read\+/);
  expect(String(row.waker_user_stack)).toMatch(/,main\+0x/);
  expect(String(row.waker_kernel_stack)).toMatch(/^try_to_wake_up\+.*write\+/);
  expect(isAbout(Number(row.us), Number(workload))).toBe(true);
});

test("as text: the waker's stack stands on its head", async () => {
  const { lines } = await runTool("offwaketime", ["-d", ...READER], waits.command("pipe", "5", "20"));
  expect(lines[0]).toBe("Tracing blocked time (us) by user + kernel off-CPU and waker stack... Hit Ctrl-C to end.");
  expect(lines[2]).toMatch(/^ {4}waker: {11}writer \d+$/);
  const place = (line: string) => lines.indexOf(line);
  expect(place("    main")).toBeLessThan(place("    try_to_wake_up"));
  expect(place("    -")).toBeLessThan(place("    try_to_wake_up"));
  expect(place("    --               --")).toBe(place("    try_to_wake_up") + 1);
  expect(place("    __schedule")).toBe(place("    try_to_wake_up") + 2);
  expect(lines.at(-3)).toMatch(/^ {4}target: {10}reader \d+$/);
  expect(lines.at(-2)).toMatch(/^ {8}\d+$/);
});

test("folded: from one root to the other", async () => {
  const { lines } = await runTool("offwaketime", ["-f", "-K", ...READER], waits.command("pipe", "5", "20"));
  expect(lines).toEqual([expect.stringMatching(/^reader;.*;schedule;__schedule;--;try_to_wake_up;.*;writer \d+$/)]);
  expect(lines[0]).not.toContain("main");
});

test("as a flame graph", async () => {
  const flame = join(waits.path, "..", "o.svg");
  const { stdout } = await runTool("offwaketime", ["--flame", flame, ...READER], waits.command("pipe", "5", "20"));
  expect(stdout).toBe("");
  const svg = readFileSync(flame, "utf8");
  for (const name of ["reader", "--", "writer"]) expect(svg).toContain(`<title>${name}\n`);
});
