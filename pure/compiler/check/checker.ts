/**
 * Names and types. The script is checked again and again until no type grows any more: a map's or variable's
 * type is what all its uses in the whole script agree on.
 */
import { invariant, suggestionFor } from "@beetrace/std";
import type { Expression, MapDeclaration, Script, Span, TypeName } from "../ast.ts";
import type { Checking, Use } from "../builtins/builtin.ts";
import { BUILTINS } from "../builtins/index.ts";
import type { Config } from "../config.ts";
import { Diagnostics } from "../diagnostic.ts";
import type { CTypes } from "../semantics/c-types.ts";
import type { ProbeContext } from "../semantics/probe-context.ts";
import { holds, isAggregate, isInteger, NONE, type Type, typeName, unify } from "../semantics/types.ts";
import type { Target } from "../target.ts";
import { checkExpression } from "./expressions.ts";
import type { Info, MapInfo, Unit, VariableInfo } from "./model.ts";
import { checkBlock, checkPredicate, mayBeVoid } from "./statements.ts";

/** What the checker needs beside the script. */
export interface CheckOptions {
  readonly params: readonly string[];
  readonly config: Readonly<Config>;
  readonly unsafe: boolean;
  readonly childPid?: number;
}

const MAP_TYPES = ["hash", "lruhash", "percpuhash", "percpulruhash"];
/** Types only grow, and each can grow only so often; more rounds than this would be our bug. */
const ROUNDS_MAX = 100;

export class Checker {
  readonly script: Script;
  readonly target: Target;
  readonly types: CTypes;
  readonly options: CheckOptions;
  readonly units: readonly Unit[];
  readonly maps = new Map<string, MapInfo>();
  readonly defines = new Map<string, Expression>();
  diagnostics = new Diagnostics();
  /** What has no type in this round; it is said only where nothing else is, for that would be the reason. */
  unresolved = new Diagnostics();
  grew = false;

  constructor(script: Script, target: Target, types: CTypes, units: readonly Unit[], options: CheckOptions) {
    this.script = script;
    this.target = target;
    this.types = types;
    this.units = units;
    this.options = options;
    for (const define of script.defines) if (define.value) this.defines.set(define.name, define.value);
  }

  /** Checks everything; what there is to say of the script is in the result. */
  run(): Diagnostics {
    for (const item of this.script.items) if (item.kind === "map-declaration") this.#declare(item);
    const declared = this.diagnostics;
    let rounds = 0;
    do {
      this.grew = false;
      this.diagnostics = new Diagnostics();
      this.unresolved = new Diagnostics();
      for (const unit of this.units) new UnitChecker(this, unit).run();
      invariant(++rounds < ROUNDS_MAX, "types do not settle");
    } while (this.grew);
    this.#checkMaps();
    declared.addAll(this.diagnostics);
    if (!declared.hasErrors) declared.addAll(this.unresolved);
    return declared;
  }

