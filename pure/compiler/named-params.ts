/** Named parameters of a script: `getopt()` declares them, the command line gives them behind `--` as `--name=value`. */
import { encodeUtf8 } from "@beetrace/output";
import { alignUp, suggestionFor } from "@beetrace/std";
import { parseNumber } from "./semantics/providers/provider.ts";

/** A value of a named parameter. Text is byte text. */
export type ParamValue = boolean | bigint | string;

/** A parameter that a script reads. */
export interface NamedParam {
  readonly name: string;
  readonly kind: "bool" | "int" | "uint" | "string";
  readonly default: ParamValue;
  /** Empty where the script gives none. */
  readonly description: string;
}

/** A parameter of the script; `value` is absent when it is only known once the script is started. */
export type KnownParam = NamedParam & { readonly value?: ParamValue };

/** The name of the map that holds the parameters of a script that was compiled before they were known. */
export const PARAMS_MAP = "params";

/** A parameter of such a script, and where in the map's one value it stands: a u64, or NUL-filled text. */
export interface ParamSlot extends NamedParam {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** What is wrong with the parameters of the command line. */
export interface ParamProblem {
  readonly message: string;
  readonly hints: readonly string[];
}

/** Parameters as they were given, told apart: what begins with two dashes has a name. */
export function splitParams(words: readonly string[]): {
  readonly params: readonly string[];
  readonly namedParams: readonly string[];
} {
  return {
    params: words.filter((word) => !word.startsWith("--")),
    namedParams: words.filter((word) => word.startsWith("--")),
  };
}

/** The value of every parameter of the script: what `given` says (`--name`, `--name=value`; the last counts), else its default. */
export function readParams(
  params: Iterable<NamedParam>,
  given: readonly string[],
): ReadonlyMap<string, ParamValue> | ParamProblem {
  const known = new Map([...params].map((param) => [param.name, param]));
  const values = new Map([...known.values()].map((param) => [param.name, param.default]));
  const unknown: string[] = [];
  for (const word of given) {
    const [, name, text] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const param = known.get(name);
    if (param === undefined) {
      unknown.push(name);
      continue;
    }
    const value = readValue(param, text);
    if (typeof value === "object") return { message: wrongValue(param, text, value.problem), hints: [] };
    values.set(name, value);
  }
  return unknown.length === 0 ? values : unexpected(unknown, [...known.keys()]);
}

function wrongValue({ name }: NamedParam, text: string | undefined, problem: string): string {
  return `program command line option --${name} ${problem} (value: ${text ?? "true"})`;
}

function unexpected(unknown: readonly string[], known: readonly string[]): ParamProblem {
  const dashed = (names: readonly string[]) => names.map((name) => `--${name}`).join(", ");
  const near = suggestionFor(unknown[0], known);
  const expected =
    known.length === 0 ? "the script has no program options" : `expected program options: ${dashed(known)}`;
  return {
    message: `unexpected program command line options: ${dashed(unknown)}`,
    hints: [expected, ...(near === undefined ? [] : [`did you mean --${near}?`])],
  };
}

/** The lines in which `-- --help` lists the options of a script. */
export function paramHelp(params: Iterable<NamedParam>): readonly string[] {
  return [...params].map(({ name, description }) => `--${name}${description === "" ? "" : `: ${description}`}`);
}

const TRUE = new Set(["1", "true", "on", "yes"]);
const FALSE = new Set(["0", "false", "off", "no"]);

function readValue({ kind }: NamedParam, text: string | undefined): ParamValue | { readonly problem: string } {
  if (kind === "bool") {
    const word = text?.toLowerCase() ?? "true";
    if (TRUE.has(word) || FALSE.has(word)) return TRUE.has(word);
    return { problem: "expects a boolean (e.g. 'true')" };
  }
  if (kind === "string") return text === undefined ? { problem: "expects a string" } : encodeUtf8(text);
  return text === undefined ? { problem: "expects an integer" } : readInteger(text, kind);
}

const INTEGER_BITS = 64;

function readInteger(text: string, kind: "int" | "uint"): bigint | { readonly problem: string } {
  const isNegative = text.startsWith("-");
  const size = parseNumber(isNegative || text.startsWith("+") ? text.slice(1) : text);
  if (size === undefined) return { problem: /^[-+]?\d/.test(text) ? "invalid trailing bytes" : "invalid integer" };
  const value = isNegative ? -size : size;
  const kept = kind === "int" ? BigInt.asIntN(INTEGER_BITS, value) : BigInt.asUintN(INTEGER_BITS, value);
  return kept === value ? value : { problem: "value is out of range" };
}

const WORD_BYTES = 8;

/** Gives every parameter its place. A text has room for `textBytes`, its NUL being one. */
export function layOutParams(params: Iterable<NamedParam>, textBytes: number): readonly ParamSlot[] {
  let offset = 0;
  return [...params].map((param) => {
    const sizeBytes = param.kind === "string" ? alignUp(textBytes, WORD_BYTES) : WORD_BYTES;
    offset += sizeBytes;
    return { ...param, offset: offset - sizeBytes, sizeBytes };
  });
}

/** The value of the parameters' map. Text that is too long is cut. */
export function encodeParams(slots: readonly ParamSlot[], values: ReadonlyMap<string, ParamValue>): Uint8Array {
  const bytes = new Uint8Array(slots.reduce((size, slot) => size + slot.sizeBytes, 0));
  const view = new DataView(bytes.buffer);
  for (const slot of slots) {
    const value = values.get(slot.name) ?? slot.default;
    if (typeof value === "string") {
      const length = Math.min(value.length, slot.sizeBytes - 1);
      for (let at = 0; at < length; at++) bytes[slot.offset + at] = value.charCodeAt(at);
    } else view.setBigUint64(slot.offset, BigInt.asUintN(INTEGER_BITS, BigInt(value)), true);
  }
  return bytes;
}
