import { type FunctionNode, type ItaniumNode, textNode } from "./itanium-node.ts";
import { BUILTIN_D_TYPES, BUILTIN_TYPES } from "./itanium-tables.ts";
import { parseSourceName } from "./parse-name.ts";
import {
  accept,
  attempt,
  expect,
  fail,
  isDigit,
  nested,
  type ParseState,
  peek,
  remember,
  take,
  takeCompactNumber,
  takeNumber,
  takeUntilEnd,
} from "./parse-state.ts";

/** `<type>` */
export function parseType(state: ParseState): ItaniumNode {
  return nested(state, () => {
    const builtin = parseBuiltin(state);
    if (builtin !== undefined) return builtin;
    const first = peek(state);
    if (first === "S" && peek(state, 1) !== "t") return parseSubstitutedType(state);
    if (first === "T" && !/[sue]/.test(peek(state, 1))) return parseParamType(state);
    return remember(state, parseCompoundType(state));
  });
}

function parseBuiltin(state: ParseState): ItaniumNode | undefined {
  const text = BUILTIN_TYPES[peek(state)];
  if (text !== undefined) {
    state.at++;
    return textNode(text);
  }
  if (peek(state) !== "D") return undefined;
  const wide = BUILTIN_D_TYPES[peek(state, 1)];
  if (wide !== undefined) {
    state.at += 2;
    return textNode(wide);
  }
  if (!accept(state, "DF")) return undefined;
  const bits = takeNumber(state);
  if (accept(state, "b")) return textNode("std::bfloat16_t");
  if (accept(state, "x")) return textNode(`_Float${bits}x`);
  expect(state, "_");
  return textNode(`_Float${bits}`);
}

/** A substitution is remembered again only as part of the template it becomes. */
function parseSubstitutedType(state: ParseState): ItaniumNode {
  const name = state.rules.substitution(state, false);
  if (peek(state) !== "I") return name;
  return remember(state, { kind: "template", name, args: parseTemplateArgs(state) });
}

function parseParamType(state: ParseState): ItaniumNode {
  const param = remember(state, parseTemplateParam(state));
  if (peek(state) !== "I") return param;
  const args = attempt(state, () => {
    const list = parseTemplateArgs(state);
    return state.isConversion && peek(state) !== "I" ? undefined : list;
  });
  return args === undefined ? param : remember(state, { kind: "template", name: param, args });
}

function parseCompoundType(state: ParseState): ItaniumNode {
  switch (peek(state)) {
    case "r":
    case "V":
    case "K":
      return parseQualifiedType(state);
    case "P":
      return { kind: "modified", mark: "*", of: inner(state) };
    case "R":
      return { kind: "reference", mark: "&", to: inner(state) };
    case "O":
      return { kind: "reference", mark: "&&", to: inner(state) };
    case "C":
      return { kind: "modified", mark: " _Complex", of: inner(state) };
    case "G":
      return { kind: "modified", mark: " _Imaginary", of: inner(state) };
    case "F":
      return parseFunctionType(state, []);
    case "A":
      return parseArrayType(state);
    case "M":
      state.at++;
      return { kind: "memberPointer", class: parseType(state), member: parseType(state) };
    case "T":
      // `struct`, `union`, `enum` spelled out before a name.
      state.at += 2;
      return state.rules.name(state);
    case "U":
      return parseVendorQualified(state);
    case "u":
      return parseVendorType(state);
    case "D":
      return parseDType(state);
    default:
      return state.rules.name(state);
  }
}

function inner(state: ParseState): ItaniumNode {
  state.at++;
  return parseType(state);
}

/** Qualifiers in front of a function type are those of a member function's `this`. */
function parseQualifiedType(state: ParseState): ItaniumNode {
  const marks: string[] = [];
  for (;;) {
    if (accept(state, "r")) marks.push(" restrict");
    else if (accept(state, "V")) marks.push(" volatile");
    else if (accept(state, "K")) marks.push(" const");
    else break;
  }
  if (startsFunction(state)) return parseFunctionType(state, marks.reverse());
  return marks.reduceRight((of: ItaniumNode, mark) => ({ kind: "modified", mark, of }), parseType(state));
}

function startsFunction(state: ParseState): boolean {
  return peek(state) === "F" || (peek(state) === "D" && /[oOwx]/.test(peek(state, 1)));
}

/** `[exception specification] F [Y] <types> [reference qualifier] E` */
function parseFunctionType(state: ParseState, qualifiers: readonly string[]): FunctionNode {
  const exceptions = parseExceptionSpecification(state);
  expect(state, "F");
  accept(state, "Y");
  const returns = parseType(state);
  const params: ItaniumNode[] = [];
  let reference = "";
  while (!accept(state, "E")) {
    if (/^[RO]E/.test(state.text.slice(state.at, state.at + 2))) reference = take(state) === "R" ? " &" : " &&";
    else params.push(parseType(state));
  }
  return { kind: "function", returns, params: withoutVoid(params), suffix: [...qualifiers, reference, ...exceptions] };
}

