/** What must hold when the script is compiled; assert() and static_assert() are macros of the standard library. */
import { parseFormat } from "@beetrace/output";
import { NO_VALUE } from "../lower/place.ts";
import { isTextual } from "../lower/text-values.ts";
import { NONE, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";

const ARGUMENTS_MAX = 128;

export const assertStr: Builtin = {
  name: "assert_str",
  form: "assert_str(EXPRESSION)",
  doc: "Refuses a script in which the expression is no text: a string, or an array of or pointer to characters.",
  arity: [1, 1],
  check(use, c) {
    const { type } = c.check(use.args[0]);
    if (isTextual(type) || type.kind === "none") return { type: NONE };
    return c.error(use.span, `string-like values must be either strings, arrays or pointers, not ${typeName(type)}`);
  },
  lower: () => NO_VALUE,
};

export const fail: Builtin = {
  name: "fail",
  form: 'fail("FORMAT", LITERAL…)',
  doc: "Refuses the script with this message, unless what is known when it is compiled rules out that it comes here.",
  arity: [1, ARGUMENTS_MAX],
  check(use, c) {
    const format = c.constantString(use, 0);
    if (format !== undefined && c.reachable) c.error(use.span, knownMessage(format, use, c));
    return { type: NONE };
  },
  lower: () => NO_VALUE,
};

function knownMessage(format: string, use: Use, c: Checking): string {
  let next = 1;
  const parts = parseFormat(format).map((part) => {
    if (part.kind === "text") return part.text;
    const argument = use.args[next++];
    const value = argument && c.check(argument).constant;
    if (value === undefined) return "?";
    return typeof value === "bigint" && /[xX]/.test(part.specifier) ? value.toString(16) : String(value);
  });
  return parts.join("");
}
