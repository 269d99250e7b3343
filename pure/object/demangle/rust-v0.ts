import { DemangleFailure } from "./parse-state.ts";
import { decodePunycode } from "./punycode.ts";

/** Rust's v0 mangling: RFC 2603. What is read is printed at once: unlike C++'s, nothing depends on what comes later. */
interface State {
  readonly text: string;
  at: number;
  depth: number;
  steps: number;
  /** Lifetimes that `for<…>` around the cursor has named. */
  boundLifetimes: number;
}

const MAX_DEPTH = 200;
const MAX_STEPS = 20_000;
const MAX_LENGTH = 100_000;

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: "i8",
  b: "bool",
  c: "char",
  d: "f64",
  e: "str",
  f: "f32",
  h: "u8",
  i: "isize",
  j: "usize",
  l: "i32",
  m: "u32",
  n: "i128",
  o: "u128",
  p: "_",
  s: "i16",
  t: "u16",
  u: "()",
  v: "...",
  x: "i64",
  y: "u64",
  z: "!",
};

/** Demangles a v0 Rust name, which starts with `_R`. Throws {@link DemangleFailure}. */
export function demangleRustV0(name: string): string {
  const dot = name.indexOf(".");
  const text = dot < 0 ? name.slice(2) : name.slice(2, dot);
  const state: State = { text, at: 0, depth: 0, steps: 0, boundLifetimes: 0 };
  // A digit here would be the version of an encoding to come.
  const path = parsePath(state, true);
  if (state.at < text.length) parsePath(state, false);
  if (state.at < text.length) fail();
  return path + (dot < 0 || name.startsWith(".llvm.", dot) ? "" : name.slice(dot));
}

function fail(): never {
  throw new DemangleFailure("not a Rust v0 name");
}

function accept(state: State, character: string): boolean {
  if (state.text.charAt(state.at) !== character) return false;
  state.at++;
  return true;
}

function take(state: State): string {
  if (state.at >= state.text.length) fail();
  return state.text.charAt(state.at++);
}

function nested(state: State, rule: () => string): string {
  if (++state.depth > MAX_DEPTH || ++state.steps > MAX_STEPS) fail();
  const text = rule();
  state.depth--;
  return text.length > MAX_LENGTH ? fail() : text;
}

/** `_` is 0, `<base 62 digits>_` the number and 1. */
function takeBase62(state: State): number {
  const from = state.at;
  let value = 0;
  for (;;) {
    const character = take(state);
    if (character === "_") return state.at - from === 1 ? 0 : value + 1;
    const digit = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".indexOf(character);
    // Disambiguators of crates are 64 bits wide, but they are not shown: that they get rounded here does no harm.
    value = value * 62 + digit;
    if (digit < 0) fail();
  }
}

function takeOptionalBase62(state: State, tag: string): number {
  return accept(state, tag) ? takeBase62(state) + 1 : 0;
}

/** Reads a part that was written before, and comes back. */
function parseBackReference(state: State, rule: (state: State) => string): string {
  const tagAt = state.at - 1;
  const target = takeBase62(state);
  if (target >= tagAt) fail();
  const back = state.at;
  state.at = target;
  const text = nested(state, () => rule(state));
  state.at = back;
  return text;
}

interface Identifier {
  readonly disambiguator: number;
  readonly name: string;
}

function parseIdentifier(state: State): Identifier {
  const disambiguator = takeOptionalBase62(state, "s");
  const isPunycode = accept(state, "u");
  const digits = /^(?:0|[1-9]\d{0,5})/.exec(state.text.slice(state.at, state.at + 6))?.[0] ?? fail();
  state.at += digits.length;
  accept(state, "_");
  const bytes = state.text.slice(state.at, state.at + Number(digits));
  if (bytes.length !== Number(digits)) fail();
  state.at += bytes.length;
  return { disambiguator, name: isPunycode ? (decodePunycode(bytes) ?? fail()) : bytes };
}

/** `isValue`: whether generic arguments need a `::` before them, as they do outside types. */
function parsePath(state: State, isValue: boolean): string {
  return nested(state, () => {
    const tag = take(state);
    switch (tag) {
      case "C":
        return parseIdentifier(state).name;
      case "N":
        return parseNestedPath(state, isValue);
      case "M":
        skipImplPath(state);
        return `<${parseType(state)}>`;
      case "X":
        skipImplPath(state);
        return `<${parseType(state)} as ${parsePath(state, false)}>`;
      case "Y":
        return `<${parseType(state)} as ${parsePath(state, false)}>`;
      case "I":
        return `${parsePath(state, isValue)}${isValue ? "::" : ""}<${parseList(state, parseGenericArg)}>`;
      case "B":
        return parseBackReference(state, (inner) => parsePath(inner, isValue));
      default:
        return fail();
    }
  });
}

function parseNestedPath(state: State, isValue: boolean): string {
  const namespace = take(state);
  const parent = parsePath(state, isValue);
  const { disambiguator, name } = parseIdentifier(state);
  if (/[a-z]/.test(namespace)) return name === "" ? parent : `${parent}::${name}`;
  const special = namespace === "C" ? "closure" : namespace === "S" ? "shim" : namespace;
  return `${parent}::{${special}${name === "" ? "" : `:${name}`}#${disambiguator}}`;
}

