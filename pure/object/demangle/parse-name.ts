import { type ItaniumNode, textNode } from "./itanium-node.ts";
import { OPERATORS, STANDARD_NAMES } from "./itanium-tables.ts";
import {
  accept,
  expect,
  fail,
  isDigit,
  type ParseState,
  peek,
  remember,
  take,
  takeCompactNumber,
  takeNumber,
  takeUntilEnd,
} from "./parse-state.ts";

/** `<name>`: nested, local, or unscoped and then perhaps a template. */
export function parseName(state: ParseState): ItaniumNode {
  const first = peek(state);
  if (first === "N") return parseNestedName(state);
  if (first === "Z") return parseLocalName(state);
  const isSubstitution = first === "S" && peek(state, 1) !== "t";
  const name = isSubstitution ? state.rules.substitution(state, false) : parseUnscopedName(state);
  if (peek(state) !== "I") return name;
  if (!isSubstitution) remember(state, name);
  return { kind: "template", name, args: state.rules.templateArgs(state) };
}

function parseUnscopedName(state: ParseState): ItaniumNode {
  if (!accept(state, "St")) return parseUnqualifiedName(state, undefined);
  const scope = textNode("std");
  return { kind: "qualified", scope, name: parseUnqualifiedName(state, scope) };
}

/** `N [qualifiers] <prefix> E` */
function parseNestedName(state: ParseState): ItaniumNode {
  expect(state, "N");
  const qualifiers = parseThisQualifiers(state);
  const name = parsePrefix(state);
  expect(state, "E");
  return qualifiers === "" ? name : { kind: "thisQualified", name, qualifiers };
}

/** The qualifiers of `this`, in the order in which they are written: cv, then reference. */
function parseThisQualifiers(state: ParseState): string {
  let cv = "";
  for (;;) {
    if (accept(state, "r")) cv = ` restrict${cv}`;
    else if (accept(state, "V")) cv = ` volatile${cv}`;
    else if (accept(state, "K")) cv = ` const${cv}`;
    else break;
  }
  if (accept(state, "R")) return `${cv} &`;
  return accept(state, "O") ? `${cv} &&` : cv;
}

/** `<prefix>`, from left to right: every part but the last may be substituted later. */
function parsePrefix(state: ParseState): ItaniumNode {
  let prefix: ItaniumNode | undefined;
  for (;;) {
    const first = peek(state);
    if (first === "E") return prefix ?? fail();
    // What a member's initializer defines, such as a lambda, has the member as its scope.
    if (first === "M") {
      state.at++;
      continue;
    }
    const isSubstitution = first === "S" && prefix === undefined;
    prefix = parsePrefixPart(state, prefix);
    if (!isSubstitution && peek(state) !== "E") remember(state, prefix);
  }
}

function parsePrefixPart(state: ParseState, prefix: ItaniumNode | undefined): ItaniumNode {
  const first = peek(state);
  if (first === "I") {
    if (prefix === undefined) fail();
    return { kind: "template", name: prefix, args: state.rules.templateArgs(state) };
  }
  if (prefix === undefined) {
    if (first === "S") return accept(state, "St") ? textNode("std") : state.rules.substitution(state, true);
    if (first === "T") return state.rules.templateParam(state);
    if (first === "D" && /[tT]/.test(peek(state, 1))) return state.rules.type(state);
    return parseUnqualifiedName(state, undefined);
  }
  return { kind: "qualified", scope: prefix, name: parseUnqualifiedName(state, prefix) };
}

/** `<unqualified-name>`: an identifier, an operator, a constructor, a lambda; with its ABI tags. */
export function parseUnqualifiedName(state: ParseState, scope: ItaniumNode | undefined): ItaniumNode {
  accept(state, "L");
  let name = parseUntaggedName(state, scope);
  while (accept(state, "B")) name = { kind: "tagged", name, tag: parseIdentifier(state) };
  return name;
}

function parseUntaggedName(state: ParseState, scope: ItaniumNode | undefined): ItaniumNode {
  const first = peek(state);
  if (isDigit(first)) return textNode(parseSourceName(state));
  if (first === "C" || (first === "D" && /[0-5]/.test(peek(state, 1)))) return parseStructor(state, scope);
  if (accept(state, "DC")) {
    const bindings = takeUntilEnd(state, (inner) => textNode(parseSourceName(inner)));
    return textNode(`[${bindings.map((binding) => (binding.kind === "text" ? binding.text : "")).join(", ")}]`);
  }
  if (accept(state, "Ul")) return parseLambda(state);
  if (accept(state, "Ut")) return remember(state, textNode(`{unnamed type#${takeCompactNumber(state) + 1}}`));
  return parseOperatorName(state);
}

