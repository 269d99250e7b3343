import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { root, runToEnd } from "../tracing/process.ts";
import { hasTerminals, Screen } from "../tracing/screen.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  await beetrace("-V"); // builds, so that no test is told of it
});
afterAll(() => rmSync(folder, { recursive: true }));

const beetrace = (...args: string[]) => runToEnd(`${root}beetrace`, args);
const file = (name: string) => join(folder, name);

describe("stacks of tools as files", () => {
  /** A second of what all processors do, idle ones too. */
  const sampled = async (...args: string[]) => beetrace("profile", "-I", "-F", "99", ...args, "1");
  const sumOf = (text: string) => [...text.matchAll(/ (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);

  test("two recordings are compared: of folded stacks, as a flame graph draws them", async () => {
    const before = (await sampled("-f", "-a")).stdout;
    expect(sumOf(before)).toBeGreaterThan(0);
    writeFileSync(file("before"), before);
    writeFileSync(file("after"), `${before}grown;only_now ${sumOf(before)}\n`);
    const { stdout } = await beetrace("flame", file("before"), file("after"));
    expect(stdout).toMatch(/<title>only_now\n[^<]*: \+50\.00 points<\/title><rect [^>]*fill="rgb\(240,90,90\)"/);
  });

  test.skipIf(!existsSync("/usr/bin/go"))("go's pprof reads what is written for it (needs go)", async () => {
    const { stderr } = await sampled("--pprof", file("o.pb.gz"));
    const samples = Number(/: ([\d,]+) samples in/.exec(stderr)?.[1].replaceAll(",", ""));
    const raw = execFileSync("go", ["tool", "pprof", "-raw", file("o.pb.gz")], { encoding: "utf8" });
    expect(raw).toMatch(/^PeriodType: cpu nanoseconds\nPeriod: 10101010$/m);
    expect(raw).toMatch(/^samples\/count cpu\/nanoseconds/m);
    const counts = [...raw.matchAll(/^ +(\d+) +(\d+):/gm)].map(([, count, ns]) => [Number(count), Number(ns)]);
    expect(counts.reduce((sum, [count]) => sum + count, 0)).toBe(samples);
    for (const [count, ns] of counts) expect(ns).toBe(count * 10101010);
  });

  test("speedscope's file has a frame for each place and a weight for each stack", async () => {
    await sampled("--speedscope", file("o.json"));
    const { $schema, shared, profiles } = JSON.parse(readFileSync(file("o.json"), "utf8"));
    expect($schema).toBe("https://www.speedscope.app/file-format-schema.json");
    for (const { type, samples, weights, startValue, endValue } of profiles) {
      expect(type).toBe("sampled");
      expect(samples).toHaveLength(weights.length);
      expect(startValue + weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBe(endValue);
      for (const at of samples.flat()) expect(shared.frames[at]).toHaveProperty("name");
    }
  });
});

describe("histograms of tools over time", () => {
  const TOOL = "runqlat --live --duration 3 0.5";

  test("in a pipe: a line an interval", async () => {
    const { stdout } = await beetrace("runqlat", "--live", "0.3", "3");
    const [intro, scale, ...lines] = stdout.trimEnd().split("\n");
    expect(intro).toBe("Tracing run queue latency... Hit Ctrl-C to end.");
    expect(scale).toMatch(/^usecs {5}0 {3}16 {2}256 4K {2}64K 1M {2}16M 256M4G {4}\. is 1 to 3, each of/);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^\d\d:\d\d:\d\d \|[ .:=+*#%@-]{36}\| [\d,]+$/);
  });

  test("rows for programs, and tables, are what they are without it", async () => {
    const { stdout } = await beetrace("runqlat", "--live", "--json", "0.3", "1");
    for (const line of stdout.trim().split("\n")) expect(Object.keys(JSON.parse(line))).toContain("count");
    expect((await beetrace("hardirqs", "--live", "0.3", "1")).stdout).toContain("HARDIRQ ");
  });

  describe.skipIf(!hasTerminals)("on a terminal (needs tmux)", () => {
    let screen: Screen | undefined;
    afterEach(() => screen?.[Symbol.dispose]());
    const start = (environment: string) => {
      screen = new Screen(`${environment} ./beetrace ${TOOL}`, 80, 30);
      return screen;
    };

    test("in place, each column a colour by count; the last picture stays", async () => {
      const live = start("env -u NO_COLOR COLORTERM=truecolor");
      await live.until(/^status 0$/m);
      const text = live.text();
      expect(text.split("\n")[0]).toMatch(/^runqlat {2}\d\d:\d\d:\d\d {2}Ctrl-C ends$/);
      expect(text).toMatch(/^usecs +[\d,]+ in all {2}1 {7}[\d,]+$/m);
      expect(text.match(/in all/g)).toHaveLength(1);
      expect(live.colored()).toMatch(/ 16 │.*\[48;2;\d+;\d+;\d+m/);
    });

    test("without colours, by characters", async () => {
      const live = start("NO_COLOR=1");
      const text = await live.until(/^status 0$/m);
      expect(text).toMatch(/^ {4}16 │[ .:=+*#%@-]*[.:=+*#%@-]/m);
      expect(live.colored()).not.toContain("[48;");
    });
  });
});
