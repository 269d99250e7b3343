/** Stacks under rows, from the text of `kstack(perf)` and `ustack(perf)`. */
import type { JsonValue } from "@beetrace/output";

const INDENT = "        ";
/** `address symbol+offset (module)`; frames of the kernel have no module. */
const FRAME = /^([0-9a-f]+) (.*?)(?: \((.*)\))?$/;

/** What of a frame is shown. */
export interface StackOptions {
  /** The address before the symbol. */
  readonly addresses?: boolean;
  /** What stands in front of each line; default eight blanks. */
  readonly indent?: string;
  /** Default true. */
  readonly modules?: boolean;
}

/** A frame a line, `symbol+0x1f [module]`, as BCC's tools print them. */
export function stackLines(stack: JsonValue | undefined, options: StackOptions = {}): string {
  const { addresses = false, indent = INDENT, modules = true } = options;
  return frames(stack)
    .map(([, address, symbol, module = "kernel"]) => {
      const shown = addresses ? `${address.padStart(16)} ` : "";
      return `${indent}${shown}${hexOffset(symbol)}${modules ? ` [${moduleName(module)}]` : ""}\n`;
    })
    .join("");
}

/** A frame: where it is, in hexadecimal, and its function; `[unknown]` where there is none. */
export interface NamedFrame {
  readonly address: string;
  readonly name: string;
}

/** The frames of a stack, innermost first. */
export function namedFrames(stack: JsonValue | undefined): NamedFrame[] {
  return frames(stack).map(([, address, symbol]) => ({
    address,
    name: symbol.startsWith("0x") ? "[unknown]" : symbol.replace(/\+\d+(?=$| )/, ""),
  }));
}

/** The names of a stack's functions, innermost first. */
export function stackFunctions(stack: JsonValue | undefined): string[] {
  return namedFrames(stack).map(({ name }) => name);
}

function frames(stack: JsonValue | undefined): RegExpExecArray[] {
  return String(stack ?? "")
    .split("\n")
    .map((line) => FRAME.exec(line.trim()))
    .filter((match) => match !== null);
}

function hexOffset(symbol: string): string {
  if (symbol.startsWith("0x")) return "[unknown]";
  return symbol.replace(/\+(\d+)(?=$| )/, (_, offset) => `+0x${Number(offset).toString(16)}`);
}

/** BCC names a file without its folder. */
function moduleName(module: string): string {
  return module === "[unknown]" ? "unknown" : (module.split("/").at(-1) ?? module);
}
