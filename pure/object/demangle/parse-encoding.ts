import type { ItaniumNode } from "./itanium-node.ts";
import { parseExpression, parseLiteral } from "./parse-expression.ts";
import { parseName, parseSubstitution, parseUnqualifiedName } from "./parse-name.ts";
import {
  accept,
  expect,
  fail,
  isDigit,
  nested,
  type ParseState,
  peek,
  type Rules,
  take,
  takeCompactNumber,
  takeNumber,
} from "./parse-state.ts";
import {
  parseBareFunctionType,
  parseTemplateArg,
  parseTemplateArgs,
  parseTemplateParam,
  parseType,
} from "./parse-type.ts";

const RULES: Rules = {
  encoding: parseEncoding,
  name: parseName,
  unqualifiedName: parseUnqualifiedName,
  substitution: parseSubstitution,
  type: parseType,
  templateArgs: parseTemplateArgs,
  templateParam: parseTemplateParam,
  expression: parseExpression,
  expressionLiteral: parseLiteral,
};

/** A whole mangled name, and the suffixes (`.part.0`) that compilers put on clones of a function. */
export interface MangledName {
  readonly encoding: ItaniumNode;
  readonly cloneSuffixes: readonly string[];
}

/** Parses what follows `_Z` ("Itanium C++ ABI", 5.1). Throws {@link DemangleFailure}. */
export function parseMangledName(text: string): MangledName {
  const state: ParseState = { text, at: 0, substitutions: [], depth: 0, steps: 0, isConversion: false, rules: RULES };
  const encoding = parseEncoding(state);
  const rest = text.slice(state.at);
  const cloneSuffixes = rest.match(/\.(?:[a-z_]+|\d+)(?:\.\d+)*/g) ?? [];
  if (cloneSuffixes.join("") !== rest) fail();
  return { encoding, cloneSuffixes };
}

function parseEncoding(state: ParseState): ItaniumNode {
  return nested(state, () => {
    const first = peek(state);
    if (first === "G" || first === "T") return parseSpecialName(state);
    const name = parseName(state);
    const next = peek(state);
    if (next === "" || next === "E" || next === ".") return name;
    return { kind: "encoding", name, type: parseBareFunctionType(state, hasReturnType(name)) };
  });
}

/** Only templates tell what they return, and of those not constructors, destructors and conversions. */
function hasReturnType(name: ItaniumNode): boolean {
  switch (name.kind) {
    case "thisQualified":
      return hasReturnType(name.name);
    case "local":
      return hasReturnType(name.entity);
    case "template":
      return !isStructorOrConversion(name.name);
    default:
      return false;
  }
}

function isStructorOrConversion(name: ItaniumNode): boolean {
  switch (name.kind) {
    case "qualified":
      return isStructorOrConversion(name.name);
    case "local":
      return isStructorOrConversion(name.entity);
    case "structor":
    case "conversion":
      return true;
    default:
      return false;
  }
}

/** What a special name is for is a type (`TV`, `TI`…) or a name (`GV`…). */
const TYPE_SPECIALS: Readonly<Record<string, string>> = {
  TV: "vtable for ",
  TT: "VTT for ",
  TI: "typeinfo for ",
  TS: "typeinfo name for ",
  TF: "typeinfo fn for ",
};
const NAME_SPECIALS: Readonly<Record<string, string>> = {
  GV: "guard variable for ",
  TH: "TLS init function for ",
  TW: "TLS wrapper function for ",
};

function parseSpecialName(state: ParseState): ItaniumNode {
  const code = take(state) + take(state);
  if (code in TYPE_SPECIALS) return { kind: "special", prefix: TYPE_SPECIALS[code], of: parseType(state) };
  if (code in NAME_SPECIALS) return { kind: "special", prefix: NAME_SPECIALS[code], of: parseName(state) };
  switch (code) {
    case "Th":
      skipOffset(state, "h");
      return { kind: "special", prefix: "non-virtual thunk to ", of: parseEncoding(state) };
    case "Tv":
      skipOffset(state, "v");
      return { kind: "special", prefix: "virtual thunk to ", of: parseEncoding(state) };
    case "Tc":
      skipOffset(state, take(state));
      skipOffset(state, take(state));
      return { kind: "special", prefix: "covariant return thunk to ", of: parseEncoding(state) };
    case "TC":
      return parseConstructionTable(state);
    case "TA":
      return { kind: "special", prefix: "template parameter object for ", of: parseTemplateArg(state) };
    case "GR":
      return parseReferenceTemporary(state);
    case "GA":
      return { kind: "special", prefix: "hidden alias for ", of: parseEncoding(state) };
    case "GT":
      return parseTransactionClone(state);
    default:
      return fail();
  }
}

function parseConstructionTable(state: ParseState): ItaniumNode {
  const derived = parseType(state);
  takeNumber(state);
  expect(state, "_");
  return { kind: "special", prefix: "construction vtable for ", of: parseType(state), infix: "-in-", in: derived };
}

function parseReferenceTemporary(state: ParseState): ItaniumNode {
  const of = parseName(state);
  const number = peek(state) === "_" || isDigit(peek(state)) ? takeCompactNumber(state) : 0;
  return { kind: "special", prefix: `reference temporary #${number} for `, of };
}

function parseTransactionClone(state: ParseState): ItaniumNode {
  const prefix = take(state) === "n" ? "non-transaction clone for " : "transaction clone for ";
  return { kind: "special", prefix, of: parseEncoding(state) };
}

/** The adjustment of `this` that a thunk makes: one number, or for a virtual one two. */
function skipOffset(state: ParseState, kind: string): void {
  if (kind !== "h" && kind !== "v") fail();
  for (let left = kind === "h" ? 1 : 2; left > 0; left--) {
    accept(state, "n");
    takeNumber(state);
    expect(state, "_");
  }
}
