import { describe, expect, test } from "vitest";
import { compiled, diagnosticsOf, errorsOf, said, testTarget } from "../testing/index.ts";

/** Programs of a script: `type attach-type: full names`. */
function programs(source: string, options: Parameters<typeof compiled>[1] = {}): string[] {
  const script = compiled(source, options);
  return script.programs.map((program, index) => {
    const { type, expectedAttachType, attachTo } = script.collection.programs[index];
    const kind = [type.replace("BPF_PROG_TYPE_", ""), expectedAttachType?.replace("BPF_TRACE_", ""), attachTo];
    return `${kind.filter((part) => part !== undefined).join(" ")}: ${program.attachments.map(({ name }) => name).join(", ")}`;
  });
}

const attachments = (source: string) =>
  compiled(source).programs.flatMap((program) => program.attachments.map(({ attachment }) => attachment));

test.each([
  ["begin { @ = 1; }", ["RAW_TRACEPOINT: begin"]],
  ["END { @ = 1; }", ["RAW_TRACEPOINT: end"]],
  ["self:signal:SIGUSR1 { @ = 1; }", ["RAW_TRACEPOINT: self:signal:SIGUSR1"]],
  ["kprobe:vfs_read { @ = 1; }", ["KPROBE: kprobe:vfs_read"]],
  ["k:vfs_* { @ = 1; }", ["KPROBE KPROBE_MULTI: kprobe:vfs_read, kprobe:vfs_write"]],
  ["kprobe:vfs_read+4 { @ = 1; }", ["KPROBE: kprobe:vfs_read+4"]],
  ["kprobe:ext4:ext4_read { @ = 1; }", ["KPROBE: kprobe:ext4:ext4_read"]],
  ["k:vfs_read { @ = 1; } kr:vfs_read { @ = 1; }", ["KPROBE KPROBE_SESSION: kprobe:vfs_read"]],
  ["k:vfs_* { @ = 1; } kr:vfs_* { @ = 1; }", ["KPROBE KPROBE_SESSION: kprobe:vfs_read, kprobe:vfs_write"]],
  [
    "k:vfs_* { @ = 1; } kr:vfs_read { @ = 1; }",
    ["KPROBE KPROBE_MULTI: kprobe:vfs_read, kprobe:vfs_write", "KPROBE: kretprobe:vfs_read"],
  ],
  [
    "k:vfs_read { @ = 1; } k:vfs_read { @ = 1; } kr:vfs_read { @ = 1; }",
    ["KPROBE: kprobe:vfs_read", "KPROBE: kprobe:vfs_read", "KPROBE: kretprobe:vfs_read"],
  ],
  ["k:vfs_read+4 { @ = 1; } kr:vfs_read { @ = 1; }", ["KPROBE: kprobe:vfs_read+4", "KPROBE: kretprobe:vfs_read"]],
  [
    "f:bpf:interval* { @ = 1; }",
    [
      "TRACING FENTRY interval_us_100000_1: fentry:bpf:7:interval_us_100000_1",
      "TRACING FENTRY interval_us_100000_2: fentry:bpf:8:interval_us_100000_2",
    ],
  ],
  ["fr:bpf:8:interval* { @ = retval; }", ["TRACING FEXIT interval_us_100000_2: fexit:bpf:8:interval_us_100000_2"]],
  ["f:takes_struct { @ = args.path.mnt; }", ["TRACING FENTRY takes_struct: fentry:vmlinux:takes_struct"]],
  ["f:takes_seven { @ = 1; }", ["TRACING FENTRY takes_seven: fentry:vmlinux:takes_seven"]],
  ["kr:vfs_read { @ = retval; }", ["KPROBE: kretprobe:vfs_read"]],
  ["fentry:vfs_read { @ = args.count; }", ["TRACING FENTRY vfs_read: fentry:vmlinux:vfs_read"]],
  ["kretfunc:vfs_read { @ = retval; }", ["TRACING FEXIT vfs_read: fexit:vmlinux:vfs_read"]],
  ["tracepoint:sched:sched_switch { @ = args.next_pid; }", ["TRACEPOINT: tracepoint:sched:sched_switch"]],
  ["t:sched:* { @ = 1; }", ["TRACEPOINT: tracepoint:sched:sched_switch, tracepoint:sched:sched_wakeup"]],
  [
    "t:syscalls:sys_enter_* { @ = 1; }",
    ["TRACING RAW_TP sys_enter: tracepoint:syscalls:sys_enter_openat, tracepoint:syscalls:sys_enter_read"],
  ],
  ["t:syscalls:sys_enter_read { @[kstack] = count(); }", ["TRACEPOINT: tracepoint:syscalls:sys_enter_read"]],
  [
    "t:syscalls:sys_enter_rea* { @[kstack] = count(); }",
    ["TRACING RAW_TP sys_enter: tracepoint:syscalls:sys_enter_read"],
  ],
  ["t:syscalls:sys_exit_read { @ = args.ret; }", ["TRACING RAW_TP sys_exit: tracepoint:syscalls:sys_exit_read"]],
  ["rt:sched_switch { @ = args.next->pid; }", ["TRACING RAW_TP sched_switch: rawtracepoint:vmlinux:sched_switch"]],
  ["u:/usr/bin/tested:main { @ = arg0; }", ["KPROBE UPROBE_MULTI: uprobe:/usr/bin/tested:main"]],
  [
    "u:/usr/bin/tested:read_* { @ = 1; }",
    ["KPROBE UPROBE_MULTI: uprobe:/usr/bin/tested:read_line, uprobe:/usr/bin/tested:read_word"],
  ],
  ["u:/usr/bin/tested:main+8 { @ = 1; }", ["KPROBE UPROBE_MULTI: uprobe:/usr/bin/tested:main+8"]],
  ["u:/usr/bin/tested:0x401004 { @ = 1; }", ["KPROBE UPROBE_MULTI: uprobe:/usr/bin/tested:4198404"]],
  ["ur:/usr/bin/tested:main { @ = retval; }", ["KPROBE UPROBE_MULTI: uretprobe:/usr/bin/tested:main"]],
  ["usdt:/usr/bin/tested:app:start { @ = arg1; }", ["KPROBE UPROBE_MULTI: usdt:/usr/bin/tested:app:start"]],
  ["U:/usr/bin/tested:start { @ = 1; }", ["KPROBE UPROBE_MULTI: usdt:/usr/bin/tested:app:start"]],
  ["profile:hz:99 { @ = 1; }", ["PERF_EVENT: profile:hz:99"]],
  ["p:99ms { @ = 1; }", ["PERF_EVENT: profile:us:99000"]],
  ["i:s:1 { @ = 1; }", ["PERF_EVENT: interval:s:1"]],
  ["interval:1s { @ = 1; }", ["PERF_EVENT: interval:us:1000000"]],
  ["s:cpu:100000 { @ = 1; }", ["PERF_EVENT: software:cpu:100000"]],
  ["hardware:cache-misses:1e6 { @ = 1; }", ["PERF_EVENT: hardware:cache-misses:1000000"]],
  ["w:0x1000:8:w { @ = 1; }", ["PERF_EVENT: watchpoint:4096:8:w"]],
  ["it:task { @ = ctx.task->pid; }", ["TRACING ITER task: iter:task"]],
  ["mine=begin { @ = 1; }", ["RAW_TRACEPOINT: mine"]],
  ["kprobe:vfs_read, kprobe:do_exit { @ = 1; }", ["KPROBE KPROBE_MULTI: kprobe:vfs_read, kprobe:do_exit"]],
])("%s", (source, expected) => expect(programs(source)).toEqual(expected));

