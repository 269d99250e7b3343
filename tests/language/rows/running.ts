import { builtin, different, option, type Row, shown, supported, testsOf } from "../row.ts";

const run = testsOf("linux/tracer/run.kernel.test.ts");
const sites = testsOf("linux/tracer/runtime-sites.test.ts");
const render = testsOf("pure/compiler/render.test.ts");
const command = testsOf("cli/beetrace.kernel.test.ts");
const explain = testsOf("linux/tracer/explain.test.ts");
const moment = testsOf("tests/tracing/moment.kernel.test.ts");

/** What happens when (Z), messages and exit codes (D). */
export const RUNNING: readonly Row[] = [
  supported(
    "Z1",
    "What computes, reads and writes maps happens at once, in the kernel",
    shown("maps: a value is captured, a map is not"),
    shown("printf: map values are read when printf runs"),
  ),
  supported(
    "Z2",
    "What prints, clears and ends happens in user space, in the order of the events",
    shown("control: exit in begin still runs end"),
    testsOf("linux/ebpf/ringbuf.test.ts")("samples in order, discarded ones left out, room given back"),
  ),
  different(
    "Z3",
    "`print(@m)`, `clear(@m)`, `zero(@m)` act when user space comes to them",
    "here they act at once: what is printed is what there was at that moment, and `print(@m); clear(@m)` takes the entries in one step, so that no count is lost between the two. Maps of more than 16,384 keys are left to user space",
    builtin("print"),
    shown("maps: a map without keys is printed as it was"),
    moment("print and clear in one action lose no count"),
    moment("maps are printed and cleared as they are at that moment"),
    shown("maps: a map that is too large for a program is shown as it is later"),
  ),
  supported(
    "Z4",
    "`exit()` ends its action; what was printed before it is shown",
    shown("control: exit ends the action"),
    run("run in their order, and nothing that follows exit() is shown but end's"),
  ),
  supported(
    "Z5",
    "`time()` is when it is printed, `strftime()` when it happened",
    testsOf("linux/tracer/actions.test.ts")("show the time at which they are handled"),
    testsOf("linux/tracer/clocks.kernel.test.ts")("agrees with the clocks that user space sees"),
  ),
  different(
    "Z6",
    "Symbols are looked up when they are printed",
    "what a process had mapped is kept from its start, so that they are there when it has ended",
    testsOf("linux/tracer/ended-processes.kernel.test.ts")("stacks of processes that come and go"),
    testsOf("linux/tracer/ended-processes.kernel.test.ts")("are named when the program's file is gone, too"),
  ),
  supported(
    "Z7",
    "Events that do not fit the ring are counted as lost",
    run("are shown or counted as lost"),
    sites("tells lost events as they come, of all programs together, and their total"),
  ),
  supported(
    "Z8",
    "Events of all CPUs come in one order",
    run("are shown or counted as lost"),
    testsOf("linux/ebpf/rings.kernel.test.ts")("ring buffer: every sample, read by hand"),
  ),

  supported(
    "D1",
    "Where a mistake is: file, line, columns, the line itself underlined, a hint",
    render("the line, the columns and an underline"),
    render("hints and warnings"),
    render("a span over several lines shows no source"),
  ),
  different(
    "D2",
    "Where messages go",
    "warnings of the compiler go to stderr, so that they are not among the output; what goes wrong in a run as in bpftrace",
    run("in a probe is told once with its line, unless warnings are off"),
    testsOf("cli/beetrace.kernel.test.ts")("-o takes the output, and nothing else"),
  ),
  supported("D3", "Colour on a terminal", render("colour")),
  supported(
    "D4",
    "0 where all went well, an interrupt included",
    run("by a signal, after the end probes"),
    command("the process goes by the command's name, and SIGINT ends it well"),
  ),
  supported(
    "D5",
    "1 where the script or the command line is wrong",
    command("a mistake in the script is shown where it stands"),
    command("an unknown option is named"),
    shown("getopt: unknown"),
  ),
  supported("D6", "2 where beetrace is", explain("leaves bugs alone")),
  supported(
    "D7",
    "255 where the kernel refuses",
    explain("gives hints and exit codes"),
    run("while attaching is told with the probe"),
  ),
  supported(
    "D8",
    "N after `exit(N)`",
    shown("micro: 42 exit code"),
    shown("control: exit code out of range"),
    command("the exit status is the script's"),
  ),
  different(
    "D9",
    "Errors of scripts",
    "as many as there are, not only the first; a misspelt name gets the nearest one",
    testsOf("pure/compiler/check/types.test.ts")("a script of many errors tells each once"),
    testsOf("pure/compiler/semantics/expand.test.ts")("near functions are offered"),
    shown("micro: 59 function that is not there"),
  ),
  supported(
    "D10",
    "Warnings of scripts",
    shown("warnings: signed division"),
    shown("warnings: values that change their sign"),
    shown("warnings: maps that nobody uses"),
    shown("warnings: lengths that are cut"),
  ),
  different(
    "D11",
    "What goes wrong while a script runs",
    "told at once with its place, then once a second how often",
    shown("failures: a full map"),
    shown("failures: memory that cannot be read"),
    sites("tells a failure at once, with its place, then once a second how often, and the rest at the end"),
  ),
  supported(
    "D12",
    "Three levels of warnings",
    option("warnings"),
    option("no-warnings"),
    shown("failures: nothing is said of failures when there are to be no warnings"),
    shown("failures: a key that is not there, asked for"),
  ),
  supported(
    "D13",
    "A mistake in a macro is told with the calls that lead there",
    testsOf("pure/compiler/read-script.test.ts")("what is wrong inside a macro is told with the calls that lead there"),
    shown("macros: the mistake is in the body, told with its call"),
  ),
  different(
    "D14",
    "What the verifier refuses",
    "is always told with the line of the script",
    explain("shows the line of the script that the verifier refuses"),
    testsOf("linux/ebpf/verifier-log.test.ts")("Linux 6.x: the verdict, its instruction and its source line"),
  ),
];
