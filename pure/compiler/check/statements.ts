import type { Assignment, Block, Expression, If, Span, Statement, VariableDeclaration } from "../ast.ts";
import { BUILTINS } from "../builtins/index.ts";
import { plainName } from "../macros/names.ts";
import {
  hasGrown,
  INT64,
  intType,
  isAggregate,
  isCastable,
  NONE,
  type Type,
  typeName,
  unify,
} from "../semantics/types.ts";
import type { Info } from "./model.ts";
import { binaryType } from "./operators.ts";
import { checkPredicate, mayBeVoid } from "./predicate.ts";
import { firstUnreachable } from "./reachable.ts";
import { blockResult, isAggregation, readable, readOperand } from "./readable.ts";
import { checkReturn } from "./returns.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** Checks a block in a scope of its own; the type is that of its value. */
export function checkBlock(
  c: UnitChecker,
  block: Block,
  checkValue: (value: Expression) => Info = (value) => c.checkAny(value),
): Info {
  c.openScope();
  for (const statement of block.statements) checkStatement(c, statement);
  const value: Info = block.value ? checkValue(block.value) : { type: NONE };
  const unreachable = firstUnreachable(block);
  if (unreachable) c.warning(unreachable.span, "Unreachable statement.");
  c.closeScope();
  // The statements are run for the value: it is no constant, even where it is known.
  return block.statements.length === 0 ? value : { type: value.type };
}

/** Checks a statement and all that is inside it; variables that it declares go into the innermost open scope. */
export function checkStatement(c: UnitChecker, statement: Statement): void {
  switch (statement.kind) {
    case "block":
      checkBlock(c, statement);
      break;
    case "expression-statement":
      checkExpressionStatement(c, statement.expression);
      break;
    case "assignment":
      checkAssignment(c, statement);
      break;
    case "let":
      checkDeclaration(c, statement);
      break;
    case "if":
      checkIf(c, statement);
      break;
    case "while":
      c.warning(
        statement.span,
        "While loops are deprecated and may be removed in the future.",
        "a loop over a range always ends: for $i : 0..10 { … }; it can be left with break",
      );
      checkPredicate(c, statement.condition);
      c.loopDepth++;
      checkBlock(c, statement.body);
      c.loopDepth--;
      break;
    case "unroll":
      checkUnroll(c, statement);
      break;
    case "for-range":
    case "for-map":
      checkFor(c, statement);
      break;
    case "break":
    case "continue":
      if (c.loopDepth === 0) c.error(statement.span, `${statement.kind} used outside of a loop`);
      break;
    case "return":
      checkReturn(c, statement);
      break;
    case "discard":
      c.checkAny(statement.value);
      break;
    case "import":
      c.error(statement.span, "import stands at the top of a script, before its probes");
      break;
  }
}

function checkExpressionStatement(c: UnitChecker, expression: Expression): void {
  const { type } = c.checkAny(expression);
  if (type.kind !== "none" && isOnlyValue(expression)) c.warning(expression.span, "Return value discarded.");
}

/** Whether an expression does nothing but give a value. */
function isOnlyValue(e: Expression): boolean {
  if (e.kind === "call" || e.kind === "identifier") return BUILTINS.get(e.name)?.pure ?? e.kind === "identifier";
  return e.kind !== "step";
}

function checkIf(c: UnitChecker, statement: If): void {
  if (statement.comptime) {
    const arm = takenArm(c, statement);
    if (arm) checkStatement(c, arm);
    c.mayUseAll(); // in the arm that is left out
    return;
  }
  checkPredicate(c, statement.condition);
  const { constant } = c.unit.infos.get(statement.condition)!;
  checkArm(c, constant === undefined || Boolean(constant), () => checkBlock(c, statement.then));
  const otherwise = statement.else;
  if (otherwise) checkArm(c, !constant, () => checkStatement(c, otherwise));
}

/** What is in an arm that is never taken is checked all the same; only what tells of being there is not said. */
function checkArm(c: UnitChecker, taken: boolean, check: () => void): void {
  if (!taken) c.unreachableDepth++;
  check();
  if (!taken) c.unreachableDepth--;
}