  #declare(item: MapDeclaration): void {
    if (!MAP_TYPES.includes(item.type)) {
      this.diagnostics.error(
        item.span,
        `Invalid bpf map type: ${item.type}`,
        `Valid map types: ${MAP_TYPES.join(", ")}`,
      );
    }
    if (this.maps.has(item.name)) this.diagnostics.error(item.span, `Map ${item.name} is declared twice`);
    const maxEntries =
      item.maxEntries?.kind === "int" ? Number(item.maxEntries.value) : this.options.config.max_map_keys;
    if (maxEntries < 1) this.diagnostics.error(item.span, "Max entries can't be less than 1");
    this.maps.set(item.name, { ...newMap(item.name, item.span), declared: { type: item.type, maxEntries } });
  }

  /** Maps that are read but never written have no type. */
  #checkMaps(): void {
    for (const map of this.maps.values()) {
      this.#checkProbeKeys(map);
      if (map.value !== undefined) continue;
      if (map.keyed === undefined && map.declared) this.diagnostics.warning(map.span, `Unused map: ${map.name}`);
      else if (!map.assigned) this.diagnostics.error(map.span, `Undefined map: ${map.name}`);
      else if (!this.unresolved.hasErrors) this.unresolved.error(map.span, `${map.name} has no type: it is only made from itself`);
    }
  }

  /** A key with `probe` in it is written by one probe only: another that reads it finds nothing. */
  #checkProbeKeys({ name, probeKeyed: { writers, readers } }: MapInfo): void {
    if (writers.size === 0) return;
    for (const [reader, span] of readers) {
      if (writers.has(reader)) continue;
      const [writer] = writers;
      this.diagnostics.warning(
        span,
        `${name} never has this key here: it holds the name of the probe, and only ${writer.attachments[0].name}${writer.attachments.length > 1 ? " and its like" : ""} write ${name}`,
        "leave `probe` out of the key to share it between probes",
      );
    }
  }

  /** The map of this name; its key is what `keyed` says from now on. */
  map(name: string, span: Span): MapInfo {
    let map = this.maps.get(name);
    if (!map) {
      map = newMap(name, span);
      this.maps.set(name, map);
    }
    return map;
  }

  useKey(map: MapInfo, key: Type | undefined, span: Span): void {
    const keyed = key !== undefined;
    if (map.keyed !== undefined && map.keyed !== keyed) {
      this.diagnostics.error(
        span,
        map.keyed
          ? `${map.name} used as a map without an explicit key (scalar map), previously used with an explicit key (non-scalar map)`
          : `${map.name} used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)`,
      );
      return;
    }
    if (map.keyed === undefined) this.grew = true;
    map.keyed = keyed;
    if (!key || key.kind === "none") return;
    if (isAggregate(key) || key.kind === "decimal") {
      this.diagnostics.error(span, `${typeName(key)} cannot be used as a map key`);
      return;
    }
    map.key = this.#grown(
      map.key,
      key,
      span,
      (was) =>
        `Argument mismatch for ${map.name}: trying to access with arguments: '${typeName(key)}' when map expects arguments: '${typeName(was)}'`,
    );
  }

  useValue(map: MapInfo, value: Type, span: Span): void {
    if (value.kind === "none") return;
    if (value.kind === "decimal") {
      this.diagnostics.error(
        span,
        `A decimal number cannot be stored in ${map.name}: BPF has no floating point`,
        "decimals can be computed in the arguments of printf and print",
      );
      return;
    }
    map.value = this.#grown(
      map.value,
      value,
      span,
      (was) =>
        `Type mismatch for ${map.name}: trying to assign value of type '${typeName(value)}' when map already has a type '${typeName(was)}'`,
    );
  }

  #grown(was: Type | undefined, type: Type, span: Span, message: (was: Type) => string): Type {
    const stored = storable(type);
    if (!was) {
      this.grew = true;
      return stored;
    }
    const met = unify(was, stored);
    if (!met) {
      this.diagnostics.error(span, message(was));
      return was;
    }
    if (
      typeName(met) !== typeName(was) ||
      (met.kind === "pointer" && was.kind === "pointer" && met.space !== was.space)
    )
      this.grew = true;
    return met;
  }
}

function newMap(name: string, span: Span): MapInfo {
  return {
    name,
    key: undefined,
    value: undefined,
    keyed: undefined,
    assigned: false,
    span,
    deletes: false,
    probeKeyed: { writers: new Set(), readers: new Map() },
  };
}

/** Whether a key has the name of the probe in it. */
function namesProbe(key: Type): boolean {
  return key.kind === "probe" || (key.kind === "tuple" && key.elements.some(namesProbe));
}

/** What a value becomes in a map: the verifier forgets what it knew of a pointer. */
function storable(type: Type): Type {
  if (type.kind !== "pointer" || type.space === "user" || type.space === "kernel") return type;
  const space = type.space === "none" ? "none" : "kernel";
  return space === type.space
    ? type
    : {
        kind: "pointer",
        space,
        get to() {
          return type.to;
        },
      };
}

