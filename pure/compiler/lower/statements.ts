import { invariant } from "@beetrace/std";
import type { Assignment, Block, Expression, If, MapAccess, Return, Statement } from "../ast.ts";
import { storageSize } from "../semantics/storage.ts";
import { INT64, isAggregate, isScalar } from "../semantics/types.ts";
import { aggregate } from "./aggregates.ts";
import { ALU_OPERATORS, arithmetic } from "./arithmetic.ts";
import { lowerCondition } from "./conditions.ts";
import { lowerForMap, lowerForRange } from "./loops.ts";
import type { Lowerer } from "./lowerer.ts";
import { assignMap } from "./maps.ts";
import { convertScalar, readScalar, replaceValue, zero } from "./memory.ts";
import { NO_VALUE, type Value } from "./place.ts";
import { printsThatClear } from "./print-and-clear.ts";

/** A block for its effects: the value of a last expression is computed and dropped. */
export function lowerBlock(l: Lowerer, block: Block): void {
  l.noteTaken(printsThatClear(block));
  for (const statement of block.statements) lowerStatement(l, statement);
  if (block.value) l.value(block.value);
}

/** A block whose last expression is its value. */
export function lowerBlockValue(l: Lowerer, block: Block): Value {
  l.noteTaken(printsThatClear(block));
  for (const statement of block.statements) lowerStatement(l, statement);
  return block.value ? l.value(block.value) : NO_VALUE;
}

function lowerStatement(l: Lowerer, statement: Statement): void {
  if (l.b.ended) return;
  l.at(statement.span);
  switch (statement.kind) {
    case "block":
      return lowerBlock(l, statement);
    case "expression-statement":
      if (l.type(statement.expression).kind === "none" || isEffect(statement.expression))
        l.effect(statement.expression);
      return;
    case "assignment":
      return lowerAssignment(l, statement);
    case "let": {
      const variable = l.unit.variables.get(statement);
      invariant(variable, "a declaration declares");
      if (variable.type.kind === "none") return;
      if (statement.value) return assignVariable(l, statement, statement.value);
      return clearVariable(l, statement);
    }
    case "if":
      return lowerIf(l, statement);
    case "while":
      return lowerWhile(l, statement);
    case "unroll":
      return lowerUnroll(l, statement);
    case "for-range":
      return lowerForRange(l, statement);
    case "for-map":
      return lowerForMap(l, statement);
    case "break":
      l.loops[l.loops.length - 1].onBreak();
      return l.b.enter(l.b.block());
    case "continue":
      l.loops[l.loops.length - 1].onContinue();
      return l.b.enter(l.b.block());
    case "return":
      return lowerReturn(l, statement);
    case "discard":
      l.value(statement.value);
      return;
    case "import":
      invariant(false, "imports are refused by the checker");
  }
}

/** A function's value goes into its result; what a probe returns is computed, and given where somebody reads it. */
function lowerReturn(l: Lowerer, statement: Return): void {
  const { value } = statement;
  if (value && l.unit.variables.has(statement)) {
    assignVariable(l, statement, value);
    l.onReturn();
  } else {
    const given = value && l.scalar(value);
    l.onReturn(l.unit.context.returnsValue ? given : undefined);
  }
  l.b.enter(l.b.block());
}

function isEffect(
  e: Statement & { kind: "expression-statement" } extends { expression: infer E } ? E : never,
): boolean {
  return (
    e.kind === "call" ||
    e.kind === "step" ||
    e.kind === "conditional" ||
    e.kind === "block-expression" ||
    e.kind === "if-expression" ||
    e.kind === "identifier" ||
    e.kind === "inline-call"
  );
}

