/** What debug information adds to probes in programs: their parameters by name, and lines of their source. */
import {
  type DebugFunction,
  type DebugParameter,
  dwarfRegister,
  ElfError,
  functionArgumentRegisters,
  registerOffset,
  stackPointerRegister,
} from "@beetrace/object";
import type { Arch, UserFunction } from "../../target.ts";
import type { CTypes } from "../c-types.ts";
import { type ParameterPlace, parameterPlaces } from "../calling-convention.ts";
import type { ArgField, ArgLoad } from "../probe-context.ts";
import { isScalar, type Type, typeName } from "../types.ts";
import { inSpace } from "./functions.ts";
import { type ExpandInput, type Expansion, hasWildcard, parseNumber } from "./provider.ts";

/** The types that an action names when it is of a probe in this file. */
export function typesInFile({ target, types }: ExpandInput, path: string): CTypes {
  return types.inProgram(path, () => target.catalog.debugInfo(path));
}

/**
 * The expansions with `args`, where the action reads it: functions with the same parameters share a program. Of a
 * wildcard, functions of which nothing is known are left out, when something is known of others.
 */
export function withArguments(input: ExpandInput, expansions: readonly Placed[]): readonly Expansion[] {
  if (!input.usesArgs) return expansions.map(({ expansion }) => expansion);
  const typed = expansions.map((each) => ({ ...each, args: argumentsOf(input, each) }));
  const described = typed.filter(({ args }) => args !== undefined);
  const used = described.length > 0 ? described : typed;
  return used.map(({ expansion, args = [] }) => ({
    ...expansion,
    key: `${expansion.key} ${JSON.stringify(args.map(({ name, type, load }) => [name, typeName(type), shown(load)]))}`,
    context: { ...expansion.context, args },
  }));
}

/** A probe, and the function that it is in. */
export interface Placed {
  readonly expansion: Expansion;
  readonly func: UserFunction;
  /** At a line that is not the function's first. */
  readonly isInside?: boolean;
}

function shown(load: ArgLoad): string {
  return JSON.stringify(load, (_key, value) => (typeof value === "bigint" ? value.toString() : value));
}

function argumentsOf(input: ExpandInput, { func, expansion, isInside }: Placed): readonly ArgField[] | undefined {
  if (isInside) {
    input.diagnostics.error(
      input.span,
      `args: where parameters are is known only where ${func.name || "a function"} begins`,
      `probe the function itself: uprobe:${func.path}:${func.name}`,
    );
    return undefined;
  }
  const { catalog, arch } = input.target;
  const info = catalog.debugInfo(func.path);
  if (!info) {
    input.diagnostics.error(
      input.span,
      `Could not parse arguments of "${expansion.name}": no debuginfo found for ${func.path}`,
      "build it with -g, install its debug information, or read the registers: arg0, arg1, …",
    );
    return undefined;
  }
  return readable(() => {
    const found = info.functionAt(func.address);
    return found && argumentFields(arch, typesInFile(input, func.path), found);
  });
}

/** Damaged debug information is as if there were none. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

function argumentFields(arch: Arch, types: CTypes, func: DebugFunction): readonly ArgField[] {
  const places = parameterPlaces(arch, func);
  return func.parameters.map((parameter, index) => {
    const type = inSpace(types.debugType(parameter.type), "user");
    const load = toldLoad(arch, parameter, type) ?? placeLoad(arch, places[index], type);
    return { name: parameter.name || `arg${index}`, type, load };
  });
}

/** What the compiler itself said of a parameter, which after optimisation may differ from the convention. */
function toldLoad(arch: Arch, { location }: DebugParameter, type: Type): ArgLoad | undefined {
  if (!location || !isScalar(type)) return undefined;
  if (location.kind === "constant")
    return { kind: "usdt", arg: { size: 8, signed: true, location: { kind: "const", value: location.value } } };
  const register = dwarfRegister(arch, location.register);
  // Another register is where the function keeps it later on.
  if (register === undefined || !functionArgumentRegisters(arch).includes(register)) return undefined;
  return { kind: "ctx", offset: offsetOf(arch, register) };
}

function placeLoad(arch: Arch, place: ParameterPlace, type: Type): ArgLoad {
  if (type.kind === "none") return { kind: "unavailable", why: "the debug information does not say what it is" };
  switch (place.kind) {
    case "registers": {
      const offsets = place.registers.map((register) => offsetOf(arch, register));
      return isScalar(type) ? { kind: "ctx", offset: offsets[0] } : { kind: "registers", offsets };
    }
    case "stack":
      return { kind: "stack", pointer: offsetOf(arch, stackPointerRegister(arch)), offset: place.offset };
    case "address":
      return { kind: "address", offset: offsetOf(arch, place.register) };
    case "vector":
      return {
        kind: "unavailable",
        why: "it is in a floating-point register, which the kernel does not give to programs",
      };
  }
}

function offsetOf(arch: Arch, register: string): number {
  return registerOffset(arch, register)?.offset ?? 0;
}

/** `FILE@SOURCE:LINE[:COLUMN]`, taken apart. */
export interface SourcePoint {
  readonly file: string;
  readonly source: string;
  readonly line: number;
  /** 0 is any. */
  readonly column: number;
}

/** An attach point at a line of source code; `undefined` when it is not one. */
export function sourcePoint(parts: readonly string[]): SourcePoint | undefined {
  const [first = "", ...numbers] = parts;
  const at = first.indexOf("@");
  const [line, column = 0n] = numbers.map(parseNumber);
  if (at < 0 || at === first.length - 1 || numbers.length < 1 || numbers.length > 2) return undefined;
  if (line === undefined || column === undefined) return undefined;
  return { file: first.slice(0, at), source: first.slice(at + 1), line: Number(line), column: Number(column) };
}

/** The places that a line of source code stands for, of which each is in a function; empty when something was wrong. */
export function placesOfLine(
  input: ExpandInput,
  point: SourcePoint,
): readonly { readonly path: string; readonly address: number }[] {
  const { catalog } = input.target;
  const refuse = (message: string, ...hints: string[]) => {
    input.diagnostics.error(input.span, message, ...hints);
    return [];
  };
  if (hasWildcard(point.file)) return refuse("Cannot use wildcards with source code location");
  const [path] = catalog.userFiles(point.file);
  const info = path === undefined ? undefined : catalog.debugInfo(path);
  const found = readable(() => info?.line(point.source, point.line, point.column));
  if (!found) return refuse(`No DWARF debug info found for '${point.file}', cannot attach by source code location.`);
  const { paths, addresses, otherLines } = found;
  if (paths.length === 0) return refuse(`No compilation unit matches ${point.source}`);
  if (paths.length > 1) return refuse(`Ambiguous source path, matches multiple files: ${paths.join(", ")}`);
  if (addresses.length > 0) return addresses.map((address) => ({ path, address }));
  const column = point.column > 0 ? `:${point.column}` : "";
  const next = otherLines.find((line) => line >= point.line) ?? otherLines.at(-1);
  const hint = next === undefined || next === point.line ? [] : [`the nearest line with code is ${next}`];
  return refuse(`Unable to map '${point.source}:${point.line}${column}' to address`, ...hint);
}
