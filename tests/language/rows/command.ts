import { different, option, type Row, shown, supported, testsOf } from "../row.ts";

const command = testsOf("cli/beetrace.kernel.test.ts");
const invocation = testsOf("cli/invocation.test.ts");
const trials = testsOf("cli/trials.kernel.test.ts");
const run = testsOf("linux/tracer/run.kernel.test.ts");
const functions = testsOf("tests/user-probes/functions.kernel.test.ts");
const explain = testsOf("linux/tracer/explain.test.ts");
const listing = testsOf("linux/tracer/catalog/machine-catalog.kernel.test.ts");
const hostile = testsOf("tests/tracing/hostile-machines.kernel.test.ts");

/** The command line (G), listing (W), and the life of a run (H). */
export const COMMAND: readonly Row[] = [
  supported(
    "G1",
    "A file, `-e`, or `-`",
    option("e"),
    command("a one-liner, a file and standard input"),
    command("no arguments: the help, on standard error"),
  ),
  supported(
    "G2",
    "`--`: what follows is the script's",
    invocation("named parameters stand behind --, among the others"),
  ),
  supported(
    "G3",
    "`-B`: when output is written",
    option("B"),
    testsOf("linux/tracer/sink.test.ts")("writes each text at once in mode none, and only much or all in mode full"),
  ),
  supported(
    "G4",
    "`-c`: a command to trace",
    option("cmd"),
    functions("-c runs a command, traces it alone, and ends with it"),
    testsOf("linux/tracer/child.test.ts")("says why there is none"),
  ),
  supported(
    "G5",
    "`-p`: a process to trace",
    option("pid"),
    functions("-p traces one of two processes, and ends with it"),
    run("with the process of -p"),
  ),
  different(
    "G6",
    "`-d`: what a stage made",
    "the stages are ours (`ir`, `bytecode`); bpftrace's names are taken too",
    option("debug"),
    command("--mode codegen compiles and stops; --emit-asm and -d show what was made"),
    trials("-d and --emit-llvm do not stop a run"),
  ),
  supported("G7", "`--dry-run`", option("dry-run"), run("do not show anything in a dry run")),
  supported("G8", "`-f json`", option("format"), run("has a record a line")),
  supported("G9", "`-o`: a file for the output", option("output"), command("-o takes the output, and nothing else")),
  supported(
    "G10",
    "`--help`, `--version`",
    option("help"),
    option("version"),
    testsOf("cli/reference.test.ts")("help fits a terminal and names every option that is there"),
    testsOf("cli/process-name.test.ts")("versions can be compared"),
  ),
  supported(
    "G11",
    "`-I`, `--include`",
    option("I"),
    option("include"),
    testsOf("linux/tracer/header-files.test.ts")(
      "looks beside the file that includes, then in the folders of -I in their order",
    ),
  ),
  different(
    "G12",
    "`--info`",
    "each row is what was tried on this machine, none a version compared",
    option("info"),
    command("--info has bpftrace's headings and keys"),
  ),
  supported("G13", "`-k`: more warnings", option("warnings"), shown("failures: a key that is not there, asked for")),
  supported("G14", "`--no-warnings`", option("no-warnings"), shown("maps: warnings can be silenced")),
  supported("G15", "`-q`", option("quiet"), command("the exit status is the script's")),
  supported(
    "G16",
    "`-v`",
    option("verbose"),
    explain("shows the line of the script that the verifier refuses"),
    command("-lv shows parameters, and definitions of types"),
  ),
  supported("G17", "`-l`", option("list"), command("-l lists what matches, once")),
  supported(
    "G18",
    "`--no-feature`",
    option("no-feature"),
    testsOf("pure/compiler/semantics/expand.test.ts")("without kprobe_multi, without raw tracepoints with types"),
  ),
  supported("G19", "`--probe-filter`", option("probe-filter"), trials("--probe-filter leaves begin and end alone")),
  supported(
    "G20",
    "`--traceable-functions`",
    option("traceable-functions"),
    trials("--traceable-functions is the whole list of kernel functions"),
  ),
  supported(
    "G21",
    "`--unsafe`",
    option("unsafe"),
    shown("settings: unsafe functions"),
    shown("printf: system needs --unsafe"),
  ),
  different(
    "G22",
    "`--usdt-file-activation`",
    "accepted; semaphores are always counted by file, in the kernel",
    testsOf("tests/user-probes/usdt.kernel.test.ts")("a probe in two places is one probe, and fires in both"),
  ),
  supported(
    "G23",
    "`--mode`",
    option("mode"),
    command("--mode codegen compiles and stops; --emit-asm and -d show what was made"),
  ),
  supported("G24", "`--test`", option("test"), trials("fail by what they return, their exit code or an error")),
  supported("G25", "`--bench`", option("bench"), trials("are repeated until they have run for a millisecond")),
  supported(
    "G26",
    "`--fmt`",
    option("fmt"),
    testsOf("cli/format-command.test.ts")("-o replaces a file through a link and keeps its mode"),
    testsOf("pure/compiler/parser/print.test.ts")("the canonical form"),
  ),
  supported(
    "G27",
    "`--debuginfo`: directories with debug information",
    option("debuginfo"),
    invocation("directories with debug information add up"),
    testsOf("tests/user-probes/debug-info.kernel.test.ts")(
      "a stripped program's debug file is found: beside it, and in a directory that is named",
    ),
  ),
  supported("G28", "`--dwarf-pid`", option("dwarf-pid")),
  supported(
    "G29",
    "`--emit-elf`: an object that libbpf loads",
    option("emit-elf"),
    trials("writes what libbpf loads, and lets the script run"),
  ),
  different(
    "G30",
    "`--emit-llvm`",
    "accepted; there is no LLVM: `-d ir` and `--emit-asm` show what there is",
    option("emit-asm"),
    trials("-d and --emit-llvm do not stop a run"),
  ),
  different(
    "G31",
    "`--verify-llvm-ir`",
    "accepted; our own form is checked in the tests",
    testsOf("pure/compiler/ir/passes/passes.test.ts")("all passes together, each checked"),
  ),
  different(
    "G32",
    "`--aot`: a script as an executable",
    "with casts and addresses of the kernel; it runs where the machine answers as it did, and says so where not",
    option("aot"),
    testsOf("cli/aot.kernel.test.ts")("the file is a command of its own, with the options of the script"),
    testsOf("cli/aot.kernel.test.ts")("on a kernel whose structs differ it does not run"),
  ),
  supported("G33", "`-b`, accepted without effect", invocation("what has no effect is taken")),
  supported(
    "G34",
    "Who may trace",
    hostile("no root"),
    hostile("one of two"),
    command("without privileges it says what is missing; formatting needs none"),
  ),

  supported(
    "W1",
    "`-l`: all probes of the kernel",
    listing("of everything has every family of the kernel and none of user space"),
  ),
  supported(
    "W2",
    "`-l PATTERN`: by a pattern, a comma list, a short name",
    listing("kretprobe:vfs_read,kprobe:vfs_write"),
    listing("T:raw_syscalls:*"),
    listing("vfs_read"),
  ),
  supported(
    "W3",
    "Functions and static probes of programs",
    listing("finds malloc where nm finds it"),
    listing("uprobe:/no/such/file:*"),
  ),
  supported("W4", "Events of hardware and software, with a colon behind", listing("software:c*"), listing("h:cycles")),
  supported("W5", "Units of timers", listing("interval:*")),
  supported("W6", "`-lv`: with parameters", listing("shows parameters when asked to")),
  supported(
    "W7",
    "`-lv 'struct x'`: definitions of types",
    command("-lv shows parameters, and definitions of types"),
    testsOf("pure/bytecode/btf/btf.test.ts")("a struct is printed as bpftool prints it"),
  ),
  supported("W8", "`-l` of a script", command("-l of a script lists the probes that it stands for")),
  supported(
    "W9",
    "What matches nothing is an empty list",
    listing("no_such_thing"),
    command("a file that is not there is taken for a search, and that is said"),
  ),

  supported(
    "H1",
    "Options, script, privileges, then the process to trace, held at its start",
    testsOf("linux/tracer/child.test.ts")("is stopped before its first instruction and keeps its number"),
  ),
  supported(
    "H2",
    "The script is compiled and all programs are loaded, or none",
    testsOf("linux/ebpf/program.kernel.test.ts")("a collection that fails leaves nothing"),
  ),
  supported(
    "H3",
    "`begin` runs before anything is attached",
    run("run in their order, and nothing that follows exit() is shown but end's"),
  ),
  supported(
    "H4",
    "Probes are attached so that they fire in the order of the script",
    testsOf("linux/tracer/attach.test.ts")(
      "attaches backwards what fires backwards, after the rest, and leaves out what is run by hand",
    ),
  ),
  supported("H5", "`--dry-run` ends here", run("do not show anything in a dry run")),
  supported(
    "H6",
    "How many were attached is said; none is an error",
    run("run once, and the run ends by itself"),
    testsOf("pure/compiler/semantics/expand.test.ts")("that leave nothing are told of for the probe as a whole"),
  ),
  different(
    "H7",
    "Events are handled until something ends the run",
    "woken by the kernel, a millisecond after an event at most, not every 100 ms",
    testsOf("linux/ebpf/ringbuf.test.ts")("waking: by descriptor when empty, by timer while there is data"),
    run("with the process of -p"),
  ),
  supported(
    "H8",
    "Everything is detached, `end` runs, what is left is shown, then the maps; a second interrupt ends at once",
    run("by a signal, after the end probes"),
    testsOf("linux/tracer/stop.test.ts")("leaves the second signal its usual effect, unless it follows at once"),
    testsOf("tests/leaks/signals.kernel.test.ts")("%s is heard in a flood of events, and `end` has its say"),
  ),
];
