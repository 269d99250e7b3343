/** What a ready-made tool is: its options, the script that they ask for, and how its results are shown. */
import type { JsonValue } from "@beetrace/output";
import type { Block } from "./blocks.ts";
import type { Column, Row } from "./columns.ts";

export type { Row } from "./columns.ts";

/** An option of a tool. Short letters are those of the BCC tool of that name. */
export interface ToolOption {
  /** Without dashes: `failed-only`. */
  readonly long: string;
  readonly letter?: string;
  /** Other long names that it has elsewhere. */
  readonly also?: readonly string[];
  /** What it takes, as help shows it; absent for a switch. */
  readonly argument?: string;
  /**
   * How that is read; default `text`. Of `list` each use adds one, `ints` have commas between them; `rest` is everything
   * behind it, a command.
   */
  readonly kind?: "int" | "ints" | "number" | "text" | "list" | "rest";
  readonly help: string;
}

/** An argument without a dash; all may be left out from the right. */
export interface Positional {
  readonly name: string;
  readonly kind: "int" | "number" | "text";
  /** Takes all that follow too: they are a list. */
  readonly isMany?: boolean;
  readonly help: string;
}

/** What was given on the command line. Numbers are checked by then. */
export interface Given {
  has(name: string): boolean;
  int(name: string): number | undefined;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  ints(name: string): readonly number[];
}

/** A place of a static probe, which may have several. */
export interface UsdtPlace {
  readonly path: string;
  readonly provider: string;
  readonly name: string;
  /** The file's own. */
  readonly address: number;
  /** Of the counter that the program looks at before it works out the arguments, in the file. */
  readonly semaphoreFileOffset?: number;
  /** As the compiler wrote them: `8@%rdi -4@$1`. */
  readonly argText: string;
}

/** A function of the kernel as BTF has it; types as in C. */
export interface Prototype {
  readonly parameters: readonly { readonly type: string; readonly name: string }[];
  /** Absent for one that returns nothing. */
  readonly result?: string;
}

/** What a tool may ask of the machine before it chooses its hooks. */
export interface Machine {
  /** Whether a tracepoint is there: `block`, `block_io_start`. */
  hasTracepoint(category: string, name: string): boolean;
  /** Whether the record of a tracepoint has a field, which is an argument of the raw tracepoint as well. */
  hasTracepointField(category: string, name: string, field: string): boolean;
  /** Whether the kernel has kprobes, and this function can be probed. */
  hasKprobe(name: string): boolean;
  /** Whether the kernel has kprobes. */
  readonly hasKprobes: boolean;
  /** Whether programs can make functions of the kernel return at once: CONFIG_BPF_KPROBE_OVERRIDE. */
  readonly canOverride: boolean;
  /** Whether functions can be traced through BTF (fentry), and this one is there with its BTF. */
  hasFentry(name: string): boolean;
  /** Whether programs can give the result of functions in their place (fmod_ret); of which, the kernel says. */
  readonly hasFmodRet: boolean;
  /** Whether the kernel tells the address of a symbol: of variables only with CONFIG_KALLSYMS_ALL. */
  hasSymbol(name: string): boolean;
  /** The names of the parameters of a function of the kernel, as its BTF has them; none without BTF. */
  parameters(name: string): readonly string[];
  /** Whether a struct of the kernel has a field. */
  hasField(struct: string, field: string): boolean;
  /** How many bytes a struct or union of the kernel has; none if there is no such type. */
  structSize(name: string): number | undefined;
  /** A function that can be traced through BTF. Such that take more than six arguments, or structs, cannot. */
  prototype(name: string): Prototype | undefined;
  /** A program or library by the name that people have for it: `c` is libc, `bash` what $PATH has. Throws {@link ToolError}. */
  binary(name: string): string;
  /** Functions of a program or library, by name with `*` or by expression: one name for each place that has several. */
  userFunctions(file: string, name: string | RegExp): readonly string[];
  /** Whether a program or library has a static probe of this name. */
  hasUsdt(file: string, name: string): boolean;
  /** All tracepoints, in the order of their names. */
  tracepoints(): readonly { readonly category: string; readonly name: string }[];
  /** The places of the static probes of a program or library. */
  usdtSites(file: string): readonly UsdtPlace[];
  /** A tracepoint's own fields as the kernel declares them: `char comm[16]`; none if there is no such tracepoint. */
  tracepointDeclarations(category: string, name: string): readonly string[];
  /** The names of a tracepoint's own fields, in their order; none if there is no such tracepoint. */
  tracepointFields(category: string, name: string): readonly string[];
  /** The names of an enum of the kernel, by value; none if there is no such enum. */
  enumerators(name: string): ReadonlyMap<number, string>;
  /** The names of system calls, by number; empty for a number without a call. */
  syscalls(): readonly string[];
}

