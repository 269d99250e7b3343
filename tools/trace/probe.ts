/** A probe of `trace`, from BCC's way to write it: `p:c:write (arg1 == 1) "writing %d bytes", arg3`. */
import { namesOf, readSignature, splitAtCommas, translated } from "../c-expression.ts";
import { readPlace, requireKprobes, syscallOf, uprobePoint, usdtPoint } from "../function-pattern.ts";
import { type Machine, ToolError } from "../tool.ts";
import { type Conversion, readFormat } from "./format.ts";

/** A probe, as the script has it and as its lines show it. */
export interface TraceProbe {
  /** `uprobe:/lib/libc.so.6:write` */
  readonly point: string;
  /** Under FUNC. */
  readonly name: string;
  /** What must hold; absent: always traced. */
  readonly filter?: string;
  readonly conversions: readonly Conversion[];
  /** The values of the conversions, in the project's language. */
  readonly values: readonly string[];
  /** The message, with its conversions; empty without one. */
  readonly format: string;
}

/** What names mean in all probes. BCC has `$pid` for the thread and `$tgid` for the process. */
const NAMES: Readonly<Record<string, string>> = {
  $uid: "(uint32)uid",
  $gid: "(uint32)gid",
  $pid: "(uint32)tid",
  $tgid: "(uint32)pid",
  $cpu: "cpu",
  $task: "curtask",
};

/** Where a probe is, and what its arguments are called. */
interface Point {
  readonly point: string;
  readonly name: string;
  readonly argument: (index: number) => string;
  readonly retval: string;
}

/** Reads a probe. Throws {@link ToolError}. */
export function readProbe(text: string, machine: Machine, stringBytes: number): TraceProbe {
  const [, spec, signature, rest] = /^([^ \t(]+)(\([^(]*?\))?(.*)$/s.exec(text.trim()) ?? [];
  if (spec === undefined) throw new ToolError(`'${text}' is no probe`);
  const point = readPoint(spec, machine);
  const parameters = signature === undefined ? [] : readSignature(signature.slice(1, -1));
  const names = namesOf({ ...NAMES, retval: point.retval }, parameters, point.argument);
  const [filter, action] = splitFilter(rest.trim(), text);
  const [format, list] = splitAction(action, text);
  const conversions = readFormat(format);
  const given = splitAtCommas(list).filter((value) => value.trim() !== "");
  if (given.length !== conversions.filter(({ kind }) => kind !== "%").length)
    throw new ToolError(`'${text}': ${given.length} values for the conversions of ${JSON.stringify(format)}`);
  const values = given.map((value, index) =>
    valueText(conversions.filter(({ kind }) => kind !== "%")[index], translated(value, names), stringBytes),
  );
  return {
    point: point.point,
    name: point.name,
    ...(filter === undefined ? {} : { filter: translated(filter, names) }),
    conversions,
    values,
    format,
  };
}

/** The predicate in brackets, and what follows it. */
function splitFilter(text: string, probe: string): [string | undefined, string] {
  if (!text.startsWith("(")) return [undefined, text];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth === 0) return [text.slice(0, at + 1), text.slice(at + 1).trim()];
  }
  throw new ToolError(`'${probe}': the predicate has no end`);
}

/** The format without its quotes, and the list of values. */
function splitAction(action: string, probe: string): [string, string] {
  if (action === "") return ["", ""];
  const [, format, list] = /^"((?:[^"\\]|\\.)*)"\s*,?(.*)$/s.exec(action) ?? [];
  if (format === undefined) throw new ToolError(`'${probe}': a format in double quotes was expected, not ${action}`);
  return [format, list];
}

/** What a conversion takes, of the type that it has in C. */
function valueText({ kind, type }: Conversion, value: string, stringBytes: number): string {
  switch (kind) {
    case "s":
      return `str(${value}, ${stringBytes})`;
    case "K":
      return `ksym(${value})`;
    case "U":
      return `usym(${value})`;
    default:
      return `(${type})(${value})`;
  }
}

function readPoint(spec: string, machine: Machine): Point {
  const [, path, offset = ""] = /^(.*?)(\+(?:0[xX][0-9a-fA-F]+|\d+))?$/s.exec(spec) ?? ["", spec];
  const place = readPlace(path, machine);
  const isReturn = path.startsWith("r:");
  const name = place.pattern;
  const probe = isReturn ? "retprobe" : "probe";
  const plain = { name, argument: (index: number) => `arg${index}`, retval: "retval" };
  switch (place.kind) {
    case "kernel": {
      const call = syscallPoint(place.pattern, isReturn, machine);
      if (call !== undefined && offset === "") return call;
      requireKprobes(machine);
      return { ...plain, point: `k${probe}:${place.pattern}${offset}` };
    }
    case "user":
      return { ...plain, point: `${uprobePoint(place.file, place.pattern).replace("uprobe", `u${probe}`)}${offset}` };
    case "usdt":
      return { ...plain, name: path.split(":").slice(2).join(":"), point: usdtPoint(place.file, place.provider, name) };
    case "tracepoint":
      return { ...plain, point: `tracepoint:${place.category}:${name}`, retval: "args.ret" };
  }
}

/** The function of a system call by its tracepoints, which are on every kernel and cost less. */
function syscallPoint(name: string, isReturn: boolean, machine: Machine): Point | undefined {
  const call = syscallOf(name);
  if (call === undefined) return undefined;
  const fields = machine.tracepointFields("syscalls", `sys_enter_${call}`);
  if (machine.tracepointFields("syscalls", `sys_exit_${call}`).length === 0) return undefined;
  const argument = (index: number) => (index < fields.length ? `args.${fields[index]}` : "0");
  return {
    point: `tracepoint:syscalls:sys_${isReturn ? "exit" : "enter"}_${call}`,
    name,
    argument,
    retval: "args.ret",
  };
}