/** Checks one program: the state is the scopes of its variables. */
export class UnitChecker implements Checking {
  readonly script: Checker;
  readonly unit: Unit;
  readonly target: Target;
  readonly types: CTypes;
  readonly config: Readonly<Config>;
  readonly unsafe: boolean;
  readonly probeNameSize: number;
  /** The scopes that are open, the innermost last. */
  readonly scopes: Map<string, VariableInfo>[] = [];
  /** How many for-loop bodies are around. */
  callbackDepth = 0;
  /** How many loops of any kind are around. */
  loopDepth = 0;
  /** Inside the arguments of printf and print, where decimals are allowed. */
  decimalsAllowed = false;

  constructor(script: Checker, unit: Unit) {
    this.script = script;
    this.unit = unit;
    this.target = script.target;
    this.types = script.types;
    this.config = script.options.config;
    this.unsafe = script.options.unsafe;
    this.probeNameSize = Math.max(...unit.attachments.map((attachment) => attachment.name.length)) + 1;
  }

  get context(): ProbeContext {
    return this.unit.context;
  }
  get inCallback(): boolean {
    return this.callbackDepth > 0;
  }
  get childPid(): number | undefined {
    return this.script.options.childPid;
  }

  run(): void {
    for (const variable of new Set(this.unit.variables.values())) variable.used = variable.assigned = false;
    if (this.unit.probe.predicate) checkPredicate(this, this.unit.probe.predicate);
    checkBlock(this, this.unit.probe.body);
  }

  check(expression: Expression | TypeName): Info {
    if (expression.kind === "type-name") {
      const type = this.resolveType(expression);
      return { type: type ?? NONE };
    }
    const info = this.checkAny(expression);
    if (info.type.kind === "none" && mayBeVoid(expression)) {
      const what = "name" in expression ? `${expression.name}()` : "This";
      this.script.unresolved.error(expression.span, `${what} gives no value`);
    }
    return info;
  }

  /** Checks an expression that is allowed to give no value. */

  checkAny(expression: Expression): Info {
    const info = checkExpression(this, expression);
    this.unit.infos.set(expression, info);
    return info;
  }

  error(span: Span, message: string, ...hints: string[]): Info {
    this.script.diagnostics.error(span, message, ...hints);
    return { type: NONE };
  }

  warning(span: Span, message: string, ...hints: string[]): void {
    this.script.diagnostics.warning(span, message, ...hints);
  }

  positional(index: number): string | undefined {
    return this.script.options.params[index - 1];
  }

  checkPrinted(expression: Expression): Info {
    const before = this.decimalsAllowed;
    this.decimalsAllowed = true;
    const info = this.check(expression);
    this.decimalsAllowed = before;
    return info;
  }

  useKey(map: MapInfo, key: Type | undefined, span: Span): void {
    this.script.useKey(map, key, span);
  }

  resolveType(name: TypeName): Type | undefined {
    if (name.base.kind === "typeof") {
      const { operand } = name.base;
      return operand.kind === "type-name" ? this.resolveType(operand) : this.check(operand).type;
    }
    const type = this.types.typeName(name, this.context.space);
    if (type) return type;
    const written = name.base.kind === "named" ? name.base.name : `${name.base.kind} ${name.base.name}`;
    const near = this.types.suggestions(name.base.name);
    this.error(
      name.span,
      `Cannot resolve unknown type "${written}"`,
      ...(near.length > 0 ? [`did you mean ${near.map((each) => `struct ${each}`).join(" or ")}?`] : []),
      ...(this.target.btf ? [] : ["the kernel has no BTF (/sys/kernel/btf/vmlinux): define the struct in the script"]),
    );
    return undefined;
  }

  // ---------------------------------------------------------------- variables

  openScope(): void {
    this.scopes.push(new Map());
  }

  closeScope(): void {
    this.scopes.pop();
  }

