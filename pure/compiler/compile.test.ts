import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { CONFIG_DEFAULTS, readConfig } from "./config.ts";
import { Diagnostics } from "./diagnostic.ts";
import { parseScript } from "./parser/parser.ts";
import { locator, singleSource } from "./sources.ts";
import { compiled, errorsOf, irOf, said } from "./testing/index.ts";

/** The instructions of a script's IR, without slots and frame. */
function body(source: string): string {
  return irOf(source)
    .split("\n")
    .filter((line) => !line.startsWith("  slot") && line !== "}")
    .join("\n");
}

describe("IR", () => {
  test("a constant expression leaves only its value", () => {
    expect(body("begin { @x = (2 + 3) * 4; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = &AT_x[0] + 0
        store8 [v2], 20
        store64 [v2 + 8], 1
        return 0"
    `);
  });
  test("a counter is added to atomically", () => {
    expect(body("begin { @x++; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = &AT_x[0] + 0
        v4 = 1
        atomic-add64 [v2], v4
        store64 [v2 + 8], 1
        return 0"
    `);
  });
  test("pid is asked for once", () => {
    expect(body("begin { if (pid == 5) { @x = pid + tid; } }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = call get_current_pid_tgid()
        v3 = rsh v2, 32
        if v3 eq 5 b5 else b6
      b5:
        v5 = rsh v2, 32
        v7 = zext32 v2
        v8 = add v5, v7
        v9 = &AT_x[0] + 0
        store64 [v9], v8
        store64 [v9 + 8], 1
        return 0
      b6:
        return 0"
    `);
  });
  test("division that may be by zero", () => {
    expect(body("begin { @x = @y / @z; @y = (uint64)1; @z = (uint64)2; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = &AT_y[0] + 0
        v3 = load64 [v2]
        v4 = &AT_z[0] + 0
        v5 = load64 [v4]
        v6 = 1
        if v5 eq 0 b5 else b6
      b5:
        v7 = &runtime[0] + 0
        v8 = 1
        atomic-add64 [v7], v8
        jump b7
      b6:
        v6 = div v3, v5
        jump b7
      b7:
        v10 = &AT_x[0] + 0
        store64 [v10], v6
        store64 [v10 + 8], 1
        v11 = &AT_y[0] + 0
        store64 [v11], 1
        store64 [v11 + 8], 1
        v12 = &AT_z[0] + 0
        store64 [v12], 2
        store64 [v12 + 8], 1
        return 0"
    `);
  });
  test("a condition makes no truth value", () => {
    expect(body("begin { $a = nsecs; if ($a > 5 && !($a == 9)) { @x = 1; } }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v3 = call ktime_get_boot_ns()
        if v3 gt 5 b7 else b6
      b7:
        if v3 eq 9 b6 else b5
      b5:
        v6 = &AT_x[0] + 0
        store8 [v6], 1
        store64 [v6 + 8], 1
        return 0
      b6:
        return 0"
    `);
  });
  test("count of a key", () => {
    expect(body("begin { @c[pid] = count(); }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = call get_current_pid_tgid()
        v3 = rsh v2, 32
        store32 [s0], v3
        v4 = call map_lookup_elem(&AT_c, &s0)
        if v4 ne 0 b5 else b6
      b5:
        v5 = 1
        atomic-add64 [v4], v5
        return 0
      b6:
        store64 [s1], 1
        v6 = call map_update_elem(&AT_c, &s0, &s1, 1)
        v7 = sext32 v6
        if v7 slt 0 b8 else b7
      b8:
        v8 = call map_lookup_elem(&AT_c, &s0)
        if v8 ne 0 b10 else b11
      b10:
        v9 = 1
        atomic-add64 [v8], v9
        return 0
      b11:
        v10 = &runtime[0] + 0
        v11 = 1
        atomic-add64 [v10], v11
        store64 [v10 + 8], v7
        return 0
      b7:
        return 0"
    `);
  });
  test("printf writes into the ring", () => {
    expect(body('begin { printf("%d\\n", pid); }')).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = call ringbuf_reserve(&events, 16, 0)
        if v2 ne 0 b5 else b6
      b5:
        store64 [v2], 0
        v3 = call get_current_pid_tgid()
        v4 = rsh v3, 32
        store32 [v2 + 8], v4
        call ringbuf_submit(v2, 0)
        return 0
      b6:
        v6 = &runtime[0] + 0
        v7 = 1
        atomic-add64 [v6], v7
        return 0"
    `);
  });
  test("a while loop", () => {
    expect(body("begin { $i = 0; while ($i < 10) { $i++; } @ = $i; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = 0
        jump b5
      b5:
        if v2 slt 10 b6 else b7
      b6:
        v2 = add v2, 1
        jump b5
      b7:
        v7 = &AT_[0] + 0
        store64 [v7], v2
        store64 [v7 + 8], 1
        return 0"
    `);
  });
  test("a for loop is a function", () => {
    expect(body("begin { $s = 0; for $i : 0..@n { $s += $i; } @n = $s; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        store64 [s0], 0
        v3 = &AT_n[0] + 0
        v4 = load64 [v3]
        if v4 sgt 0 b5 else b6
      b5:
        store64 [s1], 0
        store64 [s1 + 8], 0
        v6 = &s0
        store64 [s1 + 16], v6
        v7 = call ktime_get_ns()
        v8 = load64 [s0]
        v9 = xor v8, v7
        v10 = xor v9, v7
        store64 [s0], v10
        v11 = call loop(v4, &loop_0(), &s1, 0)
        v12 = sext32 v11
        if v12 slt 0 b7 else b8
      b7:
        v13 = &runtime[0] + 0
        v14 = 1
        atomic-add64 [v13], v14
        store64 [v13 + 8], v12
        jump b8
      b8:
        v15 = load64 [s1]
        if v15 ne 0 b9 else b6
      b9:
        return 0
      b6:
        v16 = load64 [s0]
        v17 = &AT_n[0] + 0
        store64 [v17], v16
        store64 [v17 + 8], 1
        return 0
      func loop_0(index: v0, env: v1) {
      b0:
        v3 = load64 [v1 + 8]
        v4 = zext32 v0
        v5 = add v3, v4
        v7 = load64 [v1 + 16]
        v9 = load64 [v7]
        v10 = add v9, v5
        store64 [v7], v10
        return 0"
    `);
  });
  test("a predicate", () => {
    expect(body("kprobe:vfs_read /arg2 > 4096/ { @ = count(); }")).toMatchInlineSnapshot(`
      "func kprobe_vfs_read_1(ctx: v0) {
      b0:
        v2 = load64 [v0 + 96]
        if v2 gt 4096 b2 else b1
      b2:
        store32 [s0], 0
        v3 = call map_lookup_elem(&AT_, &s0)
        if v3 eq 0 b5 else b6
      b5:
        return 0
      b6:
        v4 = 1
        atomic-add64 [v3], v4
        store64 [v3 + 8], 1
        return 0
      b1:
        return 0"
    `);
  });
  test("a system call's filter", () => {
    expect(body("tracepoint:syscalls:sys_enter_openat { @ = 1; }")).toMatchInlineSnapshot(`
      "func tracepoint_syscalls_sys_enter_openat_1(ctx: v0) {
      b0:
        v2 = load64 [v0 + 8]
        if v2 eq 257 b4 else b1
      b4:
        v4 = call get_current_task_btf()
        v5 = load32 [v4 + 16]
        if v5 set 2 b1 else b2
      b2:
        v6 = &AT_[0] + 0
        store8 [v6], 1
        store64 [v6 + 8], 1
        return 0
      b1:
        return 0"
    `);
  });
  test("a field of the kernel's memory", () => {
    expect(body("begin { @ = curtask->real_parent->pid; }")).toMatchInlineSnapshot(`
      "func begin_1(ctx: v0) {
      b0:
        v2 = call get_current_task_btf()
        v3 = load64 [v2 + 40]
        v4 = load32 [v3 + 28]
        v5 = sext32 v4
        v6 = &AT_[0] + 0
        store32 [v6], v5
        store64 [v6 + 8], 1
        return 0"
    `);
  });
});

describe("config", () => {
  const read = (text: string, environment: Record<string, string> = {}) => {
    const diagnostics = new Diagnostics();
    const config = readConfig(
      parseScript(`config = { ${text} } begin { }`, { params: [] }).script.config,
      environment,
      diagnostics,
    );
    return { config, said: diagnostics.all.map(({ severity, message }) => `${severity}: ${message}`) };
  };

  test("nothing said", () => expect(read("").config).toEqual(CONFIG_DEFAULTS));

  test("values, in any case of letters, with or without the prefix", () => {
    const { config, said } = read(
      'MAX_STRLEN = 64; bpftrace_max_map_keys = 5; str_trunc_trailer = ""; stack_mode = perf;',
    );
    expect(said).toEqual([]);
    expect(config).toEqual({
      ...CONFIG_DEFAULTS,
      max_strlen: 64,
      max_map_keys: 5,
      str_trunc_trailer: "",
      stack_mode: "perf",
    });
  });

  test.each([
    ["cpp_demangle = yes", "cpp_demangle", true],
    ["cpp_demangle = 0", "cpp_demangle", false],
    ["no_cpp_demangle = 1", "cpp_demangle", false],
    ["strlen = 7", "max_strlen", 7],
    ["cat_bytes_max = 7", "max_cat_bytes", 7],
  ] as const)("%s", (text, key, value) => expect(read(`${text};`).config[key]).toBe(value));

  test("the environment wins; what it does not know is nobody's business", () => {
    const { config, said } = read("max_strlen = 64;", { BPFTRACE_MAX_STRLEN: "32", BPFTRACE_NOPE: "1", PATH: "/bin" });
    expect(config.max_strlen).toBe(32);
    expect(said).toEqual([]);
  });

  test.each([
    ["nope = 1", "error: nope: not a known configuration option"],
    ["max_strlen = abc", "error: Invalid value for max_strlen: expected a whole number"],
    ["max_stack_depth = 0", "error: Invalid value for max_stack_depth: expected 1 to 1024"],
    ["max_stack_depth = 1025", "error: Invalid value for max_stack_depth: expected 1 to 1024"],
    ["cpp_demangle = 5", "error: Invalid value for cpp_demangle: expected true or false"],
    [
      'license = "BSD"',
      "error: Invalid value for license. Found: BSD. Valid values: Dual MIT/GPL, Dual BSD/GPL, Dual MPL/GPL, GPL and additional rights, GPL v2, GPL",
    ],
    ["strlen = 7", "warning: strlen has been renamed, please use max_strlen"],
    ["unstable_macro = enable", "warning: unstable_macro has no effect"],
    ["unstable_tseries = 5", "error: Invalid value for unstable_tseries. Found: 5. Valid values: enable, warn, error"],
  ])("%s", (text, message) => expect(read(`${text};`).said).toEqual([message]));
});

describe("syntax errors", () => {
  test.each([
    ["begin { print(1 }", "syntax: unexpected '}', expected ',' or ')'"],
    ["begin {", "syntax: unexpected end of file, expected '}'"],
    ["begin", "syntax: unexpected end of file, expected '{', ',' or a predicate"],
    ['begin { print("abc }', "syntax: unterminated string"],
    ["begin { /* }", "syntax: unterminated comment"],
    ["begin { $x = 99999999999999999999; }", "syntax: number '99999999999999999999' is out of range"],
    ["begin { $x = 08; }", expect.stringContaining("syntax: ")],
    ["begin { } config = { }", "syntax: config must appear before probes and functions"],
    ["begin { @x[] = 1; }", expect.stringContaining("syntax: ")],
    ["begin { (a = 1, a = 2); }", "syntax: duplicate record field 'a'"],
  ])("%s", (source, message) => expect(errorsOf(source)).toContainEqual(message));

  test("every one of them starts with syntax:", () => {
    for (const message of errorsOf("begin { print(1 } kprobe { x ) }")) expect(message).toMatch(/^syntax: /);
  });
});

describe("what a compiled script is", () => {
  test("plain data", () => {
    const script = compiled(
      'begin { @x[1] = count(); printf("%d %s\\n", pid, comm); @h = hist(5); } kprobe:vfs_read { @ = str(arg1); }',
    );
    expect(structuredClone(script)).toEqual(script);
  });

  test("the same for the same script", () => {
    const source =
      'kprobe:vfs_read { @[comm, probe] = count(); printf("%s\\n", str(arg1)); for $kv : @ { print($kv); } }';
    expect(compiled(source)).toEqual(compiled(source));
  });

  test("names of programs", () => {
    const { programs } = compiled("begin { @ = 1; } kprobe:vfs_read { @ = 1; } i:s:1 { @ = 1; }");
    expect(programs.map(({ program }) => program)).toEqual(["begin_1", "kprobe_vfs_read_2", "interval_1_3"]);
  });

  test("later attachments of some providers fire first", () => {
    const { programs } = compiled(
      "kprobe:vfs_read { @ = 1; } kretprobe:vfs_write { @ = 1; } u:/usr/bin/tested:main { @ = 1; }",
    );
    expect(programs.map(({ lastFiresFirst }) => lastFiresFirst)).toEqual([true, false, true]);
  });

  test("tracepoint programs return 1, so that other consumers of perf see the event", () => {
    expect(irOf("tracepoint:sched:sched_switch { @ = 1; }")).toContain("return 1");
    expect(irOf("kprobe:vfs_read { @ = 1; }")).toContain("return 0");
  });

  test("-p filters in programs of the whole kernel", () => {
    expect(irOf("kprobe:vfs_read { @ = 1; }", { pid: 77 })).toContain("eq 77");
    expect(irOf("begin { @ = 1; }", { pid: 77 })).not.toContain("77");
  });

  test("lines", () => {
    const { collection } = compiled("begin {\n  @a = pid;\n  @b = tid;\n}");
    expect(new Set(collection.programs[0].lines.map(({ line }) => line))).toEqual(new Set([2, 3]));
    const [file] = singleSource("x", "ab\ncd\n");
    expect(locator(file)(4)).toEqual({ file, line: 2, column: 2 });
  });

  test("large values go to scratch memory, the ring is no larger than it must be", () => {
    const { collection } = compiled("begin { $s = str(5); @[$s] = 1; }");
    expect(collection.maps.map(({ name }) => name).sort()).toEqual(["AT_", "runtime", "scratch"]);
  });
});

describe("large scripts", () => {
  const lines = (count: number) =>
    Array.from(
      { length: count },
      (_, index) => `  $v${index % 50} = (uint64)${index}; @m[${index}] = $v${index % 50} + 1;`,
    ).join("\n");
  const timeOf = (count: number): number => {
    const source = `begin {\n${lines(count)}\n}`;
    const start = performance.now();
    expect(said(source)).toEqual([]);
    return performance.now() - start;
  };

  test("of five thousand lines compile, and the time grows with the lines", { timeout: 60_000 }, () => {
    timeOf(500);
    const few = Math.min(timeOf(1250), timeOf(1250), timeOf(1250));
    const many = Math.min(timeOf(5000), timeOf(5000));
    // Four times the lines: 4 where time grows with them, 16 where it grows with their square; the rest is the machine's.
    expect(many / few).toBeLessThan(10);
  });

  test("many probes", { timeout: 60_000 }, () => {
    const source = Array.from({ length: 800 }, (_, index) => `interval:s:${index + 1} { @[${index}] = count(); }`).join(
      "\n",
    );
    expect(compiled(source).programs).toHaveLength(800);
  });

  test("a jump that is too long is told, not thrown", { timeout: 60_000 }, () => {
    const [error] = errorsOf(`begin { $i = 0; while ($i < 2) { $i++;\n${lines(5000)}\n} }`);
    expect(error).toMatch(/^This probe is too large for a BPF program: a jump over \d+ instructions$/);
  });

  test("deep nesting is told, not thrown", () => {
    const source = `begin { print(${"(".repeat(3000)}1${")".repeat(3000)}); }`;
    expect(errorsOf(source)[0]).toMatch(/^syntax: /);
    expect(errorsOf(`begin { ${"if (1) { ".repeat(3000)} ${"}".repeat(3000)} }`)[0]).toMatch(/^syntax: /);
    expect(
      errorsOf(`begin { print(1${" + 1".repeat(20_000)}); }`).every((message) => typeof message === "string"),
    ).toBe(true);
  });

  test("more variables alive than the stack holds are told", () => {
    const names = Array.from({ length: 120 }, (_, index) => `$v${index}`);
    const source = `begin { ${names.map((name) => `${name} = nsecs;`).join(" ")} @ = ${names.join(" + ")}; }`;
    expect(errorsOf(source)).toEqual([
      expect.stringMatching(
        /^This probe is too large for a BPF program: begin_1 needs \d+ bytes of stack; BPF has 512$/,
      ),
    ]);
  });

  test("an event larger than the ring is told", () => {
    const strings = Array.from({ length: 40 }, () => "str(1)").join(", ");
    const source = `config = { max_strlen = 65536; perf_rb_pages = 16; } begin { printf("${"%s".repeat(40)}", ${strings}); }`;
    expect(errorsOf(source)[0]).toMatch(/^printf\(\): an event of \d+ bytes is larger than the ring buffer$/);
  });
});

test("a map that programs read or delete from serves to compute", () => {
  const source = `begin { @start[tid] = nsecs; @n = count(); @seen[1] = 1; @all++; @copy = @all; @c[1] = count(); }
    end { delete(@seen, 1); @us = hist(nsecs - @start[tid]); print(@n); clear(@n); delete(@c, 1); }`;
  const working = compiled(source).maps.filter((map) => map.working);
  expect(working.map(({ layout }) => layout.name).sort()).toEqual(["@all", "@seen", "@start"]);
});