describe("attachments", () => {
  test.each([
    ["kprobe:vfs_read+4 { @ = 1; }", { kind: "kprobe", function: "vfs_read", offset: 4, return: false }],
    ["t:syscalls:sys_enter_openat { @ = 1; }", { kind: "syscall", enter: true, name: "openat", number: 257 }],
    ["t:sched:sched_switch { @ = 1; }", { kind: "tracepoint", category: "sched", event: "sched_switch", id: 372 }],
    [
      "usdt:/usr/bin/tested:app:end { @ = 1; }",
      {
        kind: "uprobe",
        path: "/usr/bin/tested",
        function: "app:end",
        fileOffset: 0x2100,
        return: false,
        refCounterOffset: 0x3000,
      },
    ],
    [
      "u:/usr/bin/tested:main+8 { @ = 1; }",
      { kind: "uprobe", path: "/usr/bin/tested", function: "main", fileOffset: 0x1008, return: false },
    ],
    ["profile:hz:99 { @ = 1; }", { kind: "profile", hertz: 99 }],
    ["profile:ms:5 { @ = 1; }", { kind: "profile", periodNs: 5_000_000 }],
    ["interval:hz:4 { @ = 1; }", { kind: "interval", periodNs: 250_000_000 }],
    ["software:faults { @ = 1; }", { kind: "software", event: "faults", period: 100 }],
    ["watchpoint:0x1000:4:wr { @ = 1; }", { kind: "watchpoint", address: 4096n, sizeBytes: 4, mode: "rw" }],
  ])("%s", (source, expected) => expect(attachments(source)).toEqual([expected]));
});

