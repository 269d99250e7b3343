/**
 * Macros and their expansion (C11 6.10.3). What a macro gives is read again together with the text behind it, and
 * while it is read that macro is not expanded: a mark on the stack tells where its text ends.
 */
import { isName, tokenize } from "./tokens.ts";

/** A macro; a function-like one has parameters. */
export interface Macro {
  readonly name: string;
  readonly params?: readonly string[];
  /** The last parameter takes all arguments that are left. */
  readonly variadic: boolean;
  readonly body: readonly string[];
}

/** The macros grow beyond all bounds: no real header does. */
export class ExpansionLimitError extends Error {
  override readonly name = "ExpansionLimitError";
}

/** Tokens that one reader expands in all. */
const TOKENS_MAX = 4_000_000;
const DEPTH_MAX = 100;

/** Where the text of a macro ends. */
interface EndOf {
  readonly macro: string;
}

type Entry = string | EndOf;

/** The macros that are defined at a time. */
export class Macros {
  readonly #macros = new Map<string, Macro>();
  #tokens = 0;
  #depth = 0;

  has(name: string): boolean {
    return this.#macros.has(name);
  }

  get(name: string): Macro | undefined {
    return this.#macros.get(name);
  }

  undefine(name: string): void {
    this.#macros.delete(name);
  }

  /** Takes what follows `#define`: `NAME body`, `NAME(a, b) body`. What is no macro is ignored. */
  define(text: string): void {
    const match = /^\s*([A-Za-z_]\w*)(\(([^)]*)\))?/.exec(text);
    if (match === null) return;
    const [all, name, list, inner] = match;
    const body = tokenize(text.slice(all.length));
    if (list === undefined) {
      this.#macros.set(name, { name, variadic: false, body });
      return;
    }
    const written = inner.split(",").map((each) => each.trim());
    const variadic = written[written.length - 1]?.endsWith("...") ?? false;
    const params = written
      .filter((each) => each !== "")
      .map((each) => (each === "..." ? "__VA_ARGS__" : each.replace(/\s*\.\.\.$/, "")));
    this.#macros.set(name, { name, params, variadic, body });
  }

  /** The tokens with all macros expanded. Throws {@link ExpansionLimitError}. */
  expand(tokens: readonly string[]): string[] {
    if (!tokens.some((each) => this.#macros.has(each))) return [...tokens];
    if (++this.#depth > DEPTH_MAX) throw new ExpansionLimitError("macros are nested too deeply");
    const stack: Entry[] = [...tokens].reverse();
    const out: string[] = [];
    const inside = new Set<string>();
    for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
      if (typeof entry !== "string") inside.delete(entry.macro);
      else if (!this.#replace(entry, stack, inside)) out.push(entry);
    }
    this.#depth--;
    return out;
  }

  /** Puts what a macro stands for in its place; false when `name` is to be left as it is. */
  #replace(name: string, stack: Entry[], inside: Set<string>): boolean {
    const macro = isName(name) ? this.#macros.get(name) : undefined;
    if (macro === undefined || inside.has(name)) return false;
    let { body } = macro;
    if (macro.params !== undefined) {
      const args = takeArguments(stack, inside);
      if (args === undefined) return false;
      body = this.#substituted(macro, macro.params, args);
    }
    this.#tokens += body.length + 1;
    if (this.#tokens > TOKENS_MAX) throw new ExpansionLimitError("macros expand without end");
    inside.add(name);
    stack.push({ macro: name });
    for (let index = body.length - 1; index >= 0; index--) stack.push(body[index]);
    return true;
  }

  /** The body with arguments in place of parameters: as written beside `#` and `##`, else expanded. */
  #substituted(macro: Macro, params: readonly string[], given: readonly string[][]): string[] {
    const args = argumentsOf(macro, params, given);
    const out: string[] = [];
    const { body } = macro;
    for (let at = 0; at < body.length; at++) {
      const text = body[at];
      const arg = args.get(text);
      if (text === "#" && args.has(body[at + 1])) out.push(quoted(args.get(body[++at]) ?? []));
      else if (text === "##" && out.length > 0 && at + 1 < body.length) {
        const right = args.get(body[++at]) ?? [body[at]];
        const left = out.pop() ?? "";
        out.push(...tokenize(left + (right[0] ?? "")), ...right.slice(1));
      } else if (arg === undefined) out.push(text);
      else if (body[at + 1] === "##") out.push(...(arg.length === 0 ? [""] : arg));
      else for (const each of this.expand(arg)) out.push(each);
      if (out.length > TOKENS_MAX) throw new ExpansionLimitError("macros expand without end");
    }
    return out.filter((each) => each !== "");
  }
}

function argumentsOf(
  { variadic }: Macro,
  params: readonly string[],
  given: readonly string[][],
): Map<string, string[]> {
  const args = new Map<string, string[]>();
  params.forEach((param, index) => {
    const rest = variadic && index === params.length - 1;
    args.set(param, rest ? given.slice(index).reduce(joinedByComma, []) : (given[index] ?? []));
  });
  return args;
}

function joinedByComma(all: string[], next: string[], index: number): string[] {
  return index === 0 ? next : [...all, ",", ...next];
}

function quoted(tokens: readonly string[]): string {
  return `"${tokens.join(" ").replace(/["\\]/g, "\\$&")}"`;
}

/** Takes `(a, b)` off the stack; `undefined`, with nothing taken, when there is none. */
function takeArguments(stack: Entry[], inside: Set<string>): string[][] | undefined {
  let at = stack.length - 1;
  while (at >= 0 && typeof stack[at] !== "string") at--;
  if (stack[at] !== "(") return undefined;
  const args: string[][] = [[]];
  let open = 0;
  for (; at >= 0; at--) {
    const entry = stack[at];
    if (typeof entry !== "string") continue;
    if (entry === ")" && --open === 0) break;
    if (entry === "," && open === 1) args.push([]);
    else if (open > 0) args[args.length - 1].push(entry);
    if (entry === "(") open++;
  }
  if (at < 0) return undefined;
  for (const entry of stack.splice(at)) if (typeof entry !== "string") inside.delete(entry.macro);
  return args;
}
