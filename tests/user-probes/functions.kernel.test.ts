import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { countLines, mapValues } from "../tracing/output.ts";
import { RunningProcess, root, startWorkload, untilHeld, workloads } from "../tracing/process.ts";
import { startTracer, traceText } from "../tracing/tracer.ts";

const ROUNDS = 20;
/** 0 + 1 + … + 19. */
const SUM = (ROUNDS * (ROUNDS - 1)) / 2;
const targets = `${workloads}/targets`;

/** Traces 20 rounds of calls by a build of the targets; `T:` in the script stands for its file. */
async function traceTargets(script: string, build = "targets"): Promise<string> {
  await using workload = await startWorkload(build, ROUNDS, "--hold");
  // It stays until the tracer has ended: names of functions are looked up while a process lives.
  return await traceText(script.replaceAll("T:", `${workloads}/${build}:`), async () => {
    workload.write("\n");
    await untilHeld(workload);
  });
}

test("arguments in registers, of every width and sign", async () => {
  const stdout = await traceTargets(`
    uprobe:T:arg_u8 { @u8 = sum((uint8)arg0); }
    uprobe:T:arg_i8 { @i8 = sum((int8)arg0); }
    uprobe:T:arg_u16 { @u16 = sum((uint16)arg0); }
    uprobe:T:arg_i16 { @i16 = sum((int16)arg0); }
    uprobe:T:arg_u32 { @u32 = sum((uint32)arg0); }
    uprobe:T:arg_i32 { @i32 = sum((int32)arg0); }
    uprobe:T:arg_u64 { @u64 = min(18446744073709551615 - arg0); }
    uprobe:T:arg_i64 { @i64 = max((int64)arg0 + 9223372036854775807); }`);
  const sums = new Map([...stdout.matchAll(/^@(\w+): (-?\d+)$/gm)].map((match) => [match[1], Number(match[2])]));
  const u8 = Array.from({ length: ROUNDS }, (_, i) => (250 + i) & 0xff).reduce((sum, value) => sum + value, 0);
  const u16 = Array.from({ length: ROUNDS }, (_, i) => (65530 + i) & 0xffff).reduce((sum, value) => sum + value, 0);
  const u32 = Array.from({ length: ROUNDS }, (_, i) => (4294967290 + i) >>> 0).reduce((sum, value) => sum + value, 0);
  expect(Object.fromEntries(sums)).toEqual({
    ...{ u8, i8: -128 * ROUNDS + SUM },
    ...{ u16, i16: -32768 * ROUNDS + SUM },
    ...{ u32, i32: -2147483647 * ROUNDS + SUM },
    ...{ u64: 615 - (ROUNDS - 1), i64: ROUNDS - 1 },
  });
});

test("arguments on the stack", async () => {
  // At entry the stack pointer is at the return address.
  const stdout = await traceTargets(`uprobe:T:arg_eight {
    $stack = (int64 *)reg("sp");
    @[arg0, arg5, $stack[1], $stack[2]] = count();
  }`);
  const expected = Array.from({ length: ROUNDS }, (_, i) => [`${i}, ${i + 5}, ${i + 6}, ${i + 7}`, 1] as const);
  expect(mapValues(stdout, "@")).toEqual(new Map(expected));
});

