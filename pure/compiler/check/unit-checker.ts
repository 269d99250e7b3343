import { suggestionFor } from "@beetrace/std";
import type { Call, Expression, Identifier, Span, TypeName } from "../ast.ts";
import type { Checking, Use } from "../builtins/builtin.ts";
import type { Config, UnstableSetting } from "../config.ts";
import { plainName } from "../macros/names.ts";
import type { KnownParam } from "../named-params.ts";
import { type CTypes, derived } from "../semantics/c-types.ts";
import type { ProbeContext } from "../semantics/probe-context.ts";
import { bitsOf, hasGrown, holds, isInteger, NONE, type Type, typeName, unify, unifyInts } from "../semantics/types.ts";
import type { Target } from "../target.ts";
import type { Info, MapInfo, OpenFunction, Unit, VariableInfo } from "./model.ts";
import { isAggregation } from "./readable.ts";
import type { ScriptTypes } from "./script-types.ts";

/** The rules of expressions, handed in so that the files that hold them need not know each other. */
export interface CheckRules {
  readonly expression: (checker: UnitChecker, expression: Expression) => Info;
  /** What may stand where no value is needed. */
  readonly mayBeVoid: (expression: Expression) => boolean;
  /** Names that a misspelt one may have meant. */
  readonly names: () => Iterable<string>;
}

/** Checks one program: the state is the scopes of its variables. */
export class UnitChecker implements Checking {
  readonly script: ScriptTypes;
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
  /** How many arms are around that a constant condition rules out. */
  unreachableDepth = 0;
  /** Inside the arguments of printf and print, where decimals are allowed. */
  decimalsAllowed = false;
  /** The function whose body is open; a probe's own body is none. */
  openFunction: OpenFunction | undefined;

  readonly #rules: CheckRules;

