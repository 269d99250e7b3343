import type { CompiledScript, CompileOptions, ReadImport, RunMode } from "@beetrace/compiler";
import type { LiveOptions } from "./live-display.ts";
import type { Printer } from "./printer.ts";
import type { LiveResolver } from "./resolver.ts";
import type { WarningLevel } from "./runtime-sites.ts";
import type { PresentationScreen } from "./screen-display.ts";
import type { BufferMode, OutputSink } from "./sink.ts";
import type { PictureFiles } from "./stack-pictures.ts";
import type { SwitchableFeature } from "./target.ts";

/** A form of output of one's own. */
export interface Presentation {
  /** `stop` ends the run as `exit()` does. */
  readonly printer: (out: OutputSink, err: OutputSink, resolver: LiveResolver, stop: () => void) => Printer;
  /** Maps that are taken at each interval, with their `@`: they begin again. */
  readonly maps: readonly string[];
  /** Maps that are read at each interval and go on counting. */
  readonly reads?: readonly string[];
  /** An interval has passed (`everyMs`), and its maps have come. Gives whether another is to follow. */
  readonly onInterval: () => boolean;
  /** The run has ended, and its maps have come. */
  readonly onEnd: () => void;
  /** It has the terminal until then: standard input and output are one. */
  readonly screen?: PresentationScreen;
}

/** One run of a script, as the command line asks for it. */
export interface RunOptions {
  readonly source: string;
  /** What stands before lines in messages: the file, or `stdin` for `-e`. */
  readonly sourceName: string;
  readonly params?: readonly string[];
  /** Named parameters: `--name` or `--name=value`. */
  readonly namedParams?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly format?: "text" | "json";
  /** Where results go; default 1, stdout. */
  readonly outFd?: number;
  /** Where messages go; default 2, stderr. */
  readonly errFd?: number;
  readonly bufferMode?: BufferMode;
  /** No "Attached N probes". */
  readonly quiet?: boolean;
  /** The verifier's whole log when it refuses a program. */
  readonly verbose?: boolean;
  /** Coloured messages. */
  readonly color?: boolean;
  readonly warnings?: WarningLevel;
  readonly unsafe?: boolean;
  /** Only this process (`-p`). */
  readonly pid?: number;
  /** The process whose stacks `dw_ustack` unwinds, when it is not the only one that is traced (`--dwarf-pid`). */
  readonly unwindPid?: number;
  /** A command to run and to trace (`-c`). */
  readonly command?: string;
  /** Tests or benchmarks in place of a run. */
  readonly mode?: RunMode;
  /** Everything up to attaching. */
  readonly dryRun?: boolean;
  readonly probeFilter?: RegExp;
  /** See {@link CompileOptions.kernelReads}. */
  readonly kernelReads?: CompileOptions["kernelReads"];
  /** Folders of headers (`-I`). */
  readonly includeDirs?: readonly string[];
  /** Headers that come before the script's first line (`--include`). */
  readonly includeFiles?: readonly string[];
  /** Where debug files are looked for, before the usual places (`--debuginfo`). */
  readonly debugDirectories?: readonly string[];
  readonly withoutFeatures?: ReadonlySet<SwitchableFeature>;
  /** A file that lists the kernel functions that can be traced, in place of the kernel's own list. */
  readonly traceableFunctions?: string;
  /** Goes on until it is stopped, although nothing can happen any more. */
  readonly keepRunning?: boolean;
  /** The process' name as probes see it in `comm`. */
  readonly processName?: string;
  /** Pictures of the maps that count stacks, in place of their text. */
  readonly pictures?: PictureFiles;
  /** Prints and clears the maps so often. */
  readonly everyMs?: number;
  /** Ends so long after the probes were attached. */
  readonly durationMs?: number;
  /** Part of a program: signals are its own. */
  readonly inProcess?: boolean;
  /** What the compiler warns of is not said: the script is not the user's own. */
  readonly hidesCompilerWarnings?: boolean;
  /** Shows what comes of the run, in place of text or JSON. */
  readonly presentation?: Presentation;
  /** Reads what the script imports before files are looked for. */
  readonly readImport?: (...file: Parameters<ReadImport>) => ReturnType<ReadImport> | undefined;
  /** Tells at the end what each probe cost. */
  readonly reportsCosts?: boolean;
  /** The most that all programs may take of one CPU (0.01 is 1 %). */
  readonly maxOverhead?: number;
  /** What is done before it is more: the dearest program is detached (default), or the run ends. */
  readonly onOverrun?: "detach" | "end";
  /** Shows the maps while the script runs. */
  readonly live?: LiveOptions;
  /** Sees the script once it is compiled: for `-d`. */
  readonly onCompiled?: (compiled: CompiledScript) => void;
}