/** The arm of an `if comptime` that its condition takes; `undefined` when that is none, or the condition is wrong. */
export function takenArm(c: UnitChecker, { condition, then, else: otherwise }: If): Block | If | undefined {
  const { constant, type } = c.check(condition);
  if (constant !== undefined) return constant ? then : otherwise;
  if (type.kind !== "none") c.error(condition.span, "comptime: the condition is not known at compile time");
  return undefined;
}

function checkUnroll(c: UnitChecker, statement: Statement & { kind: "unroll" }): void {
  const { constant } = c.check(statement.count);
  if (typeof constant !== "bigint") c.error(statement.count.span, "unroll: the count must be known at compile time");
  else if (constant < 1n) c.error(statement.count.span, "unroll minimum value is 1");
  else if (constant > 100n) c.error(statement.count.span, "unroll maximum value is 100");
  c.loopDepth++;
  checkBlock(c, statement.body);
  c.loopDepth--;
}

function checkFor(c: UnitChecker, statement: Statement & { kind: "for-range" | "for-map" }): void {
  let type: Type = INT64;
  if (statement.kind === "for-range") {
    for (const bound of [statement.from, statement.to]) {
      const info = c.check(bound);
      if (info.type.kind !== "int" && info.type.kind !== "none")
        c.error(bound.span, `Loop range requires an integer (${typeName(info.type)} provided)`);
    }
  } else {
    const map = c.script.map(statement.map.name, statement.map.span);
    if (statement.map.key) c.error(statement.map.span, "Loop expression does not require a key, only the map");
    if (map.keyed === false)
      c.error(statement.map.span, "Maps used as for-loop expressions must have keys to loop over");
    if (map.value && isAggregate(map.value) && !isCastable(map.value)) {
      c.error(statement.map.span, `Loop expression does not support type: ${typeName(map.value)}`);
    }
    type = map.key && map.value ? { kind: "tuple", elements: [map.key, elementValue(map.value)] } : NONE;
  }
  refuseShadowing(c, statement.variable, statement.variableSpan);
  c.openScope();
  c.callbackDepth++;
  c.loopDepth++;
  const variable = c.declare(statement, statement.variable, statement.variableSpan, undefined);
  if (type.kind !== "none" && hasGrown(variable.type, type)) {
    variable.type = type;
    c.script.grew = true;
  }
  variable.assigned = true;
  checkBlock(c, statement.body);
  c.loopDepth--;
  c.callbackDepth--;
  c.closeScope();
}

/** What a loop sees of a map's value: aggregates as the number that they stand for. */
function elementValue(type: Type): Type {
  return isAggregate(type) ? intType(64, "signed" in type && type.signed) : type;
}

function refuseShadowing(c: UnitChecker, name: string, span: Span): void {
  if (!c.variable(name)) return;
  c.error(span, `Variable ${plainName(name)} was already declared. Variable shadowing is not allowed.`);
}

function checkDeclaration(c: UnitChecker, statement: VariableDeclaration): void {
  const before = c.scopes[c.scopes.length - 1].get(statement.name);
  const written = statement.type ? c.resolveType(statement.type) : undefined;
  const value = statement.value ? valueForVariable(c, statement.name, statement.value) : undefined;
  if (before ? c.unit.variables.get(statement) !== before : c.variable(statement.name)) {
    return refuseShadowing(c, statement.name, statement.nameSpan);
  }
  const variable = c.declare(statement, statement.name, statement.nameSpan, written);
  if (!value) return;
  c.assign(variable, value, statement.value!.span);
  c.warnNarrowed(value, variable.type, statement.value!.span);
}

