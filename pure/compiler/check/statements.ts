import type { Assignment, Block, Expression, If, Span, Statement, VariableDeclaration } from "../ast.ts";
import { BUILTINS } from "../builtins/index.ts";
import {
  INT64,
  intType,
  isAggregate,
  isCastable,
  isInteger,
  NONE,
  type Type,
  typeName,
  unify,
} from "../semantics/types.ts";
import type { Info } from "./model.ts";
import { binaryType } from "./operators.ts";
import { checkPredicate, mayBeVoid } from "./predicate.ts";
import { isAggregation, readable, readOperand } from "./readable.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** Checks a block in a scope of its own; the type is that of its value. */
export function checkBlock(c: UnitChecker, block: Block): Info {
  c.openScope();
  for (const statement of block.statements) checkStatement(c, statement);
  const value: Info = block.value ? c.checkAny(block.value) : { type: NONE };
  c.closeScope();
  return value;
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
      if (statement.value) checkReturned(c, statement.value);
      break;
    case "discard":
      c.checkAny(statement.value);
      break;
    case "import":
      c.error(statement.span, "import is not supported yet");
      break;
  }
}

/** Tests and benchmarks say by it how they went; nobody reads what other probes return. */
function checkReturned(c: UnitChecker, value: Expression): void {
  const { type } = readable(c.check(value));
  if (type.kind === "none" || isInteger(type) || type.kind === "bool") return;
  c.error(value.span, `A probe can only return a number ('${typeName(type)}' provided)`);
}

function checkExpressionStatement(c: UnitChecker, expression: Expression): void {
  c.checkAny(expression);
  const builtin =
    expression.kind === "call" || expression.kind === "identifier" ? BUILTINS.get(expression.name) : undefined;
  if (builtin?.pure) c.warning(expression.span, "Return value discarded.");
}

function checkIf(c: UnitChecker, statement: If): void {
  if (statement.comptime) {
    const info = c.check(statement.condition);
    if (info.constant === undefined) {
      c.error(statement.condition.span, "comptime: the condition is not known at compile time");
      return;
    }
    if (info.constant) checkBlock(c, statement.then);
    else if (statement.else) checkStatement(c, statement.else);
    return;
  }
  checkPredicate(c, statement.condition);
  checkBlock(c, statement.then);
  if (statement.else) checkStatement(c, statement.else);
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
    if (map.value && ["hist", "lhist", "stats"].includes(map.value.kind)) {
      c.error(statement.map.span, `Loop over a map of ${typeName(map.value)} is not supported`);
    }
    type = map.key && map.value ? { kind: "tuple", elements: [map.key, elementValue(map.value)] } : NONE;
  }
  refuseShadowing(c, statement.variable, statement.variableSpan);
  c.openScope();
  c.callbackDepth++;
  c.loopDepth++;
  const variable = c.declare(statement, statement.variable, statement.variableSpan, undefined);
  if (type.kind !== "none" && typeName(variable.type) !== typeName(type)) {
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
  c.error(span, `Variable ${name} was already declared. Variable shadowing is not allowed.`);
}

function checkDeclaration(c: UnitChecker, statement: VariableDeclaration): void {
  const before = c.scopes[c.scopes.length - 1].get(statement.name);
  const written = statement.type ? c.resolveType(statement.type) : undefined;
  const value = statement.value ? valueForVariable(c, statement.name, statement.value) : undefined;
  if (before ? c.unit.variables.get(statement) !== before : c.variable(statement.name)) {
    return refuseShadowing(c, statement.name, statement.nameSpan);
  }
  const variable = c.declare(statement, statement.name, statement.nameSpan, written);
  if (value) c.assign(variable, value, statement.value!.span);
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
    c.error(target.span, `Undefined or undeclared variable: ${target.name}`);
    return;
  }
  const variable = known ?? c.declare(target, target.name, target.span, undefined);
  c.unit.variables.set(target, variable);
  const info = statement.operator
    ? binaryType(c, statement.operator, { type: variable.type }, value, statement.span, statement.value.span)
    : value;
  c.assign(variable, info, statement.span);
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
      `A decimal number cannot be stored in ${name}: BPF has no floating point`,
      "decimals can be computed in the arguments of printf and print",
    );
    return undefined;
  }
  if (isAggregate(value.type) && !isCastable(value.type)) {
    c.error(e.span, `A value of type '${typeName(value.type)}' cannot be assigned to ${name}`);
    return undefined;
  }
  if (value.type.kind === "none" && mayBeVoid(e))
    c.script.unresolved.error(e.span, "Value 'none' cannot be assigned to a scratch variable");
  return readable(value);
}

function checkMapAssignment(c: UnitChecker, statement: Assignment, target: Expression & { kind: "map" }): void {
  const map = c.script.map(target.name, target.span);
  const key = target.key ? c.check(target.key).type : undefined;
  c.script.useKey(map, key, target.span);
  c.notePresence(map, key, target.span, true);
  map.assigned = true;
  const value = c.checkAssigned(statement.value);
  const aggregate = isAggregate(value.type);
  if (isAggregation(statement.value, value) && (statement.operator || statement.value.kind === "identifier")) {
    c.refuseAggregation(statement.value);
    return;
  }
  if (aggregate && statement.value.kind === "map") {
    if (!isCastable(value.type) || (map.value && isAggregate(map.value))) {
      c.error(
        statement.value.span,
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
}