function lowerAssignment(l: Lowerer, statement: Assignment): void {
  const { target, value } = statement;
  if (target.kind === "map") {
    return isAggregate(l.type(value)) && !statement.operator
      ? assignAggregate(l, statement, value, target)
      : assignMap(l, statement, target);
  }
  if (!statement.operator) return assignVariable(l, target, value);
  const variable = l.unit.variables.get(target);
  invariant(variable, "the variable is known");
  const home = l.home(variable);
  const operand = l.scalar(value);
  const before = home.kind === "reg" ? home.reg : readScalar(l, home.place, variable.type);
  const type = l.type(value);
  const result = arithmetic(
    l,
    ALU_OPERATORS[statement.operator],
    before,
    operand,
    variable.type,
    isAggregate(type) ? INT64 : type,
    statement,
  );
  const converted = convertScalar(l, result, INT64, variable.type);
  if (home.kind === "reg") l.b.copy(converted, home.reg);
  else l.store(home.place, variable.type, converted);
}

/** `@x = count()`, `@x = { …; count() }`, or the number that another map's aggregate stands for. */
function assignAggregate(l: Lowerer, statement: Assignment, value: Expression, target: MapAccess): void {
  if (value.kind === "call") return aggregate(l, value, target);
  if (value.kind !== "block-expression" || !value.block.value) return assignMap(l, { ...statement, value }, target);
  for (const each of value.block.statements) lowerStatement(l, each);
  assignAggregate(l, statement, value.block.value, target);
}

/** Sets the variable that `node` declares or names. */
export function assignVariable(l: Lowerer, node: object, value: Assignment["value"]): void {
  const variable = l.unit.variables.get(node);
  invariant(variable, "the variable is known");
  const { type } = variable;
  const home = l.home(variable);
  if (!isScalar(type)) {
    invariant(home.kind === "place", "a large value is in memory");
    return replaceValue(l, value, type, home.place);
  }
  const own = l.type(value);
  const operand = convertScalar(l, l.scalar(value), isAggregate(own) ? INT64 : own, type);
  if (home.kind === "reg") l.b.copy(operand, home.reg);
  else l.store(home.place, type, operand);
}

/** Sets the variable that `node` declares to zero. */
export function clearVariable(l: Lowerer, node: object): void {
  const variable = l.unit.variables.get(node)!;
  const home = l.home(variable);
  if (home.kind === "reg") l.b.copy(0n, home.reg);
  else zero(l, home.place, storageSize(variable.type));
}

function lowerIf(l: Lowerer, statement: If): void {
  if (statement.comptime) {
    const arm = takenArm(l, statement);
    if (arm) lowerStatement(l, arm);
    return;
  }
  const then = l.b.block();
  const after = l.b.block();
  const otherwise = statement.else ? l.b.block() : after;
  lowerCondition(l, statement.condition, then, otherwise);
  l.b.enter(then);
  lowerBlock(l, statement.then);
  l.b.jump(after);
  if (statement.else) {
    l.b.enter(otherwise);
    lowerStatement(l, statement.else);
    l.b.jump(after);
  }
  l.b.enter(after);
}

/** The arm of an `if comptime` that there is code for. */
export function takenArm(l: Lowerer, { condition, then, else: otherwise }: If): Block | If | undefined {
  return l.info(condition).constant ? then : otherwise;
}

function lowerWhile(l: Lowerer, statement: Statement & { kind: "while" }): void {
  const condition = l.b.block();
  const body = l.b.block();
  const after = l.b.block();
  l.b.jump(condition);
  l.b.enter(condition);
  lowerCondition(l, statement.condition, body, after);
  l.b.enter(body);
  l.loops.push({ onBreak: () => l.b.jump(after), onContinue: () => l.b.jump(condition) });
  lowerBlock(l, statement.body);
  l.loops.pop();
  l.b.jump(condition);
  l.b.enter(after);
}

function lowerUnroll(l: Lowerer, statement: Statement & { kind: "unroll" }): void {
  const count = l.info(statement.count).constant;
  invariant(typeof count === "bigint", "the count is known");
  const after = l.b.block();
  for (let turn = 0n; turn < count; turn++) {
    const next = l.b.block();
    l.loops.push({ onBreak: () => l.b.jump(after), onContinue: () => l.b.jump(next) });
    lowerBlock(l, statement.body);
    l.loops.pop();
    l.b.jump(next);
    l.b.enter(next);
  }
  l.b.jump(after);
  l.b.enter(after);
}
