import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, runToEnd, workloads } from "../tracing/process.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pictures-"));
  await beetrace("-V"); // builds, so that no test is told of it
});
afterAll(() => rmSync(folder, { recursive: true }));

const beetrace = (...args: string[]) => runToEnd(`${root}beetrace`, args);

/** `dd` that writes a byte so many times to its standard output. */
const writes = (count: number) => `dd if=/dev/zero of=/dev/null bs=1 count=${count} status=none`;
const OF_DD = "/ pid == cpid && args.fd == 1 /";

const ROUNDS = 10;
const CHAIN = `uprobe:${workloads}/targets:countdown { @[comm, ustack] = count(); }`;
/** What a CPU adds while its entry is taken away is lost: one of ten thousand is more than that. */
const NEARLY = 300_000 * (1 - 1e-4);

/** A probe at a function's first instruction is before its frame is made: the caller's frame is passed over. */
const FOLDED = [
  "targets;__libc_start_call_main;countdown 10",
  "targets;__libc_start_call_main;main;countdown 10",
  "targets;__libc_start_call_main;main;countdown;countdown 10",
  "targets;__libc_start_call_main;main;countdown;countdown;countdown 10",
];

const sumOf = (lines: readonly string[]) => lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);

describe("pictures of stacks", () => {
  const targets = `${workloads}/targets ${ROUNDS}`;

  test("folded on standard output are nothing but stacks", async () => {
    const { stdout, stderr } = await beetrace("--folded", "-", "-c", targets, "-e", CHAIN);
    expect(stdout).toBe(`${FOLDED.join("\n")}\n`);
    expect(stderr).toBe("Attached 1 probe\n");
  });

  test("in files take the place of the map's text, and what they hold is said", async () => {
    const [svg, folded] = [join(folder, "a.svg"), join(folder, "a.folded")];
    const script = `${CHAIN} END { @done = 1; }`;
    const { stdout, stderr } = await beetrace("--flame", svg, "--folded", folded, "-c", targets, "-e", script);
    expect(stdout).toBe("\n\n@done: 1\n");
    expect(stderr).toBe(`Attached 2 probes\n${svg}: 40 samples in 4 stacks\n${folded}: 40 samples in 4 stacks\n`);
    expect(readFileSync(folded, "utf8")).toBe(`${FOLDED.join("\n")}\n`);
    const picture = readFileSync(svg, "utf8");
    expect(picture).toContain(`<title>uprobe:${workloads}/targets:countdown { @[comm, ustack] = count(); } END`);
    expect([...picture.matchAll(/<title>(\w+)\n([\d,]+) samples, ([\d.]+)%/g)].map((found) => found.slice(1))).toEqual([
      ["all", "40", "100.00"],
      ["targets", "40", "100.00"],
      ["__libc_start_call_main", "40", "100.00"],
      ["countdown", "10", "25.00"],
      ["main", "30", "75.00"],
      ["countdown", "30", "75.00"],
      ["countdown", "20", "50.00"],
      ["countdown", "10", "25.00"],
    ]);
  });

  test("have the kernel's frames on those of user space, and the names of several maps at the root", async () => {
    const script = `tracepoint:syscalls:sys_enter_write ${OF_DD} { @n[kstack, comm, ustack] = count(); @b[kstack] = sum(args.count); }`;
    const { stdout } = await beetrace("--folded", "-", "-c", writes(300), "-e", script);
    const lines = stdout.trim().split("\n");
    const sum = (name: string) => sumOf(lines.filter((line) => line.startsWith(name)));
    expect([sum("@n;dd;"), sum("@b;")]).toEqual([300, 300]);
    for (const line of lines) expect(line).toMatch(/^@(n;dd(;[^;]*[^\]])*|b)(;[^;]*_\[k\])+ \d+$/);
  });

  test("of --every are of the whole run", async () => {
    const out = join(folder, "every.folded");
    const script = `tracepoint:syscalls:sys_enter_write ${OF_DD} { @[kstack(1), comm] = count(); }`;
    const { stdout } = await beetrace("--every", "100ms", "--folded", out, "-c", writes(300_000), "-e", script);
    expect(stdout.match(/^\d\d:\d\d:\d\d$/gm)?.length).toBeGreaterThan(1);
    expect(sumOf(readFileSync(out, "utf8").split("\n"))).toBeGreaterThan(NEARLY);
  });

  test("need a map of stacks and a file that can be written, before anything runs", async () => {
    const failing = (...args: string[]) => expect(beetrace(...args)).rejects;
    await failing("--flame", "x.svg", "-e", "BEGIN { @[comm] = count(); }").toThrow(
      /: 1\nERROR: no map of the script counts stacks\n/,
    );
    await failing("--folded", `${folder}/no/file`, "-e", "profile:hz:9 { @[kstack] = count(); }").toThrow(
      /: 1\nERROR: failed to write file '.*': No such file or directory\n/,
    );
  });
});

describe("time", () => {
  test("--every prints and clears results, and hardly a count is lost between", async () => {
    const script = `tracepoint:syscalls:sys_enter_write ${OF_DD} { @n[comm] = count(); @start[tid] = nsecs; }
      tracepoint:syscalls:sys_exit_write /@start[tid]/ { @started = count(); }`;
    const { stdout } = await beetrace("--every", "100ms", "-c", writes(300_000), "-e", script);
    const counts = [...stdout.matchAll(/^@n\[dd\]: (\d+)$/gm)].map(([, count]) => Number(count));
    expect(counts.length).toBeGreaterThan(1);
    const sum = counts.reduce((total, count) => total + count, 0);
    expect(sum).toBeLessThanOrEqual(300_000);
    expect(sum).toBeGreaterThan(NEARLY);
    const [intervals, end] = stdout.split("\n\n\n");
    expect(intervals).toMatch(/^\d\d:\d\d:\d\d$/m);
    expect(intervals).not.toContain("@start[");
    expect(end).toMatch(/^@start\[\d+\]: \d+$/m);
  });

  test("--duration ends the run as a signal does", async () => {
    const startedAt = performance.now();
    const script = 'BEGIN { @x = 1; } interval:ms:20 { @n = count(); } END { printf("end\\n"); }';
    const { stdout } = await beetrace("--duration", "400ms", "-e", script);
    expect(stdout).toMatch(/^end\n\n\n@n: \d+\n@x: 1\n$/);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });
});

describe("--live in a pipe", () => {
  test("is a block a refresh, and the maps at the end", async () => {
    const script = 'BEGIN { @x["a"] = 5; printf("hello\\n"); } interval:s:60 { }';
    const { stdout } = await beetrace("--live", "--refresh", "150ms", "--duration", "400ms", "-e", script);
    const block = "--- 00:00\n\n@x\\[\\]  value  per s\na +5 +[\\d.]+k?  █+ +[▁█]+\n";
    expect(stdout).toMatch(new RegExp(`^hello\n(${block}){1,2}\n\n@x\\[a\\]: 5\n$`));
  });

  test("shows a map that the script prints as it was then", async () => {
    const script = "BEGIN { @n = count(); } interval:ms:100 { @n = count(); print(@n); clear(@n); }";
    const { stdout } = await beetrace("--live", "--refresh", "130ms", "--duration", "700ms", "-e", script);
    const shown = [...stdout.matchAll(/^@n +(\d+) /gm)].map(([, count]) => Number(count));
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.slice(1).filter((count) => count !== 1)).toEqual([]);
  });
});
