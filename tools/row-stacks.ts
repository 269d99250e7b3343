/** Stacks under rows, from the text of `kstack(perf)` and `ustack(perf)`. */
import type { JsonValue } from "@beetrace/output";

const INDENT = "        ";
/** `address symbol+offset (module)`; frames of the kernel have no module. */
const FRAME = /^([0-9a-f]+) (.*?)(?: \((.*)\))?$/;

/** What of a frame is shown. */
export interface StackOptions {
  /** The address before the symbol. */
  readonly addresses?: boolean;
}

/** A frame a line, `symbol+0x1f [module]`, as BCC's tools print them. */
export function stackLines(stack: JsonValue | undefined, { addresses = false }: StackOptions = {}): string {
  return String(stack ?? "")
    .split("\n")
    .map((line) => FRAME.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, address, symbol, module = "kernel"]) => {
      const shown = addresses ? `${address.padStart(16)} ` : "";
      return `${INDENT}${shown}${hexOffset(symbol)} [${moduleName(module)}]\n`;
    })
    .join("");
}

function hexOffset(symbol: string): string {
  if (symbol.startsWith("0x")) return "[unknown]";
  return symbol.replace(/\+(\d+)(?=$| )/, (_, offset) => `+0x${Number(offset).toString(16)}`);
}

/** BCC names a file without its folder. */
function moduleName(module: string): string {
  return module === "[unknown]" ? "unknown" : (module.split("/").at(-1) ?? module);
}