function parseLambda(state: ParseState): ItaniumNode {
  const params = accept(state, "v") ? [] : undefined;
  if (params !== undefined) expect(state, "E");
  const types = params ?? takeUntilEnd(state, state.rules.type);
  return { kind: "lambda", params: types, number: takeCompactNumber(state) + 1 };
}

function parseStructor(state: ParseState, scope: ItaniumNode | undefined): ItaniumNode {
  if (scope === undefined) fail();
  const tilde = take(state) === "D" ? "~" : "";
  const inherits = tilde === "" && accept(state, "I");
  if (!/[0-5]/.test(take(state))) fail();
  // The class a constructor was inherited from is told, but not shown.
  if (inherits) state.rules.type(state);
  return { kind: "structor", tilde, name: baseName(scope) };
}

/** What a class calls its constructors: its own last name, without template arguments. */
function baseName(scope: ItaniumNode): string {
  switch (scope.kind) {
    case "text":
      return standardBaseName(scope.text);
    case "qualified":
      return baseName(scope.name);
    case "template":
    case "tagged":
      return baseName(scope.name);
    case "local":
      return baseName(scope.entity);
    case "lambda":
      return `{lambda#${scope.number}}`;
    default:
      return fail();
  }
}

function standardBaseName(text: string): string {
  if (!text.startsWith("std::")) return text;
  return Object.values(STANDARD_NAMES).find(({ full, short }) => full === text || short === text)?.base ?? text;
}

function parseOperatorName(state: ParseState): ItaniumNode {
  if (accept(state, "cv")) return parseConversion(state);
  if (accept(state, "li")) return { kind: "literalOperator", name: textNode(parseSourceName(state)) };
  if (peek(state) === "v" && isDigit(peek(state, 1))) {
    state.at += 2;
    return { kind: "operatorName", operator: { code: "v", text: ` ${parseSourceName(state)}`, arity: 0 } };
  }
  const operator = OPERATORS.get(state.text.slice(state.at, state.at + 2)) ?? fail();
  state.at += 2;
  return { kind: "operatorName", operator };
}

function parseConversion(state: ParseState): ItaniumNode {
  const { isConversion } = state;
  state.isConversion = true;
  const type = state.rules.type(state);
  state.isConversion = isConversion;
  return { kind: "conversion", type };
}

/** `<source-name>`, with what compilers call the unnamed namespace by its name. */
export function parseSourceName(state: ParseState): string {
  const name = parseIdentifier(state);
  return /^_GLOBAL_[._$]N/.test(name) ? "(anonymous namespace)" : name;
}

function parseIdentifier(state: ParseState): string {
  const length = takeNumber(state);
  const name = state.text.slice(state.at, state.at + length);
  if (length === 0 || name.length !== length) fail();
  state.at += length;
  return name;
}

/** `Z <encoding> E <entity>`: something defined within a function. */
function parseLocalName(state: ParseState): ItaniumNode {
  expect(state, "Z");
  const container = withoutReturn(state.rules.encoding(state));
  expect(state, "E");
  if (accept(state, "s")) {
    skipDiscriminator(state);
    return { kind: "local", function: container, entity: textNode("string literal") };
  }
  const defaultArgument = accept(state, "d") ? takeCompactNumber(state) + 1 : undefined;
  const entity = parseName(state);
  if (entity.kind !== "lambda") skipDiscriminator(state);
  return { kind: "local", function: container, entity, defaultArgument };
}

/** A function that is only the place of something is named without what it returns. */
function withoutReturn(node: ItaniumNode): ItaniumNode {
  return node.kind === "encoding" ? { ...node, type: { ...node.type, returns: undefined } } : node;
}

function skipDiscriminator(state: ParseState): void {
  if (peek(state) !== "_") return;
  if (accept(state, "__")) {
    takeNumber(state);
    expect(state, "_");
  } else if (isDigit(peek(state, 1))) state.at += 2;
}

/** `S_`, `S<base 36>_`, or an abbreviation of the standard library. */
export function parseSubstitution(state: ParseState, isPrefix: boolean): ItaniumNode {
  expect(state, "S");
  const digits = /^[0-9A-Z]*_/.exec(state.text.slice(state.at, state.at + 8))?.[0];
  if (digits !== undefined) {
    state.at += digits.length;
    const index = digits === "_" ? 0 : Number.parseInt(digits, 36) + 1;
    return state.substitutions[index] ?? fail();
  }
  const standard = STANDARD_NAMES[take(state)] ?? fail();
  const isFull = isPrefix && (peek(state) === "C" || peek(state) === "D");
  let name = textNode(isFull ? standard.full : standard.short);
  if (peek(state) !== "B") return name;
  while (accept(state, "B")) name = { kind: "tagged", name, tag: parseIdentifier(state) };
  return remember(state, name);
}
