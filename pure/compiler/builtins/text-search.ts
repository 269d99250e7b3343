/** What is in a text, and how long it is. */

import { addressOf, probeRead, zero } from "../lower/memory.ts";
import { scalar } from "../lower/place.ts";
import { indexOfText } from "../lower/search.ts";
import { copyText, isTextual, knownText, textCapacity } from "../lower/text-values.ts";
import { INT64, strideOf, stringOf, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** What the arguments hold, if that is known; undefined also where one of them is no text, which is an error. */
function knownTexts(use: Use, c: Checking): string[] | undefined {
  const known: string[] = [];
  use.args.forEach((argument) => {
    const { type, constant } = c.check(argument);
    const text = knownText(constant);
    if (text !== undefined) known.push(text);
    if (!isTextual(type) && type.kind !== "none")
      c.error(
        argument.span,
        `${use.name}() expects a string, an array of characters or a pointer to one (${typeName(type)} provided)`,
      );
  });
  return known.length === use.args.length ? known : undefined;
}

export const strstr: Builtin = {
  name: "strstr",
  form: "strstr(HAYSTACK, NEEDLE)",
  doc: "The index of the first NEEDLE in HAYSTACK, -1 where there is none.",
  arity: [2, 2],
  pure: true,
  check(use, c) {
    const known = knownTexts(use, c);
    return known ? { type: INT64, constant: BigInt(known[0].indexOf(known[1])) } : { type: INT64 };
  },
  lower: (use, l) => scalar(indexOfText(l, expressionAt(use, 0)!, expressionAt(use, 1)!)),
};

export const strlen: Builtin = {
  name: "strlen",
  form: "strlen(TEXT)",
  doc: "How many bytes a text has before its NUL.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const known = knownTexts(use, c);
    return known ? { type: INT64, constant: BigInt(known[0].length) } : { type: INT64 };
  },
  lower(use, l) {
    const text = expressionAt(use, 0)!;
    const capacity = textCapacity(l.type(text), l.assembly.checker.options.config.max_strlen);
    return scalar(copyText(l, text, capacity, l.temp(capacity + 1)));
  },
};

export const strcap: Builtin = {
  name: "strcap",
  form: "strcap(TEXT)",
  doc: "How many bytes there are for a text: the size of a string or array, of a pointer what strlen() gives.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    knownTexts(use, c);
    const { type } = c.check(use.args[0]);
    if (type.kind === "string") return { type: INT64, constant: BigInt(type.size) };
    return type.kind === "array"
      ? { type: INT64, constant: BigInt(type.count * strideOf(type.of)) }
      : strlen.check(use, c);
  },
  lower: (use, l) => strlen.lower!(use, l),
};

/** What texts are put together to, with the NUL: longer ones are cut. */
const CONCATENATED_BYTES = 1024;

export const strConcat: Builtin = {
  name: "str_concat",
  form: "str_concat(A, B)",
  doc: "One text and the other behind it, in a string of 1024 bytes.",
  arity: [2, 2],
  pure: true,
  check(use, c) {
    const known = knownTexts(use, c);
    const type = stringOf(CONCATENATED_BYTES);
    return known ? { type, constant: known.join("").slice(0, CONCATENATED_BYTES - 1) } : { type };
  },
  lowerInto(use, l, to, type) {
    const most = CONCATENATED_BYTES - 1;
    const parts = use.args.map((_, index) => expressionAt(use, index)!);
    const capacities = parts.map((part) =>
      Math.min(most, textCapacity(l.type(part), l.assembly.checker.options.config.max_strlen)),
    );
    const joined = l.scratch(capacities[0] + capacities[1] + 1);
    const first = copyText(l, parts[0], capacities[0], joined);
    const behind = { base: l.b.add(addressOf(l, joined), first), offset: 0, space: "bpf" } as const;
    copyText(l, parts[1], capacities[1], behind);
    const size = Math.min(CONCATENATED_BYTES, capacities[0] + capacities[1] + 1);
    // Only as much as there is of the text is copied: what it is copied to must hold zeros behind it.
    if (type.kind === "string" && l.zeroFilled(to)) zero(l, to, type.size);
    probeRead(l, "kernel", to, BigInt(size), addressOf(l, joined), true);
  },
};
