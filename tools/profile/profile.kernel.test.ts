import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, start, type Workload } from "../testing.ts";

/** Takes so many milliseconds of processor time in hot(), called by outer(), called by main(). */
const SOURCE = `#include <stdlib.h>
#include <time.h>
static long cpu_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
__attribute__((noinline)) void hot(long end) {
  while (cpu_ms() < end) for (volatile int i = 0; i < 100000; i++);
}
__attribute__((noinline)) void outer(long ms) { hot(cpu_ms() + ms); __asm__ volatile(""); }
int main(int argc, char **argv) { outer(atol(argv[1])); return 0; }
`;

let burner: Workload;
beforeAll(() => {
  burner = compileWorkload("burner", SOURCE, "-fno-omit-frame-pointer");
});
afterAll(() => burner[Symbol.dispose]());

const folder = () => join(burner.path, "..");
const total = (lines: readonly string[]) => lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);

test("a sample for each millisecond of processor time, by stack", async () => {
  const { lines } = await runTool("profile", ["-fa", "-c", "1000000", "--name", "burner"], burner.command("1000"));
  const hot = lines.filter((line) => line.includes(";main;outer;hot"));
  expect(total(hot)).toBeGreaterThan(500); // a virtual machine that is not given its time loses some
  expect(total(lines)).toBeLessThan(1100);
  expect(lines.every((line) => line.startsWith("burner;"))).toBe(true);
});

test("as text, as BCC prints it", async () => {
  using running = start(burner.command("60000"));
  const { lines } = await runTool("profile", ["-p", `${running.pid},1`, "-F", "99", "-U", "1"]);
  expect(lines[0]).toBe(`Sampling at 99 Hertz of PID [${running.pid}, 1] by user stack for 1 secs.`);
  expect(lines[1]).toBe("");
  const last = lines.slice(-8);
  expect(last).toContainEqual(expect.stringMatching(/^ {4}outer\+0x[0-9a-f]+ \[burner\]$/));
  expect(last.at(-3)).toBe(`    -                burner (${running.pid})`);
  expect(last.at(-2)).toMatch(/^ {8}\d+$/);
  expect(last.at(-1)).toBe("");
});

test("rows have frames with offsets and modules; threads, processors and idle time can be chosen", async () => {
  using running = start(burner.command("60000"));
  const { rows } = await runTool("profile", ["--json", "-L", String(running.pid), "1"]);
  expect(rows.length).toBeGreaterThan(0);
  for (const { pid, comm, user_stack } of rows) {
    expect([pid, comm]).toEqual([running.pid, "burner"]);
    expect(user_stack).toContainEqual(expect.stringMatching(/^main\+0x[0-9a-f]+ \[burner\]$/));
  }
  const none = await runTool("profile", ["--json", "-L", String(running.pid), "-C", "1000", "0.5"]);
  expect(none.rows).toEqual([]);
});

test("idle processors are seen where they are asked for", async () => {
  const samples = async (...options: string[]) => {
    const { rows } = await runTool("profile", ["--json", ...options, "2"]);
    return { rows, count: rows.reduce((sum, { count }) => sum + Number(count), 0) };
  };
  const all = await samples("-I");
  expect(all.count).toBeGreaterThan(cpus().length * 49 * 2 * 0.4);
  expect(all.count).toBeLessThan(cpus().length * 49 * 2 * 1.5);
  expect((await samples()).rows.filter(({ pid }) => pid === 0)).toEqual([]);
});

test("as files for other programs", async () => {
  using running = start(burner.command("60000"));
  const [flame, scope, pprof] = ["o.svg", "o.json", "o.pb.gz"].map((name) => join(folder(), name));
  const argv = ["-p", String(running.pid), "--flame", flame, "--speedscope", scope, "--pprof", pprof, "1"];
  const { stdout, text } = await runTool("profile", argv);
  expect(stdout).toBe("");
  const said = /^\S+o\.svg: (\d+) samples in \d+ stacks$/m.exec(text);
  const samples = Number(said?.[1]);
  expect(samples).toBeGreaterThan(0);
  expect(readFileSync(flame, "utf8")).toContain("<title>outer\n");
  const { shared, profiles } = JSON.parse(readFileSync(scope, "utf8"));
  expect(shared.frames).toContainEqual({ name: "outer", file: burner.path });
  expect(profiles[0].endValue).toBe(samples * Math.round(1e9 / 49));
  expect(gunzipSync(readFileSync(pprof)).includes("outer")).toBe(true);
});

test("what excludes each other, and files that cannot be written", async () => {
  const both = await runTool("profile", ["-U", "-K"]);
  expect(both.text).toContain("--user-stacks-only and --kernel-stacks-only exclude each other");
  const unwritable = await runTool("profile", ["--flame", "/nonexistent/o.svg"]);
  expect(unwritable.text).toContain("failed to write file '/nonexistent/o.svg': No such file or directory");
});
