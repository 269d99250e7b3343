import { builtin, different, option, probe, type Row, setting, shown, supported, testsOf } from "../row.ts";

const expand = testsOf("pure/compiler/semantics/expand.test.ts");
const compile = testsOf("pure/compiler/compile.test.ts");
const links = testsOf("linux/ebpf/link/links.kernel.test.ts");
const functions = testsOf("tests/user-probes/functions.kernel.test.ts");
const usdt = testsOf("tests/user-probes/usdt.kernel.test.ts");
const run = testsOf("linux/tracer/run.kernel.test.ts");
const trials = testsOf("cli/trials.kernel.test.ts");
const kernelFunctions = testsOf("linux/ebpf/link/kernel-functions.kernel.test.ts");
const debugInfo = testsOf("tests/user-probes/debug-info.kernel.test.ts");
const parser = testsOf("pure/compiler/parser/parser.test.ts");

/** Probes (P). */
export const PROBES: readonly Row[] = [
  supported(
    "P1",
    "`begin`: before anything is attached, in the order of the script; a script of nothing else ends by itself",
    probe("begin"),
    run("run once, and the run ends by itself"),
    shown("control: several begins and ends run in order"),
  ),
  supported(
    "P2",
    "`end`: when everything is detached",
    probe("end"),
    shown("control: exit in begin still runs end"),
    run("by a signal, after the end probes"),
  ),
  supported(
    "P3",
    "`self:signal:SIGUSR1`",
    probe("self"),
    run("run when SIGUSR1 comes, and nothing else happens then"),
    expand("self:signal:SIGINT { }"),
  ),
  supported(
    "P4",
    "`test:NAME`, run by `--test`",
    probe("test"),
    trials("fail by what they return, their exit code or an error"),
    trials("are not run unasked, and their names are their own"),
  ),
  supported(
    "P5",
    "`bench:NAME`, run by `--bench`",
    probe("bench"),
    trials("are repeated until they have run for a millisecond"),
  ),
  supported(
    "P6",
    "`kprobe`: a kernel function is called; with an offset, at an instruction of it",
    probe("kprobe"),
    expand("kprobe:vfs_read+4 { @ = 1; }"),
    expand("kprobe:ext4:ext4_read { @ = 1; }"),
    kernelFunctions("kprobe by name"),
  ),
  supported(
    "P6m",
    "A wildcard is one program with one link",
    expand("k:vfs_* { @ = 1; }"),
    kernelFunctions("kprobe_multi: entries and returns"),
    expand("without kprobe_multi, without raw tracepoints with types"),
  ),
  supported(
    "P6s",
    "A call and a return of the same functions are attached as one session, where the kernel has them (Linux 6.10)",
    kernelFunctions("kprobe_session runs at entry and return"),
    expand("k:vfs_read { @ = 1; } kr:vfs_read { @ = 1; }"),
  ),
  supported(
    "P7",
    "`kretprobe`: a kernel function returns",
    probe("kretprobe"),
    kernelFunctions("kprobe by address and kretprobe, told apart by cookies"),
    expand("kretprobe:vfs_read+4 { }"),
  ),
  supported(
    "P8",
    "`fentry`: a kernel function is called, or one of another BPF program; its arguments typed by BTF",
    probe("fentry"),
    expand("fentry:vfs_read { @ = args.count; }"),
    expand("f:bpf:interval* { @ = 1; }"),
    expand("fentry:takes_struct { }"),
  ),
  supported(
    "P9",
    "`fexit`: a kernel function returns, or one of another BPF program; its arguments and result typed",
    probe("fexit"),
    expand("kretfunc:vfs_read { @ = retval; }"),
    expand("fr:bpf:8:interval* { @ = retval; }"),
    expand("fexit:do_exit { @ = retval; }"),
  ),
  different(
    "P10",
    "`tracepoint`: `args` typed by the kernel's format",
    "works without BTF as well; those of system calls are one raw tracepoint in all and come and go 500 times as fast",
    probe("tracepoint"),
    expand("t:syscalls:sys_enter_openat { @ = 1; }"),
    links("tracepoint: exact counts, cookies, and nothing after closing"),
    testsOf("tests/tracing/hostile-machines.kernel.test.ts")("tracepoint:sched:sched_switch { print(3); exit(); }"),
  ),
  supported(
    "P11",
    "`rawtracepoint`: the kernel's own arguments, typed by BTF",
    probe("rawtracepoint"),
    expand("rt:sched_switch { @ = args.next->pid; }"),
    links("raw tracepoint: every getppid of this process"),
  ),
  supported(
    "P12",
    "`uprobe`: a function of a program or library, by name, address, C++ signature or line of source",
    probe("uprobe"),
    functions("arguments in registers, of every width and sign"),
    functions("a function by its address, and an instruction within one"),
    functions("C++ functions by their demangled names"),
    debugInfo("a line of source code, also inside of a function"),
    debugInfo("parameters by name, of every width and sign"),
    functions("a probe in the middle of an instruction is refused: it would destroy what runs there"),
  ),
  supported(
    "P12m",
    "A wildcard is one link for each file",
    expand("u:/usr/bin/tested:read_* { @ = 1; }"),
    run("are the same one link at a time"),
  ),
  supported(
    "P13",
    "`uretprobe`: a function of a program or library returns",
    probe("uretprobe"),
    functions("what functions return"),
    functions("recursive functions enter as often as they return"),
  ),
  supported(
    "P14",
    "`usdt`: static probes, with their arguments and semaphores",
    probe("usdt"),
    usdt("constants have the size and the sign that their note says"),
    usdt("a probe in two places is one probe, and fires in both"),
    expand("usdt:/usr/bin/tested:end { }"),
  ),
  supported(
    "P15",
    "`profile`: samples each CPU",
    probe("profile"),
    links("profile samples every CPU, interval one"),
    expand("p:99ms { @ = 1; }"),
    expand("profile:hz:0 { }"),
  ),
  supported(
    "P16",
    "`interval`: fires on one CPU",
    probe("interval"),
    run("of timers come until exit()"),
    expand("interval:1s { @ = 1; }"),
  ),
  supported(
    "P17",
    "`software` events, each with its own period where none is given",
    probe("software"),
    expand("software:faults { @ = 1; }"),
    expand("software:nope:1 { }"),
  ),
  supported(
    "P18",
    "`hardware` events",
    probe("hardware"),
    expand("hardware:cache-misses:1e6 { @ = 1; }"),
    expand("hardware:cache-misses:x { }"),
  ),
  supported(
    "P19",
    "`watchpoint`: memory at an address is read, written or executed",
    probe("watchpoint"),
    links("watchpoint: every write to an address"),
    links("watchpoint on execution: whatever size is said"),
    expand("watchpoint:0x10:8:ww { }"),
  ),
  different(
    "P20",
    "`iter`: once for each object of a kind; `:PIN` pins it",
    "maps may be printed, and printf has all its conversions",
    probe("iter"),
    run("runs once over what there is"),
    expand("iter:tas* { }"),
  ),

  supported(
    "P30",
    "Attach points are split at `:`; quotes protect; `$1` is put in",
    parser("an attach point is split at colons outside quotes"),
    parser("parameters are put into attach points, but not into quotes"),
  ),
  supported(
    "P31",
    "`*` stands for any characters",
    testsOf("linux/tracer/catalog/wildcard.test.ts")("agrees with a regular expression"),
    expand("t:sched:* { @ = 1; }"),
  ),
  supported("P32", "A name of one's own: `mine = kprobe:f { … }`", expand("mine=begin { @ = 1; }")),
  supported(
    "P33",
    "What becomes of probes that are not there",
    setting("missing_probes"),
    expand("are an error, or a warning, or nothing"),
    expand("that leave nothing are told of for the probe as a whole"),
  ),
  supported(
    "P34",
    "Limits on attachments and programs",
    setting("max_probes"),
    setting("max_bpf_progs"),
    expand("max_probes is a limit"),
  ),
  supported(
    "P35",
    "Probes on one event fire in the order of the script",
    compile("later attachments of some providers fire first"),
    testsOf("linux/tracer/attach.test.ts")(
      "attaches backwards what fires backwards, after the rest, and leaves out what is run by hand",
    ),
    run("of functions of a library come with the function's name and in the order of the script"),
  ),
  supported(
    "P36",
    "`-p` and `-c` limit probes to a process",
    compile("-p filters in programs of the whole kernel"),
    functions("-p traces one of two processes, and ends with it"),
    functions("-c runs a command, traces it alone, and ends with it"),
    option("pid"),
  ),
  supported(
    "P37",
    "The full name of a probe",
    builtin("probe"),
    expand("s:cpu:100000 { @ = 1; }"),
    expand("u:/usr/bin/tested:0x401004 { @ = 1; }"),
  ),
  supported(
    "P38",
    "How many probes were attached, on stderr; functions are counted, not links",
    run("run once, and the run ends by itself"),
    run("are counted exactly"),
  ),
];