function skipImplPath(state: State): void {
  takeOptionalBase62(state, "s");
  parsePath(state, false);
}

function parseItems(state: State, item: (state: State) => string): string[] {
  const items: string[] = [];
  while (!accept(state, "E")) items.push(item(state));
  return items;
}

function parseList(state: State, item: (state: State) => string): string {
  return parseItems(state, item).join(", ");
}

function parseGenericArg(state: State): string {
  if (accept(state, "L")) return lifetimeName(state, takeBase62(state));
  return accept(state, "K") ? parseConst(state) : parseType(state);
}

/** Lifetimes are counted from the innermost `for<…>` out; 0 is one that was not named. */
function lifetimeName(state: State, index: number): string {
  if (index === 0) return "'_";
  const depth = state.boundLifetimes - index;
  if (depth < 0) fail();
  return depth < 26 ? `'${String.fromCharCode(97 + depth)}` : `'_${depth}`;
}

function parseType(state: State): string {
  return nested(state, () => {
    const tag = take(state);
    const basic = BASIC_TYPES[tag];
    if (basic !== undefined) return basic;
    switch (tag) {
      case "R":
      case "Q":
        return parseReference(state, tag === "Q" ? "mut " : "");
      case "P":
        return `*const ${parseType(state)}`;
      case "O":
        return `*mut ${parseType(state)}`;
      case "A":
        return `[${parseType(state)}; ${parseConst(state)}]`;
      case "S":
        return `[${parseType(state)}]`;
      case "T":
        return parseTuple(state);
      case "F":
        return withBinder(state, () => parseFunction(state));
      case "D":
        return parseDyn(state);
      case "B":
        return parseBackReference(state, parseType);
      default:
        state.at--;
        return parsePath(state, false);
    }
  });
}

function parseReference(state: State, mutability: string): string {
  const lifetime = accept(state, "L") ? takeBase62(state) : 0;
  const name = lifetime === 0 ? "" : `${lifetimeName(state, lifetime)} `;
  return `&${name}${mutability}${parseType(state)}`;
}

/** A tuple of one is told from parentheses by its comma. */
function parseTuple(state: State): string {
  const items = parseItems(state, parseType);
  return items.length === 1 ? `(${items[0]},)` : `(${items.join(", ")})`;
}

function withBinder(state: State, rule: () => string): string {
  const count = takeOptionalBase62(state, "G");
  if (count > 1000) fail();
  const before = state.boundLifetimes;
  const names = Array.from({ length: count }, () => {
    state.boundLifetimes++;
    return lifetimeName(state, 1);
  });
  const text = rule();
  state.boundLifetimes = before;
  return names.length === 0 ? text : `for<${names.join(", ")}> ${text}`;
}

function parseFunction(state: State): string {
  const unsafe = accept(state, "U") ? "unsafe " : "";
  const abi = accept(state, "K") ? `extern "${parseAbi(state)}" ` : "";
  const params = parseList(state, parseType);
  const returns = parseType(state);
  return `${unsafe}${abi}fn(${params})${returns === "()" ? "" : ` -> ${returns}`}`;
}

function parseAbi(state: State): string {
  return accept(state, "C") ? "C" : parseIdentifier(state).name.replaceAll("_", "-");
}

function parseDyn(state: State): string {
  const bounds = withBinder(state, () => {
    const traits: string[] = [];
    while (!accept(state, "E")) traits.push(parseDynTrait(state));
    return traits.join(" + ");
  });
  if (!accept(state, "L")) fail();
  const lifetime = takeBase62(state);
  return `dyn ${bounds}${lifetime === 0 ? "" : ` + ${lifetimeName(state, lifetime)}`}`;
}

/** A trait with its associated types, which go among the generic arguments of the path. */
function parseDynTrait(state: State): string {
  const path = parsePath(state, false);
  const bindings: string[] = [];
  while (accept(state, "p")) bindings.push(`${parseIdentifier(state).name} = ${parseType(state)}`);
  if (bindings.length === 0) return path;
  const list = bindings.join(", ");
  return path.endsWith(">") ? `${path.slice(0, -1)}, ${list}>` : `${path}<${list}>`;
}

function parseConst(state: State): string {
  return nested(state, () => {
    const tag = take(state);
    if (tag === "p") return "_";
    if (tag === "B") return parseBackReference(state, parseConst);
    if (tag === "b") return takeConstDigits(state) === 0n ? "false" : "true";
    if (tag === "c") return charLiteral(takeConstDigits(state));
    if (!/[hijlmnostxya]/.test(tag)) fail();
    const sign = accept(state, "n") ? "-" : "";
    return sign + takeConstDigits(state).toString();
  });
}

function takeConstDigits(state: State): bigint {
  const digits = /^[0-9a-f]{0,32}_/.exec(state.text.slice(state.at, state.at + 33))?.[0] ?? fail();
  state.at += digits.length;
  return BigInt(`0x0${digits.slice(0, -1)}`);
}

function charLiteral(value: bigint): string {
  if (value > 0x10ffffn) fail();
  const character = String.fromCodePoint(Number(value));
  return character === "'" ? "'\\''" : `'${character}'`;
}
