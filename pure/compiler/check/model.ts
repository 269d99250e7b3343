/** What the checker finds out about a script. */
import type { Expression, Probe, Span, TypeName } from "../ast.ts";
import type { Config } from "../config.ts";
import type { Diagnostics } from "../diagnostic.ts";
import type { KnownParam } from "../named-params.ts";
import type { CTypes } from "../semantics/c-types.ts";
import type { NamedAttachment, ProbeContext } from "../semantics/probe-context.ts";
import type { Type } from "../semantics/types.ts";
import type { Target } from "../target.ts";

/** What is known of an expression. */
export interface Info {
  readonly type: Type;
  /** Its value, when it is known at compile time. */
  readonly constant?: bigint | string | boolean;
  /** It is written down or made of nothing but what is: numbers of which both are so are computed exactly. */
  readonly literal?: boolean;
}

/** A map of the script. Its types grow while the script is checked. */
export interface MapInfo {
  /** With the sigil. */
  readonly name: string;
  key: Type | undefined;
  value: Type | undefined;
  /** `@x` (false) or `@x[k]` (true); undefined until it is used. */
  keyed: boolean | undefined;
  /** Something is assigned to it, whether it has a type or not. */
  assigned: boolean;
  readonly span: Span;
  /** Something in the script deletes keys of it. */
  deletes: boolean;
  /** Probes that write and read it under a key with the name of the probe in it: such keys are never shared. */
  readonly probeKeyed: { readonly writers: Set<Unit>; readonly readers: Map<Unit, Span> };
  /** From a declaration: the kind of BPF map and its size. */
  declared?: { readonly type: string; readonly maxEntries: number };
}

/** A scratch variable: one for each declaration in the text. */
export interface VariableInfo {
  readonly name: string;
  type: Type;
  /** By `let`: not by being assigned to, nor by a loop. */
  readonly declared: boolean;
  /** Its type was written down: values are converted to it. */
  readonly fixed: boolean;
  /** Used inside a loop's callback but declared outside of it: it lives in memory. */
  captured: boolean;
  /** A loop's callback sets it, that is: each turn may leave it with another value. */
  changedInLoop: boolean;
  readonly loopDepth: number;
  readonly declaredAt: Span;
  assigned: boolean;
  used: boolean;
}

/** The function whose body is being checked, and what its `return` sets. */
export interface OpenFunction {
  readonly name: string;
  readonly result: VariableInfo | undefined;
}

/** One program to be: a probe's action for a group of attachments that can share it. */
export interface Unit {
  readonly probe: Probe;
  readonly context: ProbeContext;
  readonly attachments: readonly NamedAttachment[];
  /** The types that its text names: in a traced program those of that program go first. */
  readonly types: CTypes;
  readonly infos: Map<Expression | TypeName, Info>;
  /** By the node that declares it (let, first assignment, loop) and by each use. */
  readonly variables: Map<object, VariableInfo>;
}

/** What the checker needs beside the script. */
export interface CheckOptions {
  readonly params: readonly string[];
  readonly namedParams: ReadonlyMap<string, KnownParam>;
  readonly config: Readonly<Config>;
  readonly unsafe: boolean;
  readonly childPid?: number;
  /** There is a process whose stacks can be unwound. */
  readonly hasTargetProcess?: boolean;
  /** What a name of the headers stands for: a number, or byte text. */
  readonly meaningOf?: (name: string) => bigint | string | undefined;
  /** The scalar map that tells time series the time, in place of a clock: for scripts that test what they print. */
  readonly clockMap?: string;
}

/** A script whose names and types are settled: what the lowering needs of it. */
export interface CheckedScript {
  readonly target: Target;
  readonly types: CTypes;
  readonly options: CheckOptions;
  readonly units: readonly Unit[];
  readonly maps: ReadonlyMap<string, MapInfo>;
  readonly defines: ReadonlyMap<string, Expression>;
  readonly diagnostics: Diagnostics;
}