/** A script to run, and how what comes of it is shown. */
export interface Plan {
  /** In the project's language. `import "filter.bt"` brings `traced()`, the filters that all tools have. */
  readonly script: string;
  /** Named parameters, which the script reads by getopt(). */
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** Settings that the script begins with: `max_map_keys`. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Of the probes that the script's wildcards match, those whose name matches this. */
  readonly probeFilter?: RegExp;
  /** Headers that come before the script, and folders where they are looked for. */
  readonly includes?: { readonly files: readonly string[]; readonly folders: readonly string[] };
  /** Printed before everything else, as text only. It may tell how many probes there are. */
  readonly intro?: string | ((probes: number) => string);
  /** Begins with a clear screen, where the output is a terminal. */
  readonly clears?: boolean;
  /** Said on standard error before everything else, whatever the form of the output: what is not as it could be. */
  readonly notice?: string;
  /** How records that the script prints, `print((pid = pid, …))`, are shown: a line each. */
  readonly columns?: readonly Column[];
  /**
   * The row of a record: other fields than the script's, or none where nothing is shown. Called once for each; `stop`
   * ends the run, records that were on their way still come.
   */
  readonly toRow?: (record: Row, stop: () => void) => Row | undefined;
  /** Lines under a row, as text only: its stack. */
  readonly below?: (row: Row) => string;
  /** Rows that are left out; called before they are shown. */
  readonly keep?: (row: Row) => boolean;
  /** What maps are shown as. */
  readonly screen?: Screen;
  readonly durationMs?: number;
  /** Follows this command instead of what runs already. */
  readonly command?: string;
  /** Only this process: for probes in programs. */
  readonly pid?: number;
  /** To change the system is what the tool is for: it may without --unsafe. */
  readonly changesSystem?: boolean;
}

/** A map as it stood when it was shown. */
export interface MapEntries {
  readonly entries: readonly { readonly key: JsonValue; readonly value: JsonValue }[];
}

/** What is shown of maps: at each interval, and at the end. */
export interface Screen {
  /** Maps that are shown, and cleared at each interval. Others are the script's own. */
  readonly maps: readonly string[];
  /** Maps that are shown and go on counting. */
  readonly reads?: readonly string[];
  readonly intervalMs?: number;
  /** How many intervals; default until it is stopped. */
  readonly count?: number;
  /**
   * Takes the place of the one before: on the whole screen where the input and the output are a terminal, sorted by the
   * column that a key chooses, otherwise on a cleared one where the output is one.
   */
  readonly clears?: boolean;
  /** The time above each. */
  readonly timestamps?: boolean;
  readonly blocks: (maps: (name: string) => MapEntries, moment: Moment) => readonly Block[];
}

/** When something is shown. */
export interface Moment {
  /** `HH:MM:SS`, local. */
  readonly time: string;
  /** Since the interval began. */
  readonly elapsedMs: number;
  /** The last time that something is shown. */
  readonly isLast: boolean;
}

/** What is printed in place of a run. */
export interface Answer {
  readonly answer: string;
}

/** A ready-made tool. */
export interface Tool {
  readonly name: string;
  /** One line, for lists. */
  readonly summary: string;
  readonly group:
    | "processes"
    | "files"
    | "disks"
    | "network"
    | "scheduler"
    | "memory"
    | "databases"
    | "languages"
    | "programs"
    | "kernel";
  readonly options: readonly ToolOption[];
  readonly positionals?: readonly Positional[];
  /** Lines that follow the options in the help: `opensnoop -x      only failed opens`. */
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** What it hooks, for the reference. */
  readonly hooks: string;
  /** It shows histograms, which `--live` draws as they change. */
  readonly hasHistograms?: boolean;
  /** The name of the tool that this one is, with an option given; they have one page. */
  readonly wraps?: string;
  /** What it shows is no task's doing, so that the options that choose tasks are not there. */
  readonly hasNoTasks?: boolean;
  /** Throws {@link ToolError} for what cannot be done. */
  readonly plan: (given: Given, machine: Machine) => Plan | Answer;
}

/** Wrong use of a tool, or a machine that lacks what it needs. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
