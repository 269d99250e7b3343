import { type ItaniumNode, type Operator, textNode } from "./itanium-node.ts";
import { OPERATORS } from "./itanium-tables.ts";
import {
  accept,
  attempt,
  expect,
  fail,
  isDigit,
  nested,
  type ParseState,
  peek,
  take,
  takeCompactNumber,
  takeUntilEnd,
} from "./parse-state.ts";

/** `<expression>` */
export function parseExpression(state: ParseState): ItaniumNode {
  return nested(state, () => parseSimple(state) ?? parseOperation(state));
}

function parseSimple(state: ParseState): ItaniumNode | undefined {
  const first = peek(state);
  if (first === "L") return parseLiteral(state);
  if (first === "T") return state.rules.templateParam(state);
  if (isDigit(first)) return withTemplateArgs(state, state.rules.unqualifiedName(state, undefined));
  if (accept(state, "on") || accept(state, "dn")) {
    return withTemplateArgs(state, state.rules.unqualifiedName(state, undefined));
  }
  if (accept(state, "sr")) return parseUnresolved(state);
  if (accept(state, "sp")) return { kind: "expansion", pattern: parseExpression(state) };
  if (/^f(p|L\d)/.test(state.text.slice(state.at, state.at + 3))) return parseFunctionParam(state);
  if (accept(state, "il")) return { kind: "braces", type: undefined, elements: takeUntilEnd(state, parseExpression) };
  if (accept(state, "tl")) {
    return { kind: "braces", type: state.rules.type(state), elements: takeUntilEnd(state, parseExpression) };
  }
  if (accept(state, "tr")) return textNode("throw");
  return undefined;
}

function withTemplateArgs(state: ParseState, name: ItaniumNode): ItaniumNode {
  return peek(state) === "I" ? { kind: "template", name, args: state.rules.templateArgs(state) } : name;
}

/** `sr <type> <name>`, and the longer forms `srN <type> <name>* E <name>` and `sr <name>+ E <name>`. */
function parseUnresolved(state: ParseState): ItaniumNode {
  const levels = isDigit(peek(state)) ? attempt(state, () => parseLevels(state)) : undefined;
  if (levels !== undefined) return qualifiedBy(state, levels);
  const isLong = accept(state, "N");
  let scope = state.rules.type(state);
  if (isLong) {
    while (!accept(state, "E")) scope = qualifiedBy(state, scope);
  }
  return qualifiedBy(state, scope);
}

/** Old compilers wrote a class there as a type, without an `E` after it. */
function parseLevels(state: ParseState): ItaniumNode | undefined {
  let scope = withTemplateArgs(state, state.rules.unqualifiedName(state, undefined));
  while (isDigit(peek(state))) scope = qualifiedBy(state, scope);
  return accept(state, "E") && /[\do]/.test(peek(state)) ? scope : undefined;
}

function qualifiedBy(state: ParseState, scope: ItaniumNode): ItaniumNode {
  accept(state, "on");
  return withTemplateArgs(state, { kind: "qualified", scope, name: state.rules.unqualifiedName(state, scope) });
}

/** `fp [qualifiers] [number] _`, `fL <level> p ...`, `fpT` for `this`. */
function parseFunctionParam(state: ParseState): ItaniumNode {
  expect(state, "f");
  if (accept(state, "L")) {
    while (isDigit(peek(state))) state.at++;
  }
  expect(state, "p");
  if (accept(state, "T")) return { kind: "functionParam", text: "this" };
  while (/[rVK]/.test(peek(state))) state.at++;
  return { kind: "functionParam", text: `{parm#${takeCompactNumber(state) + 1}}` };
}

/** `L <type> <value> E`, `L _Z <encoding> E` */
export function parseLiteral(state: ParseState): ItaniumNode {
  expect(state, "L");
  if (accept(state, "_Z")) {
    const encoding = state.rules.encoding(state);
    expect(state, "E");
    return encoding;
  }
  const type = state.rules.type(state);
  const from = state.at;
  while (peek(state) !== "E") take(state);
  const text = state.text.slice(from, state.at);
  state.at++;
  return { kind: "literal", type, text };
}

function parseOperation(state: ParseState): ItaniumNode {
  const code = state.text.slice(state.at, state.at + 2);
  state.at += 2;
  switch (code) {
    case "cv":
      return parseCast(state);
    case "sZ":
      return { kind: "packSize", of: parseExpression(state) };
    case "sP":
      return { kind: "packSize", of: { kind: "pack", args: takeUntilEnd(state, parseArgument) } };
    case "fl":
    case "fr":
    case "fL":
    case "fR":
      return parseFold(state, code);
    case "cl":
      return { kind: "call", callee: parseExpression(state), args: takeUntilEnd(state, parseExpression) };
    case "qu":
      return {
        kind: "conditional",
        test: parseExpression(state),
        yes: parseExpression(state),
        no: parseExpression(state),
      };
    case "nw":
    case "na":
      return parseNew(state, operatorOf(code));
    default:
      return parseOperands(state, operatorOf(code));
  }
}

function operatorOf(code: string): Operator {
  return OPERATORS.get(code) ?? fail();
}

function parseArgument(state: ParseState): ItaniumNode {
  return peek(state) === "L" ? parseLiteral(state) : state.rules.type(state);
}

function parseOperands(state: ParseState, operator: Operator): ItaniumNode {
  switch (operator.code) {
    case "st":
    case "at":
    case "ti":
      return { kind: "unary", operator, operand: state.rules.type(state) };
    case "pp":
    case "mm": {
      const kind = accept(state, "_") ? "unary" : "postfix";
      return { kind, operator, operand: parseExpression(state) };
    }
    case "cc":
    case "dc":
    case "rc":
    case "sc":
      return { kind: "namedCast", operator, type: state.rules.type(state), operand: parseExpression(state) };
  }
  const first = parseExpression(state);
  if (operator.arity === 1) return { kind: "unary", operator, operand: first };
  return { kind: "binary", operator, left: first, right: parseExpression(state) };
}

/** `cv <type> <expression>`, `cv <type> _ <expression>* E` */
function parseCast(state: ParseState): ItaniumNode {
  const type = state.rules.type(state);
  if (accept(state, "_")) return { kind: "cast", type, operands: takeUntilEnd(state, parseExpression), isList: true };
  return { kind: "cast", type, operands: [parseExpression(state)], isList: false };
}

function parseFold(state: ParseState, code: string): ItaniumNode {
  const operator = operatorOf(take(state) + take(state));
  const first = parseExpression(state);
  const isLeft = code === "fl" || code === "fL";
  if (code === "fl" || code === "fr") return { kind: "fold", operator, isLeft, pack: first, start: undefined };
  const second = parseExpression(state);
  return isLeft
    ? { kind: "fold", operator, isLeft, pack: second, start: first }
    : { kind: "fold", operator, isLeft, pack: first, start: second };
}

/** `nw <placement>* _ <type> (E | pi <expression>* E | il ...)` */
function parseNew(state: ParseState, operator: Operator): ItaniumNode {
  const placement: ItaniumNode[] = [];
  while (!accept(state, "_")) placement.push(parseExpression(state));
  const type = state.rules.type(state);
  if (accept(state, "E")) return { kind: "new", operator, placement, type, init: undefined };
  if (accept(state, "pi"))
    return { kind: "new", operator, placement, type, init: takeUntilEnd(state, parseExpression) };
  return { kind: "new", operator, placement, type, init: [parseExpression(state)] };
}