test("strings, bytes and structures behind pointers", async () => {
  const stdout = await traceTargets(`
    enum color { RED = 1, GREEN = 2, BLUE = 4 };
    struct point { long x; long y; };
    struct record {
      int id; char name[16]; struct point at; enum color color; unsigned low : 3; unsigned high : 13;
      unsigned long word; short series[4]; const char *title; struct record *next; void *method;
    };
    uprobe:T:arg_string { @text[str(arg0)] = count(); }
    uprobe:T:arg_buffer { printf("bytes %rx\\n", buf(arg0, arg1)); }
    uprobe:T:arg_point_pointer { @y = sum(((struct point *)arg0)->y); }
    uprobe:T:arg_record {
      $r = (struct record *)arg0;
      printf("%d %s (%d, %d) %s %d %d %lx %d %s, %s %s\\n", $r->id, $r->name, $r->at.x, $r->at.y, $r->color,
        $r->low, $r->high, $r->word, $r->series[3], str($r->title), $r->next->name, str($r->next->title));
    }`);
  expect(mapValues(stdout, "@text").get("hello, tracer")).toBe(ROUNDS);
  expect(countLines(stdout, /^bytes \\x01\\x02\\x00\\xff$/)).toBe(ROUNDS);
  expect(mapValues(stdout, "@y").get("")).toBe(ROUNDS * 100 + SUM);
  for (let i = 0; i < ROUNDS; i++) {
    expect(stdout).toContain(
      `\n1 head (${i}, ${100 + i}) GREEN 5 4097 1122334455667788 -40 the first, tail the second\n`.slice(
        i === 0 ? 1 : 0,
      ),
    );
  }
});

test("what functions return", async () => {
  const stdout = await traceTargets(`
    uretprobe:T:return_negative { @negative = sum((int32)retval); }
    uretprobe:T:return_string { @text[str(retval)] = count(); }
    uretprobe:T:not_exported { @twice = sum(retval); }
    uretprobe:T:arg_bool { @bools[retval & 0xff] = count(); }`);
  expect(mapValues(stdout, "@negative").get("")).toBe(-ROUNDS - SUM);
  expect(mapValues(stdout, "@text").get("returned")).toBe(ROUNDS);
  expect(mapValues(stdout, "@twice").get("")).toBe(2 * SUM);
  expect(mapValues(stdout, "@bools")).toEqual(new Map([...[0, 1].map((bool) => [`${bool}`, ROUNDS / 2] as const)]));
});

test("recursive functions enter as often as they return", async () => {
  const stdout = await traceTargets(`
    uprobe:T:countdown { @entered["countdown"] = count(); }
    uretprobe:T:countdown { @returned["countdown"] = count(); @depth = sum(retval); }
    uprobe:T:fibonacci { @entered["fibonacci"] = count(); }
    uretprobe:T:fibonacci { @returned["fibonacci"] = count(); }`);
  const expected = new Map(Object.entries({ countdown: 4 * ROUNDS, fibonacci: 15 * ROUNDS }));
  expect(mapValues(stdout, "@entered")).toEqual(expected);
  expect(mapValues(stdout, "@returned")).toEqual(expected);
  expect(mapValues(stdout, "@depth").get("")).toBe((0 + 1 + 2 + 3) * ROUNDS);
});

test.each(["targets", "targets-stripped", "targets-static", "targets-nofp"])(
  "%s: a wildcard counts each function it stands for",
  async (build) => {
    const stdout = await traceTargets("uprobe:T:arg_* { @[func] = count(); @all = count(); }", build);
    const counts = mapValues(stdout, "@");
    expect(counts.get("arg_string")).toBe(ROUNDS);
    expect([...counts.values()]).toEqual(Array(19).fill(ROUNDS));
    expect(mapValues(stdout, "@all").get("")).toBe(19 * ROUNDS);
  },
);

test("a function by its address, and an instruction within one", async () => {
  const address = symbolAddress("arg_string");
  const inside = secondInstruction("fibonacci");
  const stdout = await traceTargets(
    `uprobe:T:${address} { @text[str(arg0)] = count(); } uprobe:T:fibonacci+${inside} { @inside = count(); }`,
  );
  expect(mapValues(stdout, "@text").get("hello, tracer")).toBe(ROUNDS);
  expect(mapValues(stdout, "@inside").get("")).toBe(15 * ROUNDS);
});

test("a name that a file does not have is told, with one that is like it", async () => {
  const args = ["-e", `uprobe:${targets}:arg_strnig { exit(); }`];
  await using tracer = await RunningProcess.start(`${root}beetrace`, args);
  const { code, stderr } = await tracer.finish();
  expect(code).not.toBe(0);
  expect(stderr).toContain("arg_string");
});

