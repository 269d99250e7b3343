/** Call chains of `inject`, as BCC writes them: `(bio->bi_opf == 1) => submit_bio_wait() => blkdev_fsync(struct file *file)(true)`. */
import { namesOf, readSignature, translated } from "../c-expression.ts";
import { syscallOf } from "../function-pattern.ts";
import { type Machine, ToolError } from "../tool.ts";

/** A function of a chain. */
export interface Link {
  readonly name: string;
  /** Its beginning and its end as probes. */
  readonly entry: string;
  readonly exit: string;
  /** What must hold of its arguments, in the project's language; absent: nothing. */
  readonly predicate?: string;
}

/** A chain, read. */
export interface Chain {
  /** What must hold of the arguments of the function that is to fail. */
  readonly predicate?: string;
  /** The functions that it must be called in, outermost first. */
  readonly links: readonly Link[];
}

/** A part of a chain, as it is written. */
interface Frame {
  readonly name?: string;
  readonly signature: string;
  readonly predicate?: string;
}

/** Bytes of a text that is compared. */
const STRING_BYTES = 256;

/** The function that a chain leads to, with its parameters: BTF lacks some that are small. */
export interface Target {
  readonly func: string;
  readonly signature: string;
}

/** Reads a chain. Throws {@link ToolError}. */
export function readChain(text: string, target: Target, machine: Machine): Chain {
  const frames = framesOf(text).map((frame) => readFrame(frame, text));
  const isOfTarget = frames[0].name === undefined || frames[0].name === target.func;
  const [own, callers] = isOfTarget ? [frames[0], frames.slice(1)] : [undefined, frames];
  const nameless = callers.find(({ name }) => name === undefined);
  if (nameless !== undefined)
    throw new ToolError(
      `'${text}': the predicate ${nameless.predicate} belongs to no function`,
      `only the first may, which is about ${target.func}(${target.signature})`,
    );
  const predicate =
    own &&
    predicateText(
      { ...own, signature: own.signature || target.signature },
      target.func,
      (index) => `arg${index}`,
      machine,
    );
  return {
    ...(predicate === undefined ? {} : { predicate }),
    links: callers.toReversed().map((frame) => linkOf(frame, frame.name!, machine)),
  };
}

/** The parts between arrows that are in no brackets. */
function framesOf(text: string): string[] {
  const frames = [""];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    if (text[at] === ")" && --depth < 0) break;
    if (depth === 0 && text.startsWith("=>", at)) {
      frames.push("");
      at++;
    } else frames[frames.length - 1] += text[at];
  }
  if (depth !== 0) throw new ToolError(`'${text}': brackets that do not match`);
  return frames.map((frame) => frame.trim());
}

/** `name(signature)(predicate)`, `name(signature)` or `(predicate)`. */
function readFrame(frame: string, text: string): Frame {
  const [, name, rest] = /^(\w*)(.*)$/s.exec(frame) ?? ["", "", ""];
  const brackets = bracketsOf(rest);
  const most = name === "" ? 1 : 2;
  if (brackets === undefined || brackets.length === 0 || brackets.length > most)
    throw new ToolError(
      `'${text}': '${frame}' is no call`,
      "write function(), function()(predicate) or function(parameters)(predicate)",
    );
  const predicate = brackets[most - 1];
  return {
    ...(name === "" ? {} : { name }),
    signature: name === "" ? "" : brackets[0].slice(1, -1),
    ...(predicate === undefined ? {} : { predicate }),
  };
}

/** The outermost brackets that a text consists of; none if there is anything else in it. */
function bracketsOf(text: string): string[] | undefined {
  const found: string[] = [];
  let [depth, start] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    if (depth === 0 && text[at] !== "(" && text[at].trim() !== "") return undefined;
    if (text[at] === "(" && depth++ === 0) start = at;
    if (text[at] === ")" && --depth === 0) found.push(text.slice(start, at + 1));
  }
  return found;
}

/** System calls by their tracepoints, functions through BTF where they can be, else by breakpoints. */
function linkOf(frame: Frame, name: string, machine: Machine): Link {
  const call = syscallOf(name);
  const fields = call === undefined ? [] : machine.tracepointFields("syscalls", `sys_enter_${call}`);
  const isCall = call !== undefined && machine.hasTracepoint("syscalls", `sys_exit_${call}`);
  const isTyped = machine.hasFentry(name);
  if (!isCall && !isTyped && !machine.hasKprobe(name))
    throw new ToolError(`this kernel has no function ${name} that can be traced`, "see beetrace -l 'kprobe:*'");
  const typed = isCall ? fields : isTyped ? machine.parameters(name) : [];
  const argument = (index: number) => (typed.length > 0 ? `args.${typed[index] ?? `arg${index}`}` : `arg${index}`);
  const predicate = predicateText(frame, name, argument, machine, typed);
  return {
    name,
    ...(isCall
      ? { entry: `tracepoint:syscalls:sys_enter_${call}`, exit: `tracepoint:syscalls:sys_exit_${call}` }
      : isTyped
        ? { entry: `fentry:${name}`, exit: `fexit:${name}` }
        : { entry: `kprobe:${name}`, exit: `kretprobe:${name}` }),
    ...(predicate === undefined ? {} : { predicate }),
  };
}

/**
 * A predicate in the project's language: arguments by the names that the signature gives them, or by the kernel's own.
 * `typed` are the names of those that have a type by themselves; others are cast.
 */
function predicateText(
  { signature, predicate }: Frame,
  func: string,
  argument: (index: number) => string,
  machine: Machine,
  typed: readonly string[] = [],
): string | undefined {
  if (predicate === undefined || /^\(\s*true\s*\)$/.test(predicate)) return undefined;
  const given = readSignature(signature);
  const parameters = given.length > 0 ? given : (machine.prototype(func)?.parameters ?? []);
  const ofTyped = (name: string) => {
    const index = given.length > 0 ? given.findIndex((each) => each.name === name) : typed.indexOf(name);
    return index < 0 ? undefined : argument(index);
  };
  const cast = namesOf(
    {},
    parameters.map((each) => ({ isUser: false, ...each })),
    argument,
  );
  return translated(comparisons(predicate), (name) => (typed.length > 0 ? ofTyped(name) : undefined) ?? cast(name));
}

/** `STRCMP(name->name, bananas)`: the text is the second, with quotes or without, and the whole of it is compared. */
function comparisons(predicate: string): string {
  return predicate.replace(
    /\bSTRCMP\(([^,()"']+),\s*(["']?)([^"'()]*?)\2\s*\)/g,
    (_, pointer: string, _quote, literal: string) => `(str(${pointer.trim()}, ${STRING_BYTES}) == "${literal}")`,
  );
}
