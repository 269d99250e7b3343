import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

const has = (event: string) => existsSync(`/sys/kernel/tracing/events/preemptirq/${event}`);

/** The kernel's own test of long sections, CONFIG_PREEMPTIRQ_DELAY_TEST. */
const MODULE = "preemptirq_delay_test";
const DELAY_US = 20_000;
const hasModule = (() => {
  try {
    execFileSync("modprobe", ["-D", MODULE], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
const sections = (mode: string) => ["modprobe", MODULE, `test_mode=${mode}`, `delay=${DELAY_US}`, "burst_size=10"];

test.skipIf(has("irq_disable"))("a kernel without the tracepoints: the option that it lacks", async () => {
  const { text, code, lines } = await runTool("criticalstat", []);
  expect({ text, code, lines }).toEqual({
    text: `ERROR: this kernel has no tracepoint preemptirq:irq_disable: it was built without CONFIG_PREEMPTIRQ_TRACEPOINTS
HINT: boot a kernel that was built with CONFIG_IRQSOFF_TRACER, which brings it
`,
    code: 1,
    lines: [],
  });
});

test.skipIf(has("preempt_disable"))("and without those of preemption", async () => {
  const { text, code } = await runTool("criticalstat", ["-p"]);
  expect(code).toBe(1);
  expect(text).toContain(
    "no tracepoint preemptirq:preempt_disable: it was built without CONFIG_PREEMPTIRQ_TRACEPOINTS",
  );
  expect(text).toContain("CONFIG_PREEMPT_TRACER");
});

test("wrong use", async () => {
  const { text } = await runTool("criticalstat", ["-p", "-i"]);
  expect(text).toBe("ERROR: --preemptoff and --irqoff exclude each other\n");
  expect((await runTool("criticalstat", ["-d", "0"])).text).toContain("--duration has to be more than 0");
});

/** Is in `busy` so often, each time for so many milliseconds. */
const SOURCE = `#include <stdlib.h>
#include <time.h>
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
__attribute__((noinline)) void busy(long ms) {
  for (long end = now() + ms * 1000000; now() < end;) asm volatile("");
}
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) busy(atoi(argv[2]));
  return 0;
}
`;

let busy: Workload;
beforeAll(() => {
  busy = compileWorkload("busy", SOURCE);
});
afterAll(() => busy[Symbol.dispose]());

test("its script, with a function of a program in the place of a section", async () => {
  const script = execFileSync("./beetrace", ["criticalstat", "--ebpf"], { encoding: "utf8" })
    .replace('"filter.bt"', '"tools/filter.bt"')
    .replace("rawtracepoint:irq_disable", `uprobe:${busy.path}:busy`)
    .replace("rawtracepoint:irq_enable", `uretprobe:${busy.path}:busy`)
    .replace(/\bend = .*/, "end = 0, kernel_stack = kstack(perf)));");
  const timed = (minUs: number) =>
    runTool(
      "-f",
      ["json", "-e", script, "--", `--min_us=${minUs}`],
      ["taskset", "-c", "0", ...busy.command("5", "20")],
    );
  const rows = (await timed(20_000)).rows.filter(({ type }) => type === "value").map(({ data }) => data);
  expect(rows).toHaveLength(5);
  // The first argument of the function is the address of a section.
  for (const row of rows) expect(row).toMatchObject({ comm: "busy", cpu: 0, start: "0x14" });
  for (const row of rows) expect((row as { ns: number }).ns).toBeGreaterThanOrEqual(20_000_000);
  expect((await timed(10_000_000)).rows.filter(({ type }) => type === "value")).toEqual([]);
});

/** With the module, and without it afterwards. */
async function longSections(mode: string, argv: readonly string[]) {
  try {
    return await runTool("criticalstat", [...argv, "-d", String(DELAY_US), "--name", `${mode}_test`], sections(mode));
  } finally {
    execFileSync("rmmod", [MODULE]);
  }
}

for (const [mode, options] of [
  ["irq", []],
  ["preempt", ["-p"]],
] as const) {
  const cannot = !hasModule || !has(`${mode}_disable`);
  test.skipIf(cannot)(`ten long sections without ${mode}`, async () => {
    const { rows } = await longSections(mode, [...options, "--json"]);
    // An interrupt's or the scheduler's may be as long on a slow machine.
    const own = rows.filter(({ start }) => String(start).includes("preemptirqtest"));
    expect(own).toHaveLength(10);
    for (const { comm, ns, end, start } of own) {
      expect({ comm, end }).toEqual({ comm: `${mode}_test`, end: start });
      expect(Number(ns)).toBeGreaterThanOrEqual(DELAY_US * 1000);
      expect(Number(ns)).toBeLessThan(DELAY_US * 1000 * 4);
    }
  });

  test.skipIf(cannot)(`as BCC prints them, without ${mode}`, async () => {
    const { lines } = await longSections(mode, options);
    expect(lines[0]).toContain(`with ${mode} disabled for ${DELAY_US}us or more`);
    expect(lines[1]).toBe("===================================");
    const task = new RegExp(`^TASK: ${mode}_test \\(pid \\d+ tid \\d+ cpu \\d+\\) Total Time: \\d+\\.\\d{3}us$`);
    const own = lines.flatMap((line, at) => (/^Section start: \w*preemptirqtest/.test(line) ? [at] : []));
    expect(own).toHaveLength(10);
    for (const at of own) {
      expect(lines[at - 1]).toMatch(task);
      expect(lines[at + 1]).toMatch(/^Section end: {3}\w*preemptirqtest/);
      expect(lines[at + 2]).toMatch(/^ {2}trace_\w+\+0x[0-9a-f]+$/);
    }
  });
}