test("C++ functions by their demangled names", async () => {
  const stdout = await traceTargets(
    `uprobe:T:cpp:"shapes::Circle::scale" { @overloads = count(); }
     uprobe:T:cpp:"shapes::Circle::scale(int)" { @factor = sum((int32)arg1); }
     uprobe:T:cpp:"*shapes::larger*" { @templates = count(); }
     uprobe:T:_ZN6shapes6Circle4unitEv { @mangled = count(); }
     uprobe:T:unmangled { @plain = count(); }`,
    "targets-cpp",
  );
  const value = (name: string) => mapValues(stdout, name).get("");
  expect(value("@overloads")).toBe(2 * ROUNDS);
  expect(value("@factor")).toBe(2 * ROUNDS);
  expect(value("@templates")).toBe(2 * ROUNDS);
  expect(value("@mangled")).toBe(ROUNDS);
  expect(value("@plain")).toBe(ROUNDS);
});

test("call stacks, whole and cut off", async () => {
  const stdout = await traceTargets(
    `config = { show_debug_info = 0 }
    uprobe:T:fibonacci /arg0 == 0/ { @whole[ustack] = count(); @two[ustack(2)] = count(); }`,
  );
  const depths = [...stdout.matchAll(/^@whole\[\n([^\]]*)\]: (\d+)$/gm)].map(([, stack, count]) => {
    const lines = stack.trim().split("\n");
    const deep = lines.filter((line) => /^\s*fibonacci\+\d+$/.test(line)).length;
    expect(lines.some((line) => /^\s*main\+\d+$/.test(line))).toBe(true);
    return [deep, Number(count)];
  });
  expect(depths.reduce((sum, [, count]) => sum + count, 0)).toBe(3 * ROUNDS); // fibonacci(5) ends in fibonacci(0) three times
  for (const [, stack] of stdout.matchAll(/^@two\[\n([^\]]*)\]: \d+$/gm)) {
    expect(stack.trim().split("\n")).toHaveLength(2);
  }
});

test("-c runs a command, traces it alone, and ends with it", async () => {
  await using other = await startWorkload("targets", ROUNDS);
  const args = ["-c", `${targets} ${ROUNDS}`, "-e", `uprobe:${targets}:arg_string { @ = count(); }`];
  await using tracer = await startTracer(args);
  other.write("\n");
  await other.finish();
  const { code, stdout } = await tracer.finish();
  expect(code).toBe(0);
  expect(mapValues(stdout, "@").get("")).toBe(ROUNDS);
});

test("-p traces one of two processes, and ends with it", async () => {
  await using traced = await startWorkload("targets", ROUNDS);
  await using other = await startWorkload("targets", 1000);
  const script = `uprobe:${targets}:arg_string { @[pid] = count(); }`;
  await using tracer = await startTracer(["-p", String(traced.pid), "-e", script]);
  other.write("\n");
  await other.finish();
  traced.write("\n");
  await traced.finish();
  const { code, stdout } = await tracer.finish();
  expect(code).toBe(0);
  expect(mapValues(stdout, "@")).toEqual(new Map([[String(traced.pid), ROUNDS]]));
});

test("-p finds the program of a process that sees other files", async () => {
  const enter = 'mount -t tmpfs tmpfs /mnt && cp "$1" /mnt/hidden && exec /mnt/hidden --wait "$2"';
  const unshare = ["--mount", "--propagation", "private", "bash", "-c", enter, "enter", targets, String(ROUNDS)];
  await using contained = await RunningProcess.start("unshare", unshare);
  await contained.until("stdout", /^ready$/m);
  const script = "uprobe:/mnt/hidden:arg_string { @[str(arg0)] = count(); }";
  await using tracer = await startTracer(["-p", String(contained.pid), "-e", script]);
  contained.write("\n");
  await contained.finish();
  const { stdout } = await tracer.finish();
  expect(mapValues(stdout, "@").get("hello, tracer")).toBe(ROUNDS);
});

