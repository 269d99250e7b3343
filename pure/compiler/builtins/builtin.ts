/** How a builtin variable or function of the language is described. */

import type { Call, Expression, Identifier, Span, TypeName } from "../ast.ts";
import type { Info, MapInfo } from "../check/model.ts";
import type { Config, UnstableSetting } from "../config.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import type { Place, Value } from "../lower/place.ts";
import type { KnownParam } from "../named-params.ts";
import type { CTypes } from "../semantics/c-types.ts";
import type { ProbeContext, ProviderName } from "../semantics/probe-context.ts";
import type { Type } from "../semantics/types.ts";
import type { Target } from "../target.ts";

/** A use of a builtin in a script: `pid`, or `str(args.filename, 10)`. */
export interface Use {
  readonly node: Identifier | Call;
  readonly name: string;
  readonly args: readonly (Expression | TypeName)[];
  readonly span: Span;
}

/** What a builtin's type rule may ask. */
export interface Checking {
  readonly target: Target;
  readonly types: CTypes;
  readonly config: Readonly<Config>;
  readonly context: ProbeContext;
  readonly unsafe: boolean;
  readonly childPid: number | undefined;
  /** There is a process whose stacks can be unwound. */
  readonly hasTargetProcess: boolean;
  /** Inside the body of a for loop, which is a function of its own without the probe's context. */
  readonly inCallback: boolean;
  /** Longest full name among the probes of this program, with a NUL. */
  readonly probeNameSize: number;
  check(expression: Expression | TypeName): Info;
  /** The map of an argument that must be a map by name. */
  mapArgument(use: Use, index: number): MapInfo | undefined;
  /** The value of an argument that must be a whole number known at compile time. */
  constantInt(use: Use, index: number): bigint | undefined;
  /** The value of an argument that must be a string known at compile time. */
  constantString(use: Use, index: number): string | undefined;
  /** A positional parameter as it was given. */
  positional(index: number): string | undefined;
  /** A named parameter of the script. */
  namedParam(name: string): KnownParam | undefined;
  /** Checks an argument of printf or print, where decimals are allowed. */
  checkPrinted(expression: Expression): Info;
  /** Checks an access of a map that only tests or deletes a key. */
  useKey(map: MapInfo, key: Type | undefined, span: Span): void;
  resolveType(name: TypeName): Type | undefined;
  /** Gives a variable that was declared a value of this type; false (and an error) for anything else. */
  assignArgument(variable: Expression | TypeName, info: Info): boolean;
  /** Nothing that is known at compile time rules out that the code is run. */
  readonly reachable: boolean;
  error(span: Span, message: string, ...hints: string[]): Info;
  warning(span: Span, message: string, ...hints: string[]): void;
  /** Warns, once a script, of a feature that may still change, or refuses it: as the setting says. */
  unstable(feature: string, setting: UnstableSetting, span: Span): void;
}

/**
 * A builtin: its type rule, its lowering and its documentation in one place. Adding one is an object in a file
 * of this folder and its name in the list of `index.ts`.
 */
export interface Builtin {
  readonly name: string;
  /** How it is written, for messages and the reference: `str(POINTER[, LENGTH])`. */
  readonly form: string;
  /** One or two sentences for the reference. */
  readonly doc: string;
  /** How many arguments it takes, [least, most]; [0, 0] may be written without parentheses. */
  readonly arity: readonly [number, number];
  /** The probes that have it; absent: all. */
  readonly providers?: readonly ProviderName[];
  /** Needs the probe's context, so that it cannot be used inside a for loop. */
  readonly needsContext?: boolean;
  /** Refused without --unsafe. */
  readonly unsafe?: boolean;
  /** Its value is all it is for: a use as a statement gets a warning. */
  readonly pure?: boolean;
  /** The arguments that may be types. */
  readonly typeArguments?: readonly number[];
  readonly check: (use: Use, checking: Checking) => Info;
  /** What is known of a field of its value without the value itself; undefined: there is no such field. */
  readonly field?: (name: string, checking: Checking) => Info | undefined;
  /** For values that fit a register and for calls without a value. */
  readonly lower?: (use: Use, lowerer: Lowerer) => Value;
  /** For values in memory: writes the value, of the type that `check` gave or a larger one, to `to`. */
  readonly lowerInto?: (use: Use, lowerer: Lowerer, to: Place, type: Type) => void;
}