describe("attach points that are wrong", () => {
  test.each([
    ["kprobe { }", "kprobe probe type requires the form kprobe:[MODULE:]FUNCTION[+OFFSET]"],
    ["kprobe:a:b:c { }", "kprobe probe type requires the form kprobe:[MODULE:]FUNCTION[+OFFSET]"],
    ["kprobe:nope { }", "No matches for kprobe nope."],
    ["kprobe:0x1234 { }", "kprobe: an address can be probed only with --unsafe: the kernel does not check it"],
    ["kretprobe:vfs_read+4 { }", "kretprobe: a function returns; there is no offset in that"],
    ["kprobe:vfs_*+4 { }", "kprobe: an offset needs one function, not a wildcard"],
    ["fentry:bpf:x:f { }", "fentry: the id of a BPF program must be a number or '*'"],
    ["fentry:bpf:9:interval* { }", "No matches for fentry bpf:9:interval*."],
    ["tracepoint:sched { }", "tracepoint probe type requires the form tracepoint:CATEGORY:EVENT"],
    ["tracepoint:sched:nope { }", "No matches for tracepoint sched:nope."],
    ["uprobe:/usr/bin/tested:nope { }", "No matches for uprobe /usr/bin/tested:nope."],
    ["uprobe:/usr/bin/tested:main+100 { }", "Offset outside the function bounds ('main' size is 64)"],
    ["uprobe:/usr/bin/tested:0x900000 { }", "Could not resolve address: /usr/bin/tested:0x900000"],
    [
      "uprobe:/usr/bin/tested:main+2 { }",
      "uprobe: no instruction starts at main+2: a probe there would crash the program",
    ],
    [
      "uprobe:/usr/bin/tested:_init { }",
      "Could not determine boundary for _init (symbol has size 0).\nUse --unsafe to force attachment. WARNING: This option could lead to data corruption in the target process.",
    ],
    ["uretprobe:/usr/bin/tested:0x401004 { }", "uretprobe: a function returns; there is no offset in that"],
    ["uretprobe:/usr/bin/tested:main+4 { }", "uretprobe: a function returns; there is no offset in that"],
    [
      "uretprobe:/usr/bin/tested-go:main.main { }",
      "uretprobe: /usr/bin/tested-go is a Go program: a probe at a return would crash it",
    ],
    ['uprobe:/usr/bin/tested:main { @ = uaddr("nope"); }', "Could not resolve symbol: /usr/bin/tested:nope"],
    ["usdt:/usr/bin/tested:end { }", "usdt: end is ambiguous: app, other have it"],
    ["profile:hz:0 { }", "profile: the rate must be greater than 0"],
    ["profile:fortnight:1 { }", "profile: 'fortnight' is not a unit: use hz, s, ms or us"],
    ["interval:s:x { }", "interval: 'x' is not a whole number"],
    ["interval:5ns { }", "interval: '5ns' is not a duration of at least 1us"],
    ["software:nope:1 { }", "No matches for software nope:1."],
    ["hardware:cache-misses:x { }", "hardware: 'x' is not a count"],
    ["watchpoint:0:8:w { }", "watchpoint: '0' is not an address"],
    ["watchpoint:0x10:3:w { }", "watchpoint: length 3 is not 1, 2, 4 or 8"],
    ["watchpoint:0x10:8:ww { }", "watchpoint: mode has a letter twice"],
    ["watchpoint:0x10:8:r { }", "watchpoint: x86-64 has the modes rw, w and x, not r"],
    ["iter:tas* { }", "iter: one kind of object, not a wildcard"],
    ["iter:nope { }", "No matches for iter nope."],
    ["self:signal:SIGINT { }", "SIGINT is not a supported signal"],
    ["self:x { }", "self probe type requires the form self:signal:SIGUSR1"],
    ["nope:x { }", "Invalid probe type: nope"],
  ])("%s", (source, message) => expect(errorsOf(source)).toContain(message));

  test("near functions are offered", () => {
    const [error] = diagnosticsOf("uprobe:/usr/bin/tested:read_lime { }");
    expect(error.hints[0]).toBe("did you mean read_line or read_word?");
  });

  test("a near name is offered", () => {
    const [error] = diagnosticsOf("kprobee:x { }");
    expect(error.hints).toEqual(["did you mean kprobe?"]);
  });
});