function checkAssignment(c: UnitChecker, statement: Assignment): void {
  const { target } = statement;
  if (target.kind === "map") return checkMapAssignment(c, statement, target);
  if (target.kind !== "variable") {
    c.error(
      target.span,
      target.kind === "field" || target.kind === "index"
        ? "Values of structs, tuples and arrays cannot be assigned to: they are read-only"
        : "Cannot assign to this: only to variables and maps",
    );
    return;
  }
  const known = c.variable(target.name);
  const value = valueForVariable(c, target.name, statement.value);
  if (!value) return;
  if (statement.operator && !known) {
    c.error(target.span, `Undefined or undeclared variable: ${plainName(target.name)}`);
    return;
  }
  const variable = known ?? c.declare(target, target.name, target.span, undefined);
  c.unit.variables.set(target, variable);
  const info = statement.operator
    ? binaryType(c, statement.operator, { type: variable.type }, value, statement.span, statement.value.span)
    : value;
  c.assign(variable, info, statement.span);
  if (!statement.operator) c.warnNarrowed(value, variable.type, statement.value.span);
}

/** The value that a variable is given, if it can be given one. */
function valueForVariable(c: UnitChecker, name: string, e: Expression): Info | undefined {
  const value = c.checkAssigned(e);
  if (isAggregation(e, value)) {
    c.error(e.span, `${e.name}() can only be assigned to a map, not to a variable`);
    return undefined;
  }
  if (value.type.kind === "decimal") {
    c.error(
      e.span,
      `A decimal number cannot be stored in ${plainName(name)}: BPF has no floating point`,
      "decimals can be computed in the arguments of printf and print",
    );
    return undefined;
  }
  if (isAggregate(value.type) && !isCastable(value.type)) {
    c.error(e.span, `A value of type '${typeName(value.type)}' cannot be assigned to ${plainName(name)}`);
    return undefined;
  }
  if (value.type.kind === "none" && mayBeVoid(e))
    c.script.unresolved.error(e.span, "Value 'none' cannot be assigned to a scratch variable");
  return readable(value);
}

/** What a map is set to: an aggregation too, also as the value of a block. */
function checkMapValue(c: UnitChecker, e: Expression): Info {
  if (e.kind !== "block-expression") return c.checkAssigned(e);
  const info = checkBlock(c, e.block, (value) => checkMapValue(c, value));
  c.unit.infos.set(e, info);
  return info;
}

function checkMapAssignment(c: UnitChecker, statement: Assignment, target: Expression & { kind: "map" }): void {
  const map = c.script.map(target.name, target.span);
  const key = target.key ? c.check(target.key).type : undefined;
  c.script.useKey(map, key, target.span);
  c.notePresence(map, key, target.span, true);
  map.assigned = true;
  const value = checkMapValue(c, statement.value);
  const aggregate = isAggregate(value.type);
  const source = blockResult(statement.value);
  if (isAggregation(source, value) && (statement.operator || source.kind === "identifier")) {
    c.refuseAggregation(source);
    return;
  }
  if (aggregate && source.kind === "map") {
    if (!isCastable(value.type) || (map.value && isAggregate(map.value))) {
      c.error(
        source.span,
        `Map value '${typeName(value.type)}' cannot be assigned from one map to another. The function that returns this type must be called directly e.g. \`${target.name} = ${value.type.kind}(…);\`.`,
      );
      return;
    }
    c.script.useValue(map, readable(value).type, statement.span);
    return;
  }
  if (statement.operator) {
    if (map.value && isAggregate(map.value)) {
      c.error(
        statement.span,
        `${target.name} holds ${typeName(map.value)}: ${statement.operator}= cannot be used on it`,
      );
      return;
    }
    const info = binaryType(
      c,
      statement.operator,
      { type: map.value ?? INT64 },
      readOperand(c, value, statement.value.span),
      statement.span,
      statement.value.span,
    );
    c.script.useValue(map, info.type, statement.span);
    return;
  }
  if (value.type.kind === "none") {
    if (mayBeVoid(statement.value))
      c.script.unresolved.error(statement.value.span, "Value 'none' cannot be assigned to a map");
    return;
  }
  if (!aggregate && map.value && isAggregate(map.value) && unify(map.value, value.type) === undefined) {
    c.error(
      statement.span,
      `Type mismatch for ${target.name}: trying to assign value of type '${typeName(value.type)}' when map already has a type '${typeName(map.value)}'`,
    );
    return;
  }
  c.script.useValue(map, value.type, statement.span);
  if (map.value) c.warnNarrowed(value, map.value, statement.value.span);
}
