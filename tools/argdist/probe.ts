/** A specifier of `argdist`: `r:c:read(int fd):int:$retval:$latency > 1000#long reads`. */
import { namesOf, type Parameter, readSignature, splitAtCommas, translated } from "../c-expression.ts";
import { readPlace, requireKprobes, uprobePoint, usdtPoint } from "../function-pattern.ts";
import { type Machine, ToolError } from "../tool.ts";

/** What is collected, as the script has it and as it is shown. */
export interface DistProbe {
  /** `uretprobe:/lib/libc.so.6:read` */
  readonly point: string;
  /** The function's beginning, where its values are needed at its end. */
  readonly entry?: { readonly point: string; readonly values: readonly string[] };
  readonly filter?: string;
  /** In the project's language, of the types that are asked for. */
  readonly values: readonly string[];
  /** As they were written. */
  readonly expressions: readonly string[];
  /** Nothing was asked for: calls are counted, or what they return. */
  readonly isDefault: boolean;
  readonly isReturn: boolean;
  readonly label: string;
}

/** What names mean everywhere. */
const NAMES: Readonly<Record<string, string>> = {
  $PID: "pid",
  $COMM: "comm",
  $retval: "retval",
  $latency: "(nsecs - $began.0)",
};

const TYPES = new Set(["p", "r", "t", "u"]);

/** Reads a specifier; `isHistogram`: as one of -H. Throws {@link ToolError}. */
export function readSpecifier(text: string, isHistogram: boolean, machine: Machine, stringBytes: number): DistProbe {
  const [spec, label] = text.split("#");
  const parts = spec.trim().split(":");
  const [type, holder, call, types, expressions, filter] = parts;
  const [, name, signature] = /^([^\s(]+)\((.*)\)$/s.exec(call?.trim() ?? "") ?? [];
  if (!TYPES.has(type) || name === undefined || parts.length > 6)
    throw new ToolError(
      `'${text}' is no specifier`,
      "{p,r,t,u}:{[library],category}:function(signature)[:type[,type…]:expr[,expr…][:filter]][#label]",
    );
  const isReturn = type === "r";
  const isDefault = expressions === undefined;
  const listed = isDefault ? [isReturn ? "$retval" : "1"] : splitAtCommas(expressions).map((each) => each.trim());
  const listedTypes = isDefault ? [isReturn ? "int" : "u64"] : splitAtCommas(types).map((each) => each.trim());
  if (listed.length !== listedTypes.length)
    throw new ToolError(`'${text}': ${listed.length} expressions and ${listedTypes.length} types`);
  if (isHistogram && (listed.length > 1 || (isDefault && !isReturn)))
    throw new ToolError(`'${text}': a histogram is of one expression`);
  const place = { type, holder, name: name.trim() };
  const values = new Values(readSignature(signature), [...listed, filter ?? ""]);
  const points = pointsOf(place, machine);
  return {
    point: points.point,
    ...(values.isSaved ? { entry: { point: entryOf(points.entry, text), values: values.saved } } : {}),
    ...(filter === undefined ? {} : { filter: values.translate(filter) }),
    values: listed.map((each, index) => typed(listedTypes[index], values.translate(each), stringBytes)),
    expressions: listed,
    isDefault,
    isReturn,
    label: label ?? text,
  };
}

function entryOf(point: string | undefined, text: string): string {
  if (point === undefined) throw new ToolError(`'${text}': $entry and $latency are of probes of type r`);
  return point;
}

function typed(type: string, value: string, stringBytes: number): string {
  if (value === "comm") return value;
  return /^(const\s+)?char\s*\*$/.test(type) ? `str(${value}, ${stringBytes})` : `(${type})(${value})`;
}

/** A tuple has two at least: the time and a filler come first. */
const SAVED_FIRST = 2;
const ENTRY_VALUE = /\$entry\((\w+)\)/g;

/** The values of expressions; those of the function's beginning are saved there: the time, then its parameters. */
class Values {
  readonly isSaved: boolean;
  readonly #parameters: readonly Parameter[];
  readonly #wanted: readonly string[];

  constructor(parameters: readonly Parameter[], expressions: readonly string[]) {
    const all = expressions.join(" ");
    this.#parameters = parameters;
    this.#wanted = [...new Set(Array.from(all.matchAll(ENTRY_VALUE), ([, name]) => name))];
    this.isSaved = this.#wanted.length > 0 || all.includes("$latency");
    const missing = this.#wanted.find((name) => !parameters.some((each) => each.name === name));
    if (missing !== undefined) throw new ToolError(`$entry(${missing}): the signature has no such parameter`);
  }

  /** What the beginning saves, behind the time. */
  get saved(): readonly string[] {
    return this.#wanted.map((name) => translated(name, this.#names));
  }

  /** An expression in the project's language. */
  translate(expression: string): string {
    return translated(expression.replace(ENTRY_VALUE, "$entry_$1"), (name) => {
      const [, saved] = /^\$entry_(\w+)$/.exec(name) ?? [];
      return saved === undefined ? this.#names(name) : `$began.${this.#wanted.indexOf(saved) + SAVED_FIRST}`;
    });
  }

  get #names() {
    return namesOf(NAMES, this.#parameters, (index) => `arg${index}`);
  }
}

interface Points {
  readonly point: string;
  /** Of a function: where it begins. */
  readonly entry?: string;
}

function pointsOf({ type, holder, name }: { type: string; holder: string; name: string }, machine: Machine): Points {
  const place = readPlace(`${type}:${holder}:${name}`, machine);
  switch (place.kind) {
    case "tracepoint":
      return { point: `tracepoint:${place.category}:${place.pattern}` };
    case "usdt":
      return { point: usdtPoint(place.file, place.provider, place.pattern) };
    case "kernel":
      requireKprobes(machine);
      return withEntry(type, `kprobe:${place.pattern}`);
    case "user":
      return withEntry(type, uprobePoint(place.file, place.pattern));
  }
}

function withEntry(type: string, entry: string): Points {
  return type === "r" ? { point: entry.replace("probe", "retprobe"), entry } : { point: entry };
}
