/** The options of the command line: what is parsed, `--help` and docs/cli.md all come from this table. */

/** An option. It is known by its long name; one without is known by its letter. */
export interface OptionSpec {
  readonly long?: string;
  readonly letter?: string;
  /** What the option takes, as shown in the help. Without one it takes nothing. */
  readonly argument?: string;
  readonly group: OptionGroup;
  /** One sentence, without a full stop. */
  readonly help: string;
  /** Taken, so that what was written for bpftrace runs, but without effect. */
  readonly ignored?: true;
}

/** The headings of the help, in order. */
export const OPTION_GROUPS = [
  "Script",
  "What is traced",
  "Output",
  "Limits",
  "Looking around",
  "Development",
  "Troubleshooting",
  "Accepted without effect",
] as const;

/** One of {@link OPTION_GROUPS}. */
export type OptionGroup = (typeof OPTION_GROUPS)[number];

/** Every option, in the order of the help. */
export const OPTIONS = [
  { letter: "e", argument: "PROGRAM", group: "Script", help: "run this program; of several the last one counts" },
  { letter: "I", argument: "DIR", group: "Script", help: "look for headers in this folder first" },
  { long: "include", argument: "FILE", group: "Script", help: "include this header before the script" },

  {
    long: "pid",
    letter: "p",
    argument: "PID",
    group: "What is traced",
    help: "trace this process only; end when it ends",
  },
  {
    long: "cmd",
    letter: "c",
    argument: "COMMAND",
    group: "What is traced",
    help: "start this command once the probes are attached, trace it only, end when it ends",
  },
  {
    long: "dwarf-pid",
    argument: "PID",
    group: "What is traced",
    help: "the process whose stacks dw_ustack unwinds, where all are traced",
  },
  {
    long: "probe-filter",
    argument: "REGEX",
    group: "What is traced",
    help: "leave out the probes whose full name does not match",
  },

  {
    long: "debuginfo",
    argument: "DIR[:DIR]",
    group: "What is traced",
    help: "look for debug information of programs here first; may be given several times",
  },

  {
    long: "format",
    letter: "f",
    argument: "FORMAT",
    group: "Output",
    help: "text (default) or json, one record a line",
  },
  {
    long: "output",
    letter: "o",
    argument: "FILE",
    group: "Output",
    help: "write what the script prints to this file; messages still go to standard error",
  },
  {
    letter: "B",
    argument: "MODE",
    group: "Output",
    help: "when output is written: none (at once), line (default) or full (when a buffer is full)",
  },
  {
    long: "every",
    argument: "DURATION",
    group: "Output",
    help: "print the time and the maps so often (500ms, 10s), and clear them; maps that probes read are left alone",
  },
  { long: "live", group: "Output", help: "show the maps in place while the script runs; in a pipe, a block a refresh" },
  { long: "refresh", argument: "DURATION", group: "Output", help: "how often --live looks at the maps (default 1s)" },
  {
    long: "flame",
    argument: "FILE",
    group: "Output",
    help: "draw maps that count stacks as a flame graph, an SVG for a browser, in place of their text; - is the output",
  },
  {
    long: "folded",
    argument: "FILE",
    group: "Output",
    help: "write maps that count stacks as folded stacks, in place of their text; - is the output",
  },
  { long: "quiet", letter: "q", group: "Output", help: "do not say how many probes were attached" },
  {
    long: "verbose",
    letter: "v",
    group: "Output",
    help: "say more: the verifier's whole log; with -l the parameters of each probe",
  },
  {
    long: "warnings",
    letter: "k",
    group: "Output",
    help: "also warn of failed reads of memory and failed lookups in maps",
  },
  { long: "no-warnings", group: "Output", help: "do not warn at all" },

  { long: "duration", argument: "DURATION", group: "Limits", help: "end so long after the probes were attached" },
  {
    long: "max-overhead",
    argument: "SHARE",
    group: "Limits",
    help: "detach the dearest probe before all of them take more than this of one CPU (1%, 0.01)",
  },
  {
    long: "unsafe",
    group: "Limits",
    help: "allow what changes the system: signal, override, fmod_ret, system, write_user",
  },
  {
    long: "no-feature",
    argument: "NAME,…",
    group: "Limits",
    help: "do as if the kernel lacked these: kprobe_multi, kprobe_session, uprobe_multi",
  },

  {
    long: "list",
    letter: "l",
    group: "Looking around",
    help: "list the probes that match a search, or those of a script",
  },
  {
    long: "explain",
    group: "Looking around",
    help: "show the BPF instructions under each line of the script, and at the end what each probe cost",
  },
  {
    long: "list-tools",
    group: "Looking around",
    help: "list the ready-made tools, and what each needs: beetrace NAME --help tells of one",
  },
  {
    long: "completion",
    argument: "SHELL",
    group: "Looking around",
    help: "print a script that completes commands in bash, zsh or fish: source <(beetrace --completion bash)",
  },
  { long: "info", group: "Looking around", help: "say what this kernel and this build can do" },
  { long: "help", letter: "h", group: "Looking around", help: "show this help" },
  { long: "version", letter: "V", group: "Looking around", help: "show the version" },

  { long: "fmt", group: "Development", help: "print the script in its canonical form; with -o write it to a file" },
  {
    long: "mode",
    argument: "MODE",
    group: "Development",
    help: "codegen: compile and stop; compiler-bench: time the compiler; test, bench, format: as the options below",
  },
  { long: "test", group: "Development", help: "run the test: probes, and say which fail" },
  { long: "bench", group: "Development", help: "measure the bench: probes" },

  {
    long: "aot",
    argument: "FILE",
    group: "Development",
    help: "compile and write an executable that runs the script without the compiler, where the machine is alike",
  },

  { long: "dry-run", group: "Troubleshooting", help: "stop once all probes are attached" },
  {
    long: "debug",
    letter: "d",
    argument: "STAGE,…",
    group: "Troubleshooting",
    help: "print what a stage made: ast, types, ir, bytecode, verifier or all; bpftrace's names are taken too",
  },
  {
    long: "emit-asm",
    argument: "FILE",
    group: "Troubleshooting",
    help: "write the BPF instructions of all programs to this file, as text",
  },
  {
    long: "emit-elf",
    argument: "FILE",
    group: "Troubleshooting",
    help: "write the programs and maps as an ELF object that libbpf and bpftool load",
  },
  {
    long: "traceable-functions",
    argument: "FILE",
    group: "Troubleshooting",
    help: "take the kernel functions that can be traced from this file, in the form of available_filter_functions",
  },

  { long: "btf", letter: "b", group: "Accepted without effect", help: "types always come from BTF", ignored: true },
  {
    long: "emit-llvm",
    argument: "FILE",
    group: "Accepted without effect",
    help: "there is no LLVM; -d ir prints our own intermediate form, --emit-asm writes the instructions",
    ignored: true,
  },
  { long: "verify-llvm-ir", group: "Accepted without effect", help: "there is no LLVM", ignored: true },
  {
    long: "usdt-file-activation",
    group: "Accepted without effect",
    help: "semaphores are always counted by file, in the kernel",
    ignored: true,
  },
] as const satisfies readonly OptionSpec[];

type Listed = (typeof OPTIONS)[number];
/** What an option is known by: `"pid"`, `"e"`. */
export type OptionKey = Listed extends infer Each
  ? Each extends { readonly long: infer Long extends string }
    ? Long
    : Each extends { readonly letter: infer Letter extends string }
      ? Letter
      : never
  : never;

/** What an option is known by. */
export function optionKey(option: OptionSpec): OptionKey {
  return (option.long ?? option.letter) as OptionKey;
}
