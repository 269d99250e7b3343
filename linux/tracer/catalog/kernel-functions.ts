import { readFileSync } from "node:fs";
import { CatalogError } from "@beetrace/compiler/target";
import type { KernelSymbols } from "@beetrace/ebpf/symbols";
import { matcher } from "./wildcard.ts";

/** A function of the kernel that a probe can be put on. */
export interface KernelFunction {
  readonly name: string;
  /** `vmlinux` for the kernel itself. */
  readonly module: string;
}

/** Where the list comes from. All are read when they are first needed. */
export interface KernelFunctionSources {
  /** Mount point of tracefs, where there is one. */
  readonly tracefsRoot?: () => string | undefined;
  readonly symbols: () => KernelSymbols;
  /** Whether the kernel's BTF describes a function of that name; `undefined` without BTF. */
  readonly hasBtf?: () => ((name: string) => boolean) | undefined;
  /** A file in the form of tracefs' `available_filter_functions` that counts in its place, for single functions too. */
  readonly listPath?: string;
  /** Default `/sys/kernel/debug/kprobes/blacklist`. */
  readonly blacklistPath?: string;
}

/** Tracing these breaks the machine though the kernel lets it happen (tools/testing/selftests/bpf, kprobe_multi_test.c). */
const UNSAFE_NAMES: ReadonlySet<string> = new Set(["arch_cpu_idle", "default_idle", "bpf_dispatcher_xdp_func"]);
const UNSAFE_PREFIXES = ["__ftrace_invalid_address__", "rcu_"];

/** The functions of the kernel and its modules that can be traced. */
export class KernelFunctions {
  readonly #sources: KernelFunctionSources;
  #listed: readonly KernelFunction[] | undefined;
  #blacklist: ReadonlySet<string> | undefined;
  #replaceable: ReadonlySet<string> | undefined;
  #isDescribed: ((name: string) => boolean) | undefined;

  constructor(sources: KernelFunctionSources) {
    this.#sources = sources;
  }

  /** The traceable functions that match both patterns, sorted by name and module, each once. No `module` is any module. */
  matching(name: string, module = "*"): readonly KernelFunction[] {
    this.#listed ??=
      this.#sources.listPath === undefined ? (this.#fromTracefs() ?? this.#fromSymbols()) : this.#fromFile();
    const isName = matcher(name);
    const isModule = matcher(module);
    const found = this.#listed.filter(
      (entry) => isName(entry.name) && isModule(entry.module) && isSafe(entry.name) && this.#isTraceable(entry),
    );
    return sortedOnce(found);
  }

  /**
   * The functions of exactly that name, by the symbol table alone, which is much quicker than the list. What only
   * wildcards leave out is found here.
   */
  named(name: string, module?: string): readonly KernelFunction[] {
    const symbols = this.#sources.symbols().findAll(name);
    const modules = new Set(symbols.filter((symbol) => symbol.isCode).map((symbol) => symbol.module ?? "vmlinux"));
    if (this.isBlacklisted(name)) return [];
    if (this.#sources.listPath !== undefined)
      return this.#fromFile().filter((each) => each.name === name && (module ?? each.module) === each.module);
    return [...modules]
      .filter((each) => module === undefined || each === module)
      .map((each) => ({ name, module: each }));
  }

  /** Whether the kernel refuses probes there (`kprobes/blacklist`; known only where debugfs is mounted). */
  isBlacklisted(name: string): boolean {
    this.#blacklist ??= readBlacklist(this.#sources.blacklistPath ?? "/sys/kernel/debug/kprobes/blacklist");
    return this.#blacklist.has(name);
  }

  /** Whether the kernel lets programs give its result (check_attach_modify_return() in kernel/bpf/verifier.c). */
  isReplaceable(name: string): boolean {
    this.#replaceable ??= parseReplaceable(readOrUndefined("/sys/kernel/debug/error_injection/list") ?? "");
    return name.startsWith("security_") || this.#replaceable.has(name);
  }

  #isTraceable(entry: KernelFunction): boolean {
    // A module's own BTF is not read for this: its functions count by their symbols.
    const isDescribed = entry.module !== "vmlinux" || !this.#isDescribed || this.#isDescribed(entry.name);
    return isDescribed && !this.isBlacklisted(entry.name);
  }

  #fromFile(): readonly KernelFunction[] {
    const { listPath = "" } = this.#sources;
    const text = readOrUndefined(listPath);
    if (text === undefined) throw new CatalogError(`Could not read functions from ${listPath}.`);
    return parseFilterFunctions(text);
  }

  /** What ftrace can patch. The kernel forbids reading it under lockdown, and it is missing without CONFIG_DYNAMIC_FTRACE. */
  #fromTracefs(): readonly KernelFunction[] | undefined {
    const root = this.#sources.tracefsRoot?.();
    const text = root === undefined ? undefined : readOrUndefined(`${root}/available_filter_functions`);
    return text === undefined ? undefined : parseFilterFunctions(text);
  }

  /** The next best: symbols of code that BTF describes too (both come from what the compiler made a function of its own). */
  #fromSymbols(): readonly KernelFunction[] {
    this.#isDescribed = this.#sources.hasBtf?.();
    const found: KernelFunction[] = [];
    for (const { name, module = "vmlinux" } of this.#sources.symbols().functions()) {
      if (!isGenerated(module)) found.push({ name, module });
    }
    return found;
  }
}

/** Parses `available_filter_functions`: `name` or `name [module]` lines. */
export function parseFilterFunctions(text: string): readonly KernelFunction[] {
  const found: KernelFunction[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const space = line.indexOf(" ");
    if (space < 0) found.push({ name: line, module: "vmlinux" });
    else found.push({ name: line.slice(0, space), module: moduleIn(line.slice(space + 1)) });
  }
  return found;
}

/** Parses `kprobes/blacklist`: `0xstart-0xend\tname` lines. */
export function parseBlacklist(text: string): ReadonlySet<string> {
  const names = text.split("\n").map((line) => line.split("\t")[1]?.trim() ?? "");
  return new Set(names.filter((name) => name !== ""));
}

/** Parses `error_injection/list`: `name+0x0/0xsize [module]\ttype` lines. */
export function parseReplaceable(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").flatMap((line) => /^[^+\s]+/.exec(line) ?? []));
}

function readBlacklist(path: string): ReadonlySet<string> {
  return parseBlacklist(readOrUndefined(path) ?? "");
}

function moduleIn(brackets: string): string {
  return /^\[(.+)\]/.exec(brackets.trim())?.[1] ?? "vmlinux";
}

/** `.part.N` is a piece that the compiler cut off, with a calling convention of its own. */
function isSafe(name: string): boolean {
  return (
    !UNSAFE_NAMES.has(name) && !name.includes(".part.") && !UNSAFE_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

/** Pseudo modules of /proc/kallsyms for code that the kernel makes at run time. */
function isGenerated(module: string): boolean {
  return module === "bpf" || module.startsWith("__builtin__");
}

function sortedOnce(functions: KernelFunction[]): readonly KernelFunction[] {
  functions.sort((a, b) => compare(a.name, b.name) || compare(a.module, b.module));
  return functions.filter(
    ({ name, module }, at) => at === 0 || functions[at - 1].name !== name || functions[at - 1].module !== module,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