describe("missing probes", () => {
  const source = (how: string) => `config = { missing_probes = ${how}; } kprobe:nope, kprobe:vfs_read { @ = 1; }`;

  test("are an error, or a warning, or nothing", () => {
    expect(errorsOf(source("error"))).toEqual(["No matches for kprobe nope."]);
    const notTraceable =
      'nope is not traceable (either non-existing, inlined, or marked as "notrace"); attaching to it will likely fail';
    expect(said(source("warn"))).toEqual([
      `warning: ${notTraceable}`,
      "warning: No matches for kprobe nope. Skipping.",
    ]);
    expect(said(source("ignore"))).toEqual([]);
    expect(programs(source("warn"))).toEqual(["KPROBE: kprobe:vfs_read"]);
  });

  test("that leave nothing are told of for the probe as a whole", () => {
    const all = (how: string) =>
      `config = { missing_probes = ${how}; } t:sched:nope { @ = 1; } kprobe:nope* { @ = 2; }`;
    const empty = "Probe has no valid attach points.";
    expect(errorsOf(all("error"))).toEqual([
      "No matches for tracepoint sched:nope.",
      `${empty} If this is expected, set the 'missing_probes' config variable to 'warn'.`,
      "No matches for kprobe nope*.",
      `${empty} If this is expected, set the 'missing_probes' config variable to 'warn'.`,
    ]);
    const removed = `warning: ${empty} It is being removed which may cause issues with program behavior.`;
    expect(said(all("warn")).filter((each) => each === removed)).toHaveLength(2);
    expect(said(all("ignore"))).toEqual([]);
  });

  test("are no error for a wildcard beside others", () => {
    expect(programs("kprobe:vfs_read, kprobe:nope* { @ = 1; }")).toEqual(["KPROBE: kprobe:vfs_read"]);
  });

  test("are tried with --unsafe where they are kernel functions", () => {
    expect(programs("kprobe:vmlinux:nope { @ = 1; }", { unsafe: true })).toEqual(["KPROBE: kprobe:vmlinux:nope"]);
    expect(programs("kprobe:0x1234+4 { @ = 1; }", { unsafe: true })).toEqual(["KPROBE: kprobe:4664"]);
  });

  test("of a module", () => {
    const unloaded = "specified module nope in probe kprobe:nope:vfs_read is not loaded.";
    expect(errorsOf("kprobe:nope:vfs_read { @ = 1; }")).toEqual([unloaded]);
    expect(errorsOf("rt:nope:sched_switch { @ = 1; }")).toContain("No matches for rawtracepoint nope:sched_switch.");
    expect(programs("rt:vmlin*:sched_switch { @ = 1; }")).toEqual([
      "TRACING RAW_TP sched_switch: rawtracepoint:vmlinux:sched_switch",
    ]);
  });
});