  constructor(script: ScriptTypes, unit: Unit, rules: CheckRules) {
    this.script = script;
    this.#rules = rules;
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
  get reachable(): boolean {
    return this.unreachableDepth === 0;
  }
  get childPid(): number | undefined {
    return this.script.options.childPid;
  }
  get hasTargetProcess(): boolean {
    return this.script.options.hasTargetProcess ?? false;
  }

  check(expression: Expression | TypeName): Info {
    if (expression.kind === "type-name") {
      const info = { type: this.resolveType(expression) ?? NONE };
      this.unit.infos.set(expression, info);
      return info;
    }
    const info = this.checkAny(expression);
    if (info.type.kind === "none" && this.#rules.mayBeVoid(expression)) {
      const what = "name" in expression ? `${plainName(expression.name)}()` : "This";
      this.script.unresolved.error(expression.span, `${what} gives no value`);
    }
    return info;
  }

  /** Checks an expression that is allowed to give no value. */
  checkAny(expression: Expression): Info {
    const info = this.checkAssigned(expression);
    return isAggregation(expression, info) ? this.refuseAggregation(expression) : info;
  }

  /** Checks an expression that may be an aggregation: what a map is set to. */
  checkAssigned(expression: Expression): Info {
    const info = this.#rules.expression(this, expression);
    this.unit.infos.set(expression, info);
    return info;
  }

  refuseAggregation(call: Call | Identifier): Info {
    return this.error(call.span, `${call.name}() must be assigned directly to a map`, `@ = ${call.name}(…);`);
  }

  error(span: Span, message: string, ...hints: string[]): Info {
    this.script.diagnostics.error(span, message, ...hints);
    return { type: NONE };
  }

  warning(span: Span, message: string, ...hints: string[]): void {
    this.script.diagnostics.warning(span, message, ...hints);
  }

  unstable(feature: string, setting: UnstableSetting, span: Span): void {
    const level = this.config[setting];
    if (level === "error")
      this.error(
        span,
        `${feature} feature is not enabled by default. To enable this unstable feature, set the config flag to enable. ${setting}=enable`,
      );
    if (level === "warn")
      this.script.diagnostics.warning(
        undefined,
        `Script is using an unstable feature: ${feature}. To prevent this warning you must explicitly enable it in the config e.g. ${setting}=enable`,
      );
  }

  positional(index: number): string | undefined {
    return this.script.options.params[index - 1];
  }

  namedParam(name: string): KnownParam | undefined {
    return this.script.options.namedParams.get(name);
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
      const of = operand.kind === "type-name" ? this.resolveType(operand) : this.check(operand).type;
      return of && derived(of, name.pointers, name.dimensions, this.context.space);
    }
    const type = this.unit.types.typeName(name, this.context.space);
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

  /** Checks the body of a function: loops around its call are not around it. */
  enterFunction(func: OpenFunction, check: () => void): void {
    const { openFunction, loopDepth } = this;
    this.openFunction = func;
    this.loopDepth = 0;
    check();
    this.openFunction = openFunction;
    this.loopDepth = loopDepth;
  }

  // ---------------------------------------------------------------- variables

  openScope(): void {
    this.scopes.push(new Map());
  }

  closeScope(): void {
    for (const { name, declared, assigned, used, declaredAt } of this.scopes.pop()?.values() ?? []) {
      if (!declared) continue;
      if (!assigned) this.warning(declaredAt, `Variable ${name} was never assigned to.`);
      else if (!used) this.warning(declaredAt, `Unused variable: ${name}`);
    }
  }

  /** Code that is not looked at may use any variable. */
  mayUseAll(): void {
    for (const scope of this.scopes) for (const variable of scope.values()) variable.used = variable.assigned = true;
  }

  variable(name: string): VariableInfo | undefined {
    for (let depth = this.scopes.length - 1; depth >= 0; depth--) {
      const found = this.scopes[depth].get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** The variable that `node` declares; the same one in every round. */
  declare(node: { readonly kind: string }, name: string, span: Span, type: Type | undefined): VariableInfo {
    let variable = this.unit.variables.get(node);
    if (!variable) {
      variable = {
        name: plainName(name),
        type: type ?? NONE,
        declared: node.kind === "let",
        fixed: type !== undefined,
        captured: false,
        changedInLoop: false,
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
    if (variable.loopDepth !== this.callbackDepth) variable.changedInLoop = true;
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
    if (hasGrown(variable.type, met) || changedSpace) this.script.grew = true;
    variable.type = met;
  }

  /** A constant must fit the type that was written down; other values are cut to it. */
  #checkFits({ name, type }: VariableInfo, { constant }: Info, span: Span): void {
    if (!isInteger(type) || typeof constant !== "bigint" || holds(type, constant)) return;
    this.error(span, `Type mismatch for ${name}: value ${constant} does not fit into '${typeName(type)}'`);
  }

  /** Tells of a value that is cut, or changes its sign, to become one of `to`: rule N5. */
  warnNarrowed({ type, constant }: Info, to: Type, span: Span): void {
    if (!isInteger(type) || !isInteger(to) || constant !== undefined || unify(type, to) === undefined) return;
    const met = unifyInts(type, to);
    const isHeld =
      bitsOf(met) === bitsOf(to) && met.signed === to.signed && !(bitsOf(type) === 64 && to.signed && !type.signed);
    if (isHeld) return;
    this.warning(
      span,
      `Expression of type: ${typeName(type)} being cast to type: ${typeName(to)}. This may cause unexpected results. Use an explicit cast to suppress this warning.`,
    );
  }

  // ---------------------------------------------------------------- arguments of calls

  assignArgument(argument: Expression | TypeName, info: Info): boolean {
    const variable = argument.kind === "variable" ? this.variable(argument.name) : undefined;
    if (argument.kind === "variable" && variable) {
      this.unit.variables.set(argument, variable);
      this.assign(variable, info, argument.span);
      return true;
    }
    const name = argument.kind === "variable" ? argument.name : "the argument";
    this.error(argument.span, `Undefined or undeclared variable: ${name}`, "declare it: let $x;");
    return false;
  }

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
    const near = suggestionFor(name, this.#rules.names());
    return this.error(span, `Unknown identifier: '${name}'`, ...(near ? [`did you mean ${near}?`] : []));
  }
}

/** Whether a key has the name of the probe in it. */
function namesProbe(key: Type): boolean {
  return key.kind === "probe" || (key.kind === "tuple" && key.elements.some(namesProbe));
}
