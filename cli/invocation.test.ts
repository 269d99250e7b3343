import { expect, test } from "vitest";
import { readInvocation } from "./invocation.ts";
import { parseArguments } from "./parse-arguments.ts";

const read = (...argv: string[]) => readInvocation(parseArguments(argv));

test("what is not said has bpftrace's defaults", () => {
  expect(read("-e", "p")).toEqual({
    kind: "run",
    script: { kind: "text", text: "p" },
    params: [],
    namedParams: [],
    includeDirs: [],
    includeFiles: [],
    format: "text",
    bufferMode: "line",
    quiet: false,
    verbose: false,
    warnings: 1,
    unsafe: false,
    withoutFeatures: new Set(),
    dryRun: false,
    mode: "run",
    emitLlvm: false,
    explain: false,
    stages: new Set(),
  });
});

test("everything that can be said", () => {
  const argv =
    "a.bt 1 -p 7 -f json -o out -B full -qvk --unsafe --dry-run --mode codegen -d codegen,dis --emit-asm x.s" +
    " --no-feature kprobe_session,uprobe_multi --probe-filter ^k -I d1 -I d2 --include f -- --x=1 -3 --y";
  expect(read(...argv.split(" "))).toEqual({
    kind: "run",
    script: { kind: "file", path: "a.bt" },
    params: ["1", "-3"],
    namedParams: ["--x=1", "--y"],
    includeDirs: ["d1", "d2"],
    includeFiles: ["f"],
    pid: 7,
    probeFilter: /^k/,
    format: "json",
    output: "out",
    bufferMode: "full",
    quiet: true,
    verbose: true,
    warnings: 2,
    unsafe: true,
    withoutFeatures: new Set(["kprobe_session", "uprobe_multi"]),
    dryRun: true,
    mode: "codegen",
    explain: false,
    emitLlvm: false,
    stages: new Set(["ir", "bytecode"]),
    emitAsm: "x.s",
  });
});

test("pictures, intervals and the screen", () => {
  expect(read("-e", "p", "--flame", "a.svg", "--folded", "-", "--every", "500ms", "--duration", "2m")).toMatchObject({
    pictures: { flame: "a.svg", folded: "-" },
    everyMs: 500,
    durationMs: 120_000,
  });
  expect(read("-e", "p", "--live")).toMatchObject({ liveRefreshMs: 1000 });
  expect(read("-e", "p", "--live", "--refresh", "1500us")).toMatchObject({ liveRefreshMs: 1.5 });
});

test("the last -e is the program, and the file then its first parameter", () => {
  expect(read("-e", "a", "file", "-e", "b")).toMatchObject({ script: { kind: "text", text: "b" }, params: ["file"] });
  expect(read("-", "x")).toMatchObject({ script: { kind: "stdin" }, params: ["x"] });
});

test("directories with debug information add up", () => {
  const options = ["--debuginfo", "a:b", "--debuginfo=:c"];
  expect(read("-e", "p", ...options)).toMatchObject({ debugDirectories: ["a", "b", "c"] });
  expect(read("-l", ...options)).toMatchObject({ debugDirectories: ["a", "b", "c"] });
});

test("what has no effect is taken", () => {
  const without = ["-b", "--usdt-file-activation", "--verify-llvm-ir"];
  expect(read(...without, "-e", "p")).toEqual(read("-e", "p"));
});

test("listing and formatting", () => {
  expect(read("-l")).toEqual({ kind: "list", verbose: false });
  expect(read("-lv", "k:*", "-p", "3")).toEqual({ kind: "list", verbose: true, search: "k:*", pid: 3 });
  expect(read("-l", "-e", "p")).toEqual({ kind: "list", verbose: false, program: "p" });
  expect(read("--fmt", "-", "-o", "x")).toEqual({ kind: "format", script: { kind: "stdin" }, output: "x" });
  expect(read("--mode=format", "x")).toEqual({ kind: "format", script: { kind: "file", path: "x" } });
  expect(read("--info")).toEqual({ kind: "info" });
});

test.each([
  [["-q"], "a script is needed: a FILE, - for standard input, or -e 'PROGRAM'"],
  [["-l", "a", "b"], "-l takes one search"],
  [["-e", "p", "-c", "x", "-p", "1"], "-c and -p exclude each other"],
  [["-e", "p", "-p", "a1111"], "Failed to parse pid: invalid integer: a1111"],
  [["-e", "p", "-p", "111a1"], "Failed to parse pid: invalid trailing bytes: 111a1"],
  [["-e", "p", "-p", "5000000"], "Pid out of range: 5000000"],
  [["-e", "p", "-p", "0"], "Pid out of range: 0"],
  [["-e", "p", "-B", "half"], "-B: 'half' is none of none, line, full"],
  [["-e", "p", "-f", "xml"], 'Invalid output format "xml"'],
  [["-e", "p", "-kk"], "-kk is no longer a level of its own"],
  [["-e", "p", "-k", "--no-warnings"], "-k and --no-warnings exclude each other"],
  [["-e", "p", "--fmt", "--mode", "codegen"], "the modes format and codegen exclude each other"],
  [["-e", "p", "-d", "asm"], /^--debug: 'asm' is none of all, ast/],
  [["-e", "p", "--no-feature", "btf"], /^--no-feature: 'btf' is none of/],
  [["-e", "p", "--every", "5"], "--every: '5' is not a duration"],
  [["-e", "p", "--duration", "30d"], "--duration: '30d' is not between 1ms and 24d"],
  [["-e", "p", "--live", "--refresh", "10us"], "--refresh: '10us' is not between 1ms and 24d"],
  [["-e", "p", "--refresh", "1s"], "--refresh is of --live"],
  [["-e", "p", "--live", "--every", "1s"], "--live and --every exclude each other"],
  [["-e", "p", "--live", "-f", "json"], "--live is for people"],
  [["-e", "p", "--probe-filter", "("], /^Invalid --probe-filter regex/],
])("%j is refused", (argv, message) => {
  expect(() => read(...argv)).toThrow(message);
});

test("named parameters stand behind --, among the others", () => {
  expect(read("-e", "p", "1", "--", "--n=2", "3")).toMatchObject({ params: ["1", "3"], namedParams: ["--n=2"] });
  expect(() => read("-e", "p", "--n=2")).toThrow(/unknown option --n/);
});