describe("user probes", () => {
  test("of several programs on $PATH the first is meant", () => {
    const catalog = { ...testTarget().catalog, userFiles: () => ["/usr/bin/tested", "/opt/bin/tested"] };
    expect(said("uprobe:tested:main { @ = 1; }", { target: { catalog } })).toEqual([
      "warning: attaching to uprobe target file '/usr/bin/tested' but matched 2 binaries",
    ]);
  });

  test("--unsafe takes functions without a size, returns in Go, and the middle of instructions", () => {
    const source = `u:/usr/bin/tested:_init { @ = 1; } ur:/usr/bin/tested-go:main.main { @ = 1; }
      u:/usr/bin/tested:main+2 { @ = 1; }`;
    expect(programs(source, { unsafe: true })).toHaveLength(3);
  });

  test("a wildcard passes over Go files, and takes functions without a size", () => {
    const source = "ur:/usr/bin/tested*:*in* { @ = 1; }";
    expect(said(source)).toEqual([
      "warning: uretprobe: /usr/bin/tested-go is a Go program: a probe at a return would crash it. Skipping.",
    ]);
    expect(attachments(source)).toMatchObject(
      ["main", "read_line", "_init", "main", "read_line"].map((name) => ({ function: name })),
    );
  });

  test("a static probe in several places is one probe", () => {
    const script = compiled("usdt:/usr/bin/tested:app:* { @ = arg0; }");
    expect(script.probeNames).toEqual(["start", "end", "again"].map((name) => `usdt:/usr/bin/tested:app:${name}`));
    expect(script.programs.flatMap((program) => program.attachments.map(({ index }) => index))).toEqual([0, 1, 2, 2]);
  });

  test("uaddr is counted from the probe where the program can be anywhere", () => {
    const addresses = (name: string) => `u:/usr/bin/${name}:read_* { @ = uaddr("main"); }`;
    expect(programs(addresses("tested"))).toHaveLength(2);
    expect(errorsOf(addresses("tested-pie"))).toEqual([]);
    const features = { ...testTarget().features, uprobeMulti: false };
    expect(errorsOf('ur:/usr/bin/tested-pie:main { @ = uaddr("main"); }', { target: { features } })).toEqual([
      "uaddr: where a position-independent program is, is not known at a return before Linux 6.6",
    ]);
  });
});

test("max_probes is a limit", () => {
  expect(errorsOf("config = { max_probes = 1; } kprobe:vfs_* { @ = 1; }")[0]).toMatch(
    /^Can't attach to 2 probes because it exceeds the current limit of 1 probes/,
  );
});

test("a filter leaves probes out", () => {
  expect(programs("kprobe:vfs_* { @ = 1; }", { probeFilter: /write/ })).toEqual(["KPROBE: kprobe:vfs_write"]);
  expect(programs("begin { @ = 1; } kprobe:vfs_* { @ = 1; } end { @ = 2; }", { probeFilter: /write/ })).toEqual([
    "RAW_TRACEPOINT: begin",
    "KPROBE: kprobe:vfs_write",
    "RAW_TRACEPOINT: end",
  ]);
});

test("what older kernels cannot pass to a trampoline", () => {
  const before = (source: string, kernelVersion: readonly [number, number, number]) =>
    errorsOf(source, { target: { kernelVersion } });
  expect(before("fentry:takes_struct { }", [6, 0, 0])).toEqual([
    "fentry: takes_struct cannot be traced: it takes a struct by value",
  ]);
  expect(before("fentry:takes_struct { @ = args.path.dentry; }", [6, 1, 0])).toEqual([]);
  expect(before("fentry:takes_seven { }", [6, 5, 0])).toEqual([
    "fentry: takes_seven cannot be traced: its arguments take more than 6 registers",
  ]);
});

test("what a function returns in its place", () => {
  const unsafe = { unsafe: true };
  const source = "fmod_ret:vfs_read /args.count == 7/ { return -5; }";
  expect(programs(source, unsafe)).toEqual(["TRACING BPF_MODIFY_RETURN vfs_read: fmod_ret:vmlinux:vfs_read"]);
  const [program] = compiled(source, unsafe).programs;
  expect(program.attachments[0].attachment).toEqual({ kind: "tracing", function: "vfs_read", hook: "fmod_ret" });
  expect(errorsOf(source)).toEqual(["fmod_ret is unsafe. To use you need the --unsafe flag"]);
  expect(errorsOf("fmod_ret:vfs_* { return 1; }", unsafe)).toEqual([
    "fmod_ret changes one function, not all of a wildcard",
  ]);
  expect(errorsOf("fmod_ret:do_exit { return 1; }", unsafe)).toEqual([
    "fmod_ret: do_exit cannot be changed: it returns nothing",
  ]);
  expect(errorsOf("fmod_ret:bpf:7:interval_us_100000_1 { return 1; }", unsafe)).toEqual([
    "fmod_ret probe type requires the form fmod_ret:[MODULE:]FUNCTION",
  ]);
  expect(errorsOf('fmod_ret:vfs_read { return "text"; }', unsafe)).toEqual([
    "Probe return values can only be integers. Found string[5]",
  ]);
});

