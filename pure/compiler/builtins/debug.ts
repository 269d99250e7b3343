/** For those who look for a fault in a script; and what older scripts call. */
import { parseFormat } from "@beetrace/output";
import type { Expression } from "../ast.ts";
import type { Operand } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { addressOf } from "../lower/memory.ts";
import { NO_VALUE } from "../lower/place.ts";
import { bitsOf, isInteger, isScalar, NONE, type Type, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** What bpf_trace_printk takes beside its format. */
const PRINTK_ARGUMENTS = 3;
const PRINTK_SPECIFIERS = "duxps";

function checkPrintk(use: Use, c: Checking): void {
  const format = c.constantString(use, 0);
  const types = use.args.slice(1).map((argument) => c.check(argument).type);
  if (format === undefined) return;
  const conversions = parseFormat(format).filter((part) => part.kind === "conversion");
  if (conversions.length !== types.length)
    c.error(use.span, `debugf: ${types.length} arguments for ${conversions.length} conversions`);
  conversions.forEach(({ specifier }, index) => {
    if (!PRINTK_SPECIFIERS.includes(specifier))
      c.error(use.span, `debugf: the kernel has no %${specifier}: only %d %u %x %p %s`);
    const type: Type = types[index] ?? NONE;
    if (type.kind !== "none" && (specifier === "s" ? type.kind !== "string" : !isScalar(type)))
      c.error(use.span, `debugf: %${specifier} cannot print a value of type '${typeName(type)}'`);
  });
}

/** The format for printk, which cuts integers to 32 bits unless it is told not to. */
function printkFormat(format: string, types: readonly Type[]): string {
  let next = 0;
  const parts = parseFormat(format).map((part) => {
    if (part.kind === "text") return part.text.replaceAll("%", "%%");
    const type = types[next++];
    const wide = part.specifier !== "s" && part.specifier !== "p" && !(isInteger(type) && bitsOf(type) <= 32);
    return `%${wide ? "ll" : ""}${part.specifier}`;
  });
  return parts.join("");
}

function printkArgument(l: Lowerer, e: Expression): Operand {
  const type = l.type(e);
  return isScalar(type) ? l.scalar(e) : addressOf(l, l.stored(e, type));
}

export const debugf: Builtin = {
  name: "debugf",
  form: 'debugf("FORMAT", ARGUMENT…)',
  doc: "Prints into the kernel's trace pipe, with up to three arguments: for finding faults in scripts.",
  arity: [1, 1 + PRINTK_ARGUMENTS],
  check(use, c) {
    checkPrintk(use, c);
    c.warning(
      use.span,
      "debugf() prints to the kernel's trace pipe, which all tracers share: use it for debugging only",
    );
    return { type: NONE };
  },
  lower(use, l) {
    const args = use.args.slice(1).map((_, index) => expressionAt(use, index + 1)!);
    const written = String(l.info(expressionAt(use, 0)!).constant);
    const format = printkFormat(
      written,
      args.map((arg) => l.type(arg)),
    );
    const values = args.map((arg) => printkArgument(l, arg));
    const bytes = Uint8Array.from([...`${format}\0`], (char) => char.charCodeAt(0));
    const table = l.assembly.table(`text_${l.assembly.textCount++}`, bytes);
    const at = { kind: "map-value", map: table, offset: 0 } as const;
    l.b.call("trace_printk", at, BigInt(bytes.length), ...values);
    return NO_VALUE;
  },
};

export const unwatch: Builtin = {
  name: "unwatch",
  form: "unwatch(ADDRESS)",
  doc: "Accepted from older scripts, without effect: watchpoints are set when tracing starts and end with it.",
  arity: [1, 1],
  check(use, c) {
    c.check(use.args[0]);
    c.warning(use.span, "unwatch() has no effect: watchpoints end with the script");
    return { type: NONE };
  },
  lower: () => NO_VALUE,
};