function parseExceptionSpecification(state: ParseState): (string | ItaniumNode)[] {
  const isTransactionSafe = accept(state, "Dx") ? [" transaction_safe"] : [];
  if (accept(state, "Do")) return [...isTransactionSafe, " noexcept"];
  if (accept(state, "DO")) {
    const condition = state.rules.expression(state);
    expect(state, "E");
    return [...isTransactionSafe, " noexcept(", condition, ")"];
  }
  if (!accept(state, "Dw")) return isTransactionSafe;
  const types = takeUntilEnd(state, parseType);
  return [" throw(", ...types.flatMap((type, index) => (index === 0 ? [type] : [", ", type])), ")"];
}

/** The types of a function that has a name, up to the end of the name. */
export function parseBareFunctionType(state: ParseState, hasReturn: boolean): FunctionNode {
  const returns = hasReturn ? parseType(state) : undefined;
  const params: ItaniumNode[] = [];
  while (peek(state) !== "" && peek(state) !== "E" && peek(state) !== ".") params.push(parseType(state));
  if (params.length === 0) fail();
  return { kind: "function", returns, params: withoutVoid(params), suffix: [] };
}

function withoutVoid(params: ItaniumNode[]): ItaniumNode[] {
  const [only] = params;
  return params.length === 1 && only.kind === "text" && only.text === "void" ? [] : params;
}

function parseArrayType(state: ParseState): ItaniumNode {
  expect(state, "A");
  const size = parseSize(state);
  return { kind: "array", size, element: parseType(state) };
}

function parseSize(state: ParseState): ItaniumNode | undefined {
  if (accept(state, "_")) return undefined;
  const size = isDigit(peek(state)) ? textNode(String(takeNumber(state))) : state.rules.expression(state);
  expect(state, "_");
  return size;
}

function parseVendorQualified(state: ParseState): ItaniumNode {
  expect(state, "U");
  const qualifier = parseSourceName(state);
  const args = peek(state) === "I" ? parseTemplateArgs(state) : undefined;
  const of = parseType(state);
  // Qualifiers with arguments (address spaces) are rare enough to go without them.
  return { kind: "modified", mark: ` ${qualifier}${args === undefined ? "" : "<>"}`, of };
}

function parseVendorType(state: ParseState): ItaniumNode {
  expect(state, "u");
  const name = textNode(parseSourceName(state));
  return peek(state) === "I" ? { kind: "template", name, args: parseTemplateArgs(state) } : name;
}

function parseDType(state: ParseState): ItaniumNode {
  if (startsFunction(state)) return parseFunctionType(state, []);
  if (accept(state, "Dp")) return { kind: "expansion", pattern: parseType(state) };
  if (accept(state, "Dt") || accept(state, "DT")) {
    const of = state.rules.expression(state);
    expect(state, "E");
    return { kind: "decltype", of };
  }
  if (accept(state, "Dv")) {
    const size = accept(state, "_") ? undefined : parseSize(state);
    if (size !== undefined) return { kind: "vector", size, element: parseType(state) };
    const dependent = state.rules.expression(state);
    expect(state, "_");
    return { kind: "vector", size: dependent, element: parseType(state) };
  }
  return state.rules.name(state);
}

/** `T_`, `T0_`, and `TL<level>__` of a template within a template. */
export function parseTemplateParam(state: ParseState): ItaniumNode {
  expect(state, "T");
  if (accept(state, "L")) {
    takeNumber(state);
    expect(state, "_");
  }
  return { kind: "templateParam", index: takeCompactNumber(state) };
}

/** `I <template-arg>* E` */
export function parseTemplateArgs(state: ParseState): readonly ItaniumNode[] {
  return nested(state, () => {
    expect(state, "I");
    const { isConversion } = state;
    state.isConversion = false;
    const args = takeUntilEnd(state, parseTemplateArg);
    state.isConversion = isConversion;
    return args;
  });
}

/** `<template-arg>`: a type, an expression, a literal, or a pack of arguments. */
export function parseTemplateArg(state: ParseState): ItaniumNode {
  switch (peek(state)) {
    case "X": {
      state.at++;
      const expression = state.rules.expression(state);
      expect(state, "E");
      return expression;
    }
    case "L":
      return state.rules.expressionLiteral(state);
    case "J":
      state.at++;
      return { kind: "pack", args: nested(state, () => takeUntilEnd(state, parseTemplateArg)) };
    default:
      return parseType(state);
  }
}
