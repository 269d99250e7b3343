import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countLines, mapValues } from "../tracing/output.ts";
import { RunningProcess, root, startWorkload, untilHeld, workloads } from "../tracing/process.ts";
import { traceText } from "../tracing/tracer.ts";

const ROUNDS = 20;
/** 0 + 1 + … + 19. */
const SUM = (ROUNDS * (ROUNDS - 1)) / 2;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "debug-info-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Traces 20 rounds of calls; `T` in the script stands for the program's file. */
async function traceTargets(script: string, build = "targets", args: readonly string[] = []): Promise<string> {
  await using workload = await startWorkload(build, ROUNDS, "--hold");
  return await traceText(
    script.replaceAll("T:", `${workloads}/${build}:`).replaceAll("T@", `${workloads}/${build}@`),
    async () => {
      workload.write("\n");
      await untilHeld(workload);
    },
    args,
  );
}

/** The line of the source that holds a text. */
function lineOf(source: string, text: string): number {
  const lines = readFileSync(`${root}tests/workloads/${source}`, "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

test("parameters by name, of every width and sign", async () => {
  const stdout = await traceTargets(`
    uprobe:T:arg_u8 { @u8 = sum(args.value); }
    uprobe:T:arg_i8 { @i8 = sum(args.value); }
    uprobe:T:arg_u16 { @u16 = sum(args.value); }
    uprobe:T:arg_i32 { @i32 = sum(args.value); }
    uprobe:T:arg_bool { @bool[args.value] = count(); }
    uprobe:T:arg_enum { @enum[args.value] = count(); }
    uprobe:T:arg_string { @text[str(args.text)] = count(); }`);
  const u8 = Array.from({ length: ROUNDS }, (_, i) => (250 + i) & 0xff).reduce((sum, value) => sum + value, 0);
  const u16 = Array.from({ length: ROUNDS }, (_, i) => (65530 + i) & 0xffff).reduce((sum, value) => sum + value, 0);
  const single = (name: string) => mapValues(stdout, name).get("");
  expect([single("@u8"), single("@i8"), single("@u16"), single("@i32")]).toEqual([
    u8,
    -128 * ROUNDS + SUM,
    u16,
    -2147483647 * ROUNDS + SUM,
  ]);
  expect(mapValues(stdout, "@bool")).toEqual(
    new Map([
      ["true", 10],
      ["false", 10],
    ]),
  );
  expect(mapValues(stdout, "@enum")).toEqual(new Map([["BLUE", ROUNDS]]));
  expect(mapValues(stdout, "@text")).toEqual(new Map([["hello, tracer", ROUNDS]]));
});

test("structs behind pointers have the fields that the compiler gave them", async () => {
  const stdout = await traceTargets(`uprobe:T:arg_record {
    $r = args.record;
    printf("%d %s (%d, %d) %s %d %d %lx %d %s, %s %s\\n", $r.id, $r.name, $r.at.x, $r.at.y, $r.color, $r.low, $r.high,
      $r.word.whole, $r.series[3], str($r.title), $r.next.name, str(((struct record *)arg0).next.title));
  }`);
  for (let i = 0; i < ROUNDS; i++) {
    const line = `1 head (${i}, ${100 + i}) GREEN 5 4097 1122334455667788 -40 the first, tail the second`;
    expect(countLines(stdout, new RegExp(`^${line.replace(/[()]/g, "\\$&")}$`))).toBe(1);
  }
});

test("structs by value and parameters on the stack", async () => {
  const stdout = await traceTargets(`
    uprobe:T:arg_point { @point = sum(args.point.y); @whole[args.point] = count(); }
    uprobe:T:arg_box { @box = sum(args.box.edges[0] + args.box.edges[3]); }
    uprobe:T:arg_eight { @eight[args.a, args.f, args.g, args.h] = count(); }`);
  expect(mapValues(stdout, "@point").get("")).toBe(100 * ROUNDS + SUM);
  expect(mapValues(stdout, "@whole").get("{ .x = 3, .y = 103 }")).toBe(1);
  expect(mapValues(stdout, "@box").get("")).toBe(40 * ROUNDS + SUM);
  const eight = Array.from({ length: ROUNDS }, (_, i) => [`${i}, ${i + 5}, ${i + 6}, ${i + 7}`, 1] as const);
  expect(mapValues(stdout, "@eight")).toEqual(new Map(eight));
});

test("all parameters at once, printed and as a key", async () => {
  const stdout = await traceTargets(`
    uprobe:T:arg_i8, uprobe:T:arg_u8 { @[args] = count(); }
    uprobe:T:arg_bool { print(args); }`);
  expect(mapValues(stdout, "@").get("{ .value = -128 }")).toBe(1);
  expect(mapValues(stdout, "@").get("{ .value = 250 }")).toBe(1);
  expect(countLines(stdout, /^\{ \.value = true \}$/)).toBe(10);
});

test("methods of C++ have this", async () => {
  const stdout = await traceTargets(
    `uprobe:T:cpp:"shapes::Circle::scale(int)" { @radius = sum(args.this.radius_); @factor = sum(args.factor); }`,
    "targets-cpp",
  );
  expect(mapValues(stdout, "@radius").get("")).toBe(SUM);
  expect(mapValues(stdout, "@factor").get("")).toBe(2 * ROUNDS);
});

test("a line of source code, also inside of a function", async () => {
  const nothing = lineOf("targets.c", "target void return_nothing(void)");
  const record = lineOf("targets.c", "arg_record(&record);");
  const stdout = await traceTargets(`
    uprobe:T@targets.c:${nothing} { @line[func] = count(); }
    uprobe:T@targets.c:${record} { @inside[func] = count(); }`);
  expect(mapValues(stdout, "@line")).toEqual(new Map([["return_nothing", ROUNDS]]));
  expect([...mapValues(stdout, "@inside").values()]).toEqual([ROUNDS]);
});

test("stacks have lines, unless they are not wanted", async () => {
  const source = sourcePath();
  const own = lineOf("targets.c", "target long fibonacci(");
  const caller = lineOf("targets.c", "  fibonacci(5);");
  const script = "uprobe:T:fibonacci /arg0 == 1/ { @[ustack(7)] = count(); }";
  const shown = (await traceTargets(script)).split("\n").map((line) => line.trim());
  expect(shown).toContain(`fibonacci+0@${source}:${own}`);
  // The compiler put round_of_calls into main. It calls in this line; where the call comes back to is in the next.
  expect(shown).toContain(`[inlined] round_of_calls@${source}:${caller}`);
  const plain = await traceTargets(`config = { show_debug_info = 0 } ${script}`);
  expect(plain).toMatch(/^ +fibonacci\+0$/m);
  expect(plain).not.toContain(source);
  const perf = await traceTargets("uprobe:T:fibonacci /arg0 == 1/ { @[ustack(perf, 7)] = count(); }");
  expect(perf).toMatch(/\t[0-9a-f]+ round_of_calls \(inlined\)\n\t[0-9a-f]+ main\+\d+ \(.*\/targets\)\n/);
});

function sourcePath(): string {
  const lines = execFileSync("addr2line", ["-e", `${workloads}/targets`, symbolAddress("fibonacci")]).toString();
  return lines.split(":")[0];
}

function symbolAddress(name: string): string {
  const symbols = execFileSync("nm", [`${workloads}/targets`]).toString();
  return (
    symbols
      .split("\n")
      .find((line) => line.endsWith(` ${name}`))
      ?.split(" ")[0] ?? ""
  );
}

test("a stripped program's debug file is found: beside it, and in a directory that is named", async () => {
  const program = join(directory, "stripped");
  copyFileSync(`${workloads}/targets`, program);
  mkdirSync(join(directory, ".debug"));
  mkdirSync(join(directory, "elsewhere"));
  const debug = join(directory, ".debug", "stripped.debug");
  execFileSync("objcopy", ["--only-keep-debug", program, debug]);
  execFileSync("strip", ["--strip-debug", program]);
  const parameters = (...args: readonly string[]) =>
    spawnSync(`${root}beetrace`, ["-lv", `uprobe:${program}:arg_buffer`, ...args])
      .stdout.toString()
      .split("\n")
      .slice(1, -1);
  expect(parameters()).toEqual(["    const void* bytes", "    size_t length"]);
  copyFileSync(debug, join(directory, "elsewhere", "stripped.debug"));
  rmSync(debug);
  expect(parameters()).toEqual([]);
  for (const place of [join(directory, "elsewhere"), "./elsewhere", "/nowhere:./elsewhere"])
    expect(parameters("--debuginfo", place)).toEqual(["    const void* bytes", "    size_t length"]);
  // A file that was made for another program is no help.
  execFileSync("objcopy", [
    "--only-keep-debug",
    `${workloads}/targets-cpp`,
    join(directory, "elsewhere", "stripped.debug"),
  ]);
  expect(parameters("--debuginfo", "./elsewhere")).toEqual([]);
});

test("a damaged debug file is told, or passed over, and nothing else happens", async () => {
  const program = join(directory, "damaged");
  copyFileSync(`${workloads}/targets`, program);
  const sections = join(directory, "info");
  execFileSync("objcopy", ["--dump-section", `.debug_info=${sections}`, program, join(directory, "unused")]);
  const bytes = readFileSync(sections);
  bytes.fill(0xee, 12);
  writeFileSync(sections, bytes);
  execFileSync("objcopy", ["--update-section", `.debug_info=${sections}`, program]);
  const listed = spawnSync(`${root}beetrace`, ["-lv", `uprobe:${program}:arg_buffer`]);
  expect(listed.stdout.toString()).toBe(`uprobe:${program}:arg_buffer\n`);
  await using workload = await RunningProcess.start(program, ["--wait", "3", "--hold"]);
  const stdout = await traceText(`uprobe:${program}:arg_buffer { @[ustack(1)] = count(); }`, async () => {
    workload.write("\n");
    await untilHeld(workload);
  });
  expect(stdout).toMatch(/arg_buffer\+0\n\]: 3/);
});