test("functions of BPF programs have no typed arguments", () => {
  expect(errorsOf("fentry:bpf:7:interval* { @ = args.ctx; }")).toEqual([
    "The args builtin cannot be used for 'fentry/fexit:bpf' probes",
  ]);
});

test("without kprobe_multi, without raw tracepoints with types", () => {
  const features = { ...testTarget().features, btfTracepoint: false, kprobeMulti: false, uprobeMulti: false };
  expect(
    programs("kprobe:vfs_* { @ = 1; } u:/usr/bin/tested:main { @ = 1; } t:syscalls:sys_enter_read { @ = args.fd; }", {
      target: { features },
    }),
  ).toEqual([
    "KPROBE: kprobe:vfs_read, kprobe:vfs_write",
    "KPROBE: uprobe:/usr/bin/tested:main",
    "TRACEPOINT: tracepoint:syscalls:sys_enter_read",
  ]);
});

test("where perf has no kernel stacks of system calls, a raw tracepoint takes them", () => {
  const features = {
    ...testTarget().features,
    callerFrames: (place: string) => (place.startsWith("raw") ? 3 : undefined),
  };
  expect(programs("t:syscalls:sys_enter_read { @[kstack] = count(); }", { target: { features } })).toEqual([
    "TRACING RAW_TP sys_enter: tracepoint:syscalls:sys_enter_read",
  ]);
});

describe("arguments", () => {
  test.each([
    ["t:sched:sched_switch { @a = args.prev_comm; @b = args.next_prio; @c = args.prev_state; }", []],
    ["t:net:netif_rx { @a = str(args.name); @b = args.len; }", []],
    ["t:syscalls:sys_enter_openat { @a = str(args.filename); @b = args.flags; @c = args->dfd; }", []],
    ["t:sched:sched_switch { @ = args.common_pid; }", ["tracepoint:sched:sched_switch has no argument 'common_pid'"]],
    ["fentry:vfs_read { @a = args.file->f_pos; @b = str(args.buf); @c = *args.pos; }", []],
    ["fentry:vfs_read { @ = args.nope; }", ["fentry:vmlinux:vfs_read has no argument 'nope'"]],
    ["fexit:do_exit { @ = retval; }", ["retval: the function returns nothing"]],
    ["rt:sched_switch { @a = args.prev_state; @b = args.prev->comm; @c = arg3; }", []],
    ['kprobe:vfs_read { @a = arg5; @b = reg("ip"); @c = func; }', []],
    ["kprobe:vfs_read { @ = arg6; }", ["arg6: the probe has only arg0 to arg5"]],
    ["kretprobe:vfs_read { @ = arg0; }", [expect.stringContaining("The arg0 builtin can only be used with")]],
    ["kprobe:vfs_read { @ = args.count; }", []],
    ["usdt:/usr/bin/tested:app:start { @ = arg2; }", ["arg2: the probe has only arg0 to arg1"]],
    ["kprobe:vfs_read { for $i : 0..2 { @ = arg0; } }", ["arg0 cannot be used inside a for-loop"]],
    ["kretprobe:vfs_read { for $i : 0..2 { @ = retval; } }", ["retval cannot be used inside a for-loop"]],
    ["fentry:vfs_read { for $i : 0..2 { @ = args.count; } }", ["args cannot be used inside a for-loop"]],
    ['kprobe:vfs_read { @ = reg("nope"); }', [expect.stringContaining("nope")]],
  ])("%s", (source, expected) => expect(errorsOf(source)).toEqual(expected));
});
