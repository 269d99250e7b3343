/** What must hold: when the script is compiled, and while it runs. */
import { parseFormat } from "@beetrace/output";
import { EVENT_HEADER_BYTES } from "../compiled.ts";
import { lowerCondition } from "../lower/conditions.ts";
import { eventFields, sendFields } from "../lower/events.ts";
import { NO_VALUE } from "../lower/place.ts";
import { isTextual } from "../lower/text-values.ts";
import { isScalar, NONE, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

const ARGUMENTS_MAX = 128;

export const assert: Builtin = {
  name: "assert",
  form: 'assert(CONDITION, "MESSAGE")',
  doc: "Unless the condition holds, prints the message with its place in the script and ends tracing with exit code 1.",
  arity: [2, 2],
  check(use, c) {
    const [condition, message] = use.args.map((argument) => c.check(argument).type);
    if (!isScalar(condition) && condition.kind !== "none")
      return c.error(use.span, `assert() expects a condition (${typeName(condition)} provided)`);
    if (message.kind !== "string" && message.kind !== "none")
      return c.error(use.span, `assert() expects a string as its message (${typeName(message)} provided)`);
    return { type: NONE };
  },
  lower(use, l) {
    const failed = l.b.block();
    const after = l.b.block();
    lowerCondition(l, expressionAt(use, 0)!, after, failed);
    l.b.enter(failed);
    const event = eventFields(l, [expressionAt(use, 1)!]);
    const report = { kind: "errorf", format: "assert failed: %s", args: event.args, at: use.span } as const;
    sendFields(l, l.assembly.action(report), event);
    const exit = l.assembly.action({ kind: "exit", offset: EVENT_HEADER_BYTES });
    l.send(exit, EVENT_HEADER_BYTES + 8, (record) => l.b.store(record, EVENT_HEADER_BYTES, 8, 1n));
    l.onReturn();
    l.b.enter(after);
    return NO_VALUE;
  },
};

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

export const staticAssert: Builtin = {
  name: "static_assert",
  form: 'static_assert(CONDITION, "MESSAGE")',
  doc: "Refuses a script in which the condition, known when it is compiled, does not hold.",
  arity: [2, 2],
  check(use, c) {
    const { constant } = c.check(use.args[0]);
    const message = c.constantString(use, 1);
    if (constant === undefined)
      return c.error(use.args[0].span, "static_assert() expects a condition that is known when the script is compiled");
    if (!constant && c.reachable) c.error(use.span, message ?? "");
    return { type: NONE };
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
