/** What tools that take a function, tracepoint or static probe are given: `vfs_*`, `c:malloc`, `t:sched:*`, `u:bash:*`. */
import { type Machine, ToolError } from "./tool.ts";

/** Where such a thing is. */
export type Place =
  | { readonly kind: "kernel"; readonly pattern: string }
  | { readonly kind: "user"; readonly file: string; readonly pattern: string }
  | { readonly kind: "tracepoint"; readonly category: string; readonly pattern: string }
  | { readonly kind: "usdt"; readonly file: string; readonly provider: string; readonly pattern: string };

/** Probes of a script, and which of those that it matches are meant. */
export interface Matched {
  /** As the script has them: `uprobe:/lib/libc.so.6:str*`. */
  readonly probe: string;
  readonly filter?: RegExp;
}

/**
 * `func` and `p::func` are of the kernel, `lib:func` and `p:lib:func` of a library or program, `t:category:event` is
 * a tracepoint, `u:lib:probe` and `u:lib:provider:probe` a static probe. Throws {@link ToolError}.
 */
export function readPlace(text: string, machine: Machine): Place {
  const parts = text.split(":");
  const [kind, ...rest] = parts.length < 3 ? ["p", ...(parts.length === 1 ? [""] : []), ...parts] : parts;
  const pattern = rest.at(-1) ?? "";
  const holder = rest[0];
  switch (kind) {
    case "p":
    case "r":
    case "":
      if (holder === "") return { kind: "kernel", pattern };
      return { kind: "user", file: machine.binary(rest.slice(0, -1).join(":")), pattern };
    case "t":
      return { kind: "tracepoint", category: holder, pattern };
    case "u":
      return { kind: "usdt", file: machine.binary(holder), provider: rest.length > 2 ? rest[1] : "*", pattern };
    default:
      throw new ToolError(`'${text}': a probe is of type p, r, t or u, not '${kind}'`);
  }
}

/** Probes at the beginning of what a place names. `isExpression`: its pattern is a regular one. Throws {@link ToolError}. */
export function entryProbes(place: Place, machine: Machine, isExpression = false): Matched {
  const all = isExpression ? "*" : place.pattern;
  switch (place.kind) {
    case "kernel":
      requireKprobes(machine);
      return { probe: `kprobe:${all}`, ...filtered(place, isExpression) };
    case "tracepoint":
      return {
        probe: `tracepoint:${isExpression ? "*:*" : `${place.category}:${all}`}`,
        ...filtered(place, isExpression),
      };
    case "usdt":
      return { probe: usdtPoint(place.file, place.provider, all), ...filtered(place, isExpression) };
    case "user":
      return userProbes(place, machine, isExpression);
  }
}

/** The system call whose function this is, by the names that it had in different versions: `SyS_mount`. */
export function syscallOf(name: string): string | undefined {
  return /^(?:__(?:x64|arm64|se)_|)(?:sys|SyS)_(\w+)$/.exec(name)?.[1];
}

/** Throws {@link ToolError} where functions of the kernel cannot be probed. */
export function requireKprobes(machine: Machine): void {
  if (!machine.hasKprobes)
    throw new ToolError(
      "this kernel has no kprobes: its functions cannot be probed",
      "tracepoints (t:category:event), functions of programs (c:malloc) and static probes (u:program:probe) can",
    );
}

/** Several names of one place are one function: it would be counted once for each. */
function userProbes(
  { file, pattern }: Extract<Place, { kind: "user" }>,
  machine: Machine,
  isExpression: boolean,
): Matched {
  if (!isExpression && !pattern.includes("*")) return { probe: uprobePoint(file, pattern) };
  const names = machine.userFunctions(file, isExpression ? expression(`(?:${pattern}).*`) : pattern);
  if (names.length === 0) throw new ToolError(`no function of ${file} matches '${pattern}'`);
  const filter = new RegExp(`:(?:${names.map(escaped).join("|")})$`);
  return { probe: uprobePoint(file, isExpression ? "*" : pattern), filter };
}

/** The beginning of a function of a program, as an attach point. */
export function uprobePoint(file: string, name: string): string {
  return `uprobe:${quoted(file)}:${quoted(name)}`;
}

/** A static probe as an attach point. */
export function usdtPoint(file: string, provider: string, name: string): string {
  return `usdt:${quoted(file)}:${provider}:${quoted(name)}`;
}

/** BCC compares whole names of functions, and the beginning of others. */
function filtered(place: Place, isExpression: boolean): { filter?: RegExp } {
  if (!isExpression) return {};
  switch (place.kind) {
    case "kernel":
      return { filter: expression(`k(?:ret)?probe:(?:[^:]*:)?(?:${place.pattern})`) };
    case "tracepoint":
      return { filter: expression(`tracepoint:(?:${place.category}:${place.pattern}).*`) };
    default:
      return { filter: expression(`.*:(?:${place.pattern})[^:]*`) };
  }
}

function expression(source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    throw new ToolError(`'${source}' is not a regular expression`);
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** As a part of an attach point. */
function quoted(text: string): string {
  return /^[\w./*+-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/** The name without what it is of: `malloc` of `uprobe:/lib/libc.so.6:malloc`, `sched:sched_switch` of a tracepoint. */
export function shortName(probe: string): string {
  const parts = probe.split(":");
  return parts[0] === "tracepoint" ? parts.slice(1).join(":") : parts.slice(parts[0].startsWith("k") ? -1 : 2).at(-1)!;
}