  variable(name: string): VariableInfo | undefined {
    for (let depth = this.scopes.length - 1; depth >= 0; depth--) {
      const found = this.scopes[depth].get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** The variable that `node` declares; the same one in every round. */
  declare(node: object, name: string, span: Span, type: Type | undefined): VariableInfo {
    let variable = this.unit.variables.get(node);
    if (!variable) {
      variable = {
        name,
        type: type ?? NONE,
        fixed: type !== undefined,
        captured: false,
        loopDepth: this.callbackDepth,
        declaredAt: span,
        assigned: false,
        used: false,
      };
      this.unit.variables.set(node, variable);
      this.script.grew = true;
    }
    this.scopes[this.scopes.length - 1].set(name, variable);
    return variable;
  }

  /** Notes a use: one from inside a loop's callback moves the variable into memory. */
  touch(variable: VariableInfo): void {
    if (variable.loopDepth === this.callbackDepth || variable.captured) return;
    variable.captured = true;
    this.script.grew = true;
  }

  assign(variable: VariableInfo, info: Info, span: Span): void {
    variable.assigned = true;
    this.touch(variable);
    const { type } = info;
    if (type.kind === "none") return;
    if (variable.type.kind === "none") {
      variable.type = type;
      this.script.grew = true;
      return;
    }
    const met = unify(variable.type, type);
    if (!met) {
      this.error(
        span,
        `Type mismatch for ${variable.name}: trying to assign value of type '${typeName(type)}' when variable already has a type '${typeName(variable.type)}'`,
      );
      return;
    }
    if (variable.fixed) return this.#checkFits(variable, info, span);
    const changedSpace =
      met.kind === "pointer" && variable.type.kind === "pointer" && met.space !== variable.type.space;
    if (typeName(met) !== typeName(variable.type) || changedSpace) this.script.grew = true;
    variable.type = met;
  }

  /** A constant must fit the type that was written down; other values are cut to it. */
  #checkFits({ name, type }: VariableInfo, { constant }: Info, span: Span): void {
    if (!isInteger(type) || typeof constant !== "bigint" || holds(type, constant)) return;
    this.error(span, `Type mismatch for ${name}: value ${constant} does not fit into '${typeName(type)}'`);
  }

  // ---------------------------------------------------------------- arguments of calls

  mapArgument(use: Use, index: number): MapInfo | undefined {
    const argument = use.args[index];
    if (argument?.kind === "map" && argument.key === undefined) return this.script.map(argument.name, argument.span);
    this.error(argument?.span ?? use.span, `${use.name}() expects a map to be provided`);
    return undefined;
  }

  constantInt(use: Use, index: number): bigint | undefined {
    const argument = use.args[index];
    if (argument === undefined || argument.kind === "type-name") return undefined;
    const info = this.check(argument);
    if (typeof info.constant === "bigint") return info.constant;
    this.error(argument.span, `${use.name}() expects an integer literal (${typeName(info.type)} provided)`);
    return undefined;
  }

  constantString(use: Use, index: number): string | undefined {
    const argument = use.args[index];
    if (argument === undefined || argument.kind === "type-name") return undefined;
    const info = this.check(argument);
    if (typeof info.constant === "string") return info.constant;
    this.error(argument.span, `${use.name}() expects a string literal (${typeName(info.type)} provided)`);
    return undefined;
  }

  /** Notes who writes and who reads keys that hold the probe's name. */
  notePresence(map: MapInfo, key: Type | undefined, span: Span, writes: boolean): void {
    if (!key || !namesProbe(key)) return;
    if (writes) map.probeKeyed.writers.add(this.unit);
    else if (!map.probeKeyed.readers.has(this.unit)) map.probeKeyed.readers.set(this.unit, span);
  }

  /** A name that is nothing we know. */
  unknownName(name: string, span: Span): Info {
    const near = suggestionFor(name, BUILTINS.keys());
    return this.error(span, `Unknown identifier: '${name}'`, ...(near ? [`did you mean ${near}?`] : []));
  }
}