test.each(["targets", "targets-static"])("%s: variables by name, at a call and at a return", async (build) => {
  const stdout = await traceTargets(
    `uprobe:T:arg_i64 { @before = *uaddr("total"); @value = (int64)arg0; }
     uretprobe:T:arg_i64 /(int64)retval == @before + @value/ { @added = count(); }
     uretprobe:T:arg_i64 /(int64)retval == *uaddr("total")/ { @returned = count(); }`,
    build,
  );
  expect(mapValues(stdout, "@added").get("")).toBe(ROUNDS);
  expect(mapValues(stdout, "@returned").get("")).toBe(ROUNDS);
});

test("call stacks as build ids with offsets", async () => {
  const stdout = await traceTargets("uprobe:T:arg_string { @[ustack(build_id, 1)] = count(); }");
  const notes = execFileSync("readelf", ["-n", targets], { encoding: "utf8" });
  const [, id] = notes.match(/Build ID: ([0-9a-f]+)/) ?? [];
  expect(stdout).toContain(`@[\n${id} ${symbolAddress("arg_string").replace(/^0x0*/, "0x")}\n]: ${ROUNDS}\n`);
});

test("names are those of the files as they were written", async () => {
  const cwd = root.replace(/\/$/, "");
  const file = targets.replace(`${cwd}/`, "");
  const stdout = execFileSync(`${root}beetrace`, ["-l", `*:./${file}:arg_str*`], { cwd, encoding: "utf8" });
  expect(stdout).toBe(`uprobe:./${file}:arg_string\n`);
  expect(
    execFileSync(`${root}beetrace`, ["-l", "-e", `u:${file}*:arg_string {} begin {}`], { cwd, encoding: "utf8" }),
  ).toContain(`uprobe:${file}-stripped:arg_string\n`);
});

/** The link-time address of a function, as `nm` prints it. */
function symbolAddress(name: string): string {
  const line = execFileSync("nm", [targets], { encoding: "utf8" }).match(new RegExp(`^([0-9a-f]+) T ${name}$`, "m"));
  return `0x${line?.[1] ?? ""}`;
}

/** The offset of a function's second instruction that is longer than a byte. */
function secondInstruction(name: string): number {
  const text = execFileSync("objdump", ["-d", "--no-show-raw-insn", `--disassemble=${name}`, targets], {
    encoding: "utf8",
  });
  const addresses = [...text.matchAll(/^\s+([0-9a-f]+):/gm)].map((match) => Number.parseInt(match[1], 16));
  const index = addresses.findIndex((address, i) => i > 0 && addresses[i + 1] - address > 1);
  return addresses[index] - addresses[0];
}

test("a probe in the middle of an instruction is refused: it would destroy what runs there", () => {
  const run = (probe: string) => spawnSync(`${root}beetrace`, ["--dry-run", "-e", `${probe} {}`], { encoding: "utf8" });
  const code = execFileSync("objdump", ["-d", "--no-show-raw-insn", "--disassemble=arg_eight", targets], {
    encoding: "utf8",
  });
  const starts = [...code.matchAll(/^ +([0-9a-f]+):/gm)].map((match) => Number.parseInt(match[1], 16));
  const long = starts.findIndex((start, index) => starts[index + 1] - start > 1);
  const [within, next] = [starts[long] + 1, starts[long + 1]];
  const offset = (address: number) => `uprobe:${targets}:arg_eight+${address - starts[0]}`;
  const refused = run(offset(within));
  expect(refused.stderr).toContain("no instruction starts at arg_eight+");
  expect(refused.status).toBe(1);
  expect(run(`uprobe:${targets}:0x${within.toString(16)}`).status).toBe(1);
  expect(run(offset(next)).status).toBe(0);
  expect(run(`uprobe:${targets}:0x${next.toString(16)}`).status).toBe(0);
});
