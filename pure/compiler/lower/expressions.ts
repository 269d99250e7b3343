/** Values of expressions. */
import { invariant } from "@beetrace/std";
import type { Binary, Block, CompoundOperator, Conditional, Expression, FieldAccess, If, IndexAccess } from "../ast.ts";
import type { Use } from "../builtins/builtin.ts";
import { BUILTINS } from "../builtins/index.ts";
import { kernelFunction } from "../builtins/kernel-functions.ts";
import { typeFields } from "../check/type-operators.ts";
import type { AluOperator, Operand } from "../ir/ir.ts";
import { findField } from "../semantics/c-types.ts";
import { storageSize } from "../semantics/storage.ts";
import { INT64, isAggregate, isScalar, type StructType, strideOf, type Type, UINT64 } from "../semantics/types.ts";
import { isMerged, readAggregate } from "./aggregates.ts";
import { loadArgument } from "./arguments.ts";
import { ALU_OPERATORS, arithmetic } from "./arithmetic.ts";
import { lowerCondition } from "./conditions.ts";
import { inlineCallValue } from "./inline-calls.ts";
import { asNumber, pointee } from "./kernel-memory.ts";
import type { Lowerer } from "./lowerer.ts";
import { readMap, stepMap } from "./maps.ts";
import { addressOf, convertPlace, convertScalar, hasPadding, parts, readScalar, zero } from "./memory.ts";
import { NO_VALUE, type Place, scalar, shifted, type Value } from "./place.ts";
import { takenArm } from "./statements.ts";
import { writeProbeName, writeText } from "./strings.ts";

/** The value of an expression: in a register, or where it lies in memory. */
export function lowerValue(l: Lowerer, e: Expression): Value {
  const info = l.info(e);
  l.at(e.span);
  const { constant } = info;
  if (typeof constant === "bigint") return scalar(constant);
  if (typeof constant === "boolean") return scalar(constant ? 1n : 0n);
  if (typeof constant === "string") return inTemp(l, e, info.type);
  switch (e.kind) {
    case "variable":
      return variableValue(l, e);
    case "map":
      return mapValue(l, e);
    case "identifier":
    case "call":
      return builtinValue(l, e);
    case "unary":
      return unaryValue(l, e);
    case "step":
      return stepValue(l, e);
    case "binary":
      return binaryValue(l, e);
    case "conditional":
      return chosenValue(l, e, e, info.type);
    case "if-expression":
      return e.if.comptime ? armValue(l, e, takenArm(l, e.if), info.type) : chosenValue(l, e, e.if, info.type);
    case "inline-call":
      return inlineCallValue(l, e);
    case "typeinfo":
      return inTemp(l, e, info.type);
    case "field":
      return fieldValue(l, e);
    case "index":
      return indexValue(l, e);
    case "cast":
      return castValue(l, e);
    case "tuple":
    case "record":
      return inTemp(l, e, info.type);
    case "block-expression":
      return l.block(e.block);
    case "comptime":
      return lowerValue(l, e.operand);
    default:
      invariant(false, `no value for ${e.kind}`);
  }
}

function inTemp(l: Lowerer, e: Expression, type: Type): Value {
  const place = l.temp(storageSize(type));
  lowerInto(l, e, type, place);
  return { kind: "place", place };
}

/** Writes the value of `e`, as one of `type`, to this program's memory. */
export function lowerInto(l: Lowerer, e: Expression, type: Type, to: Place): void {
  const own = l.type(e);
  const { constant } = l.info(e);
  if (isAggregate(own)) {
    l.store(to, type, convertScalar(l, l.scalar(e), INT64, type));
    return;
  }
  if (typeof constant === "string") return writeText(l, constant, type, to);
  if (own.kind === "probe" && type.kind === "string") return writeProbeName(l, l.scalar(e), type, to);
  if (isScalar(own)) {
    const operand = l.scalar(e);
    l.at(e.span);
    return l.store(to, type, convertScalar(l, operand, own, type));
  }
  l.at(e.span);
  switch (e.kind) {
    case "tuple":
    case "record":
      return writeParts(l, e, type, to);
    case "identifier":
    case "call": {
      const builtin = BUILTINS.get(e.name);
      if (builtin?.lowerInto) return builtin.lowerInto(useOf(e), l, to, type);
      break;
    }
    case "conditional":
      return chooseInto(l, e, type, to);
    case "if-expression":
      return e.if.comptime ? armInto(l, takenArm(l, e.if), type, to) : chooseInto(l, e.if, type, to);
    case "typeinfo":
      return writeTypeInfo(l, e, type, to);
    case "block-expression":
      return blockInto(l, e.block, type, to);
    case "cast":
      if (type.kind === "array" && isScalar(l.type(e.operand))) {
        return writeBytes(l, l.scalar(e.operand), storageSize(type), to);
      }
      break;
  }
  const value = lowerValue(l, e);
  invariant(value.kind === "place", `${e.kind} is not in memory`);
  convertPlace(l, value.place, own, type, to);
}

/** The low bytes of an integer, lowest first. */
function writeBytes(l: Lowerer, operand: Operand, sizeBytes: number, to: Place): void {
  let offset = 0;
  for (const step of [8, 4, 2, 1] as const) {
    if ((sizeBytes & step) === 0) continue;
    const rest = offset === 0 ? operand : l.b.alu("rsh", operand, BigInt(offset * 8));
    l.b.store(to.base, to.offset + offset, step, rest);
    offset += step;
  }
}

function writeParts(l: Lowerer, e: Expression & { kind: "tuple" | "record" }, type: Type, to: Place): void {
  const layout = parts(type);
  invariant(layout, "a tuple has parts");
  if (hasPadding(type)) zero(l, to, storageSize(type));
  const values =
    e.kind === "tuple"
      ? e.elements.map((value, index) => [String(index), value] as const)
      : e.fields.map((field) => [field.name, field.value] as const);
  for (const [name, value] of values) {
    const part = layout.get(name)!;
    lowerInto(l, value, part.type, shifted(to, part.offset));
  }
}

/** An identifier or call in the form that the rules of builtins take. */
export function useOf(e: Expression & { kind: "identifier" | "call" }): Use {
  return { node: e, name: e.name, args: e.kind === "call" ? e.args : [], span: e.span };
}

function variableValue(l: Lowerer, e: Expression & { kind: "variable" }): Value {
  const variable = l.unit.variables.get(e);
  invariant(variable, `${e.name} was not resolved`);
  const home = l.home(variable);
  // A copy: what stands to the right may change the variable before this value is used.
  if (home.kind === "reg") return scalar(l.b.copy(home.reg));
  if (isScalar(variable.type)) return scalar(readScalar(l, home.place, variable.type));
  return { kind: "place", place: home.place };
}

function mapValue(l: Lowerer, e: Expression & { kind: "map" }): Value {
  const map = l.assembly.map(e.name);
  if (isMerged(map)) return scalar(readAggregate(l, map, e));
  return readMap(l, map, e);
}

function builtinValue(l: Lowerer, e: Expression & { kind: "identifier" | "call" }): Value {
  const builtin = BUILTINS.get(e.name);
  if (!builtin && e.kind === "identifier") {
    const define = l.assembly.checker.defines.get(e.name);
    if (define) return lowerValue(l, define);
    const index = Number(/^arg(\d+)$/.exec(e.name)?.[1]);
    return loadArgument(l, l.unit.context.positional![index]);
  }
  const { lower } = builtin ?? kernelFunction;
  return lower ? lower(useOf(e), l) : inTemp(l, e, l.type(e));
}

// ---------------------------------------------------------------- operators

function unaryValue(l: Lowerer, e: Expression & { kind: "unary" }): Value {
  switch (e.operator) {
    case "!":
      return conditionValue(l, e);
    case "-":
      return scalar(l.b.neg(l.scalar(e.operand)));
    case "~":
      return scalar(l.b.alu("xor", l.scalar(e.operand), -1n));
    case "+":
      return lowerValue(l, e.operand);
    case "*":
      return dereferenced(l, e);
    case "&":
      return scalar(addressOfExpression(l, e.operand));
  }
}

function dereferenced(l: Lowerer, e: Expression & { kind: "unary" }): Value {
  const pointer = l.type(e.operand);
  invariant(pointer.kind === "pointer", "only pointers point to something");
  return atPlace(l, pointee(l, pointer, l.scalar(e.operand)), l.type(e));
}

/** A value that lies at a place: loaded, if it is a scalar. */
function atPlace(l: Lowerer, place: Place, type: Type): Value {
  return isScalar(type) ? scalar(readScalar(l, place, type)) : { kind: "place", place };
}

function addressOfExpression(l: Lowerer, e: Expression): Operand {
  if (e.kind === "variable") {
    const home = l.home(l.unit.variables.get(e)!);
    invariant(home.kind === "place", "a variable whose address is taken is in memory");
    return addressOf(l, home.place);
  }
  const place = placeOf(l, e);
  invariant(place, "only fields and elements have addresses");
  return addressOf(l, place);
}

function stepValue(l: Lowerer, e: Expression & { kind: "step" }): Value {
  if (e.operand.kind === "map") return stepMap(l, l.assembly.map(e.operand.name), e.operand, e);
  invariant(e.operand.kind === "variable", "only maps and variables are stepped");
  const variable = l.unit.variables.get(e.operand)!;
  const home = l.home(variable);
  const by = variable.type.kind === "pointer" ? BigInt(strideOf(variable.type.to)) : 1n;
  const before = home.kind === "reg" ? l.b.copy(home.reg) : readScalar(l, home.place, variable.type);
  const sum = l.b.alu(e.operator === "++" ? "add" : "sub", before, by);
  const after = convertScalar(l, sum, INT64, variable.type);
  if (home.kind === "reg") l.b.copy(after, home.reg);
  else l.store(home.place, variable.type, after);
  return scalar(e.prefix ? after : before);
}

function binaryValue(l: Lowerer, e: Binary): Value {
  const alu: AluOperator | undefined = ALU_OPERATORS[e.operator as CompoundOperator];
  if (!alu) return conditionValue(l, e);
  const left = l.scalar(e.left);
  const right = l.scalar(e.right);
  l.at(e.operatorSpan);
  return scalar(arithmetic(l, alu, left, right, l.type(e.left), l.type(e.right), e));
}

/** A truth value in a register. */
function conditionValue(l: Lowerer, e: Expression): Value {
  const result = l.b.reg();
  const yes = l.b.block();
  const no = l.b.block();
  const after = l.b.block();
  lowerCondition(l, e, yes, no);
  l.b.enter(yes);
  l.b.copy(1n, result);
  l.b.jump(after);
  l.b.enter(no);
  l.b.copy(0n, result);
  l.b.jump(after);
  l.b.enter(after);
  return scalar(result);
}

// ---------------------------------------------------------------- choices

/** `c ? a : b`, or an `if` whose arms have values; an `else if` is one within. */
type Choice = Conditional | If;

/** What stands in one arm of a choice. */
type Arm = Expression | Block | If | undefined;

/** Runs one of two arms; `run` writes the value of an arm where both leave it. */
function choose(l: Lowerer, choice: Choice, run: (arm: Arm) => void): void {
  const then = l.b.block();
  const otherwise = l.b.block();
  const after = l.b.block();
  lowerCondition(l, choice.condition, then, otherwise);
  l.b.enter(then);
  run(choice.then ?? choice.condition);
  l.b.jump(after);
  l.b.enter(otherwise);
  run(choice.else);
  l.b.jump(after);
  l.b.enter(after);
}

function chosenValue(l: Lowerer, e: Expression, choice: Choice, type: Type): Value {
  if (type.kind === "none") {
    choose(l, choice, (arm) => armValue(l, e, arm, type));
    return NO_VALUE;
  }
  if (!isScalar(type)) return inTemp(l, e, type);
  const result = l.b.reg();
  choose(l, choice, (arm) => {
    const given = armValue(l, e, arm, type);
    if (l.b.ended) return;
    invariant(given.kind === "scalar", "both arms are scalars");
    l.b.copy(given.operand, result);
  });
  return scalar(result);
}

function armValue(l: Lowerer, e: Expression, arm: Arm, type: Type): Value {
  if (!arm) return NO_VALUE;
  if (arm.kind === "block") return l.block(arm);
  if (arm.kind !== "if") return lowerValue(l, arm);
  return arm.comptime ? armValue(l, e, takenArm(l, arm), type) : chosenValue(l, e, arm, type);
}

function chooseInto(l: Lowerer, choice: Choice, type: Type, to: Place): void {
  choose(l, choice, (arm) => armInto(l, arm, type, to));
}

function armInto(l: Lowerer, arm: Arm, type: Type, to: Place): void {
  invariant(arm, "an arm with a value");
  if (arm.kind === "block") blockInto(l, arm, type, to);
  else if (arm.kind !== "if") lowerInto(l, arm, type, to);
  else if (arm.comptime) armInto(l, takenArm(l, arm), type, to);
  else chooseInto(l, arm, type, to);
}

function writeTypeInfo(l: Lowerer, e: Expression & { kind: "typeinfo" | "typeof" }, type: Type, to: Place): void {
  for (const [name, text] of typeFields(l.type(e.operand))) {
    const part = parts(type)!.get(name)!;
    writeText(l, text, part.type, shifted(to, part.offset));
  }
}

function blockInto(l: Lowerer, block: Block, type: Type, to: Place): void {
  l.block({ kind: "block", statements: block.statements, span: block.span });
  invariant(block.value, "the block has a value");
  lowerInto(l, block.value, type, to);
}

// ---------------------------------------------------------------- parts of values

function fieldValue(l: Lowerer, e: FieldAccess): Value {
  if (isArgs(e.object)) {
    const field = l.unit.context.args!.find((candidate) => candidate.name === e.field)!;
    return loadArgument(l, field);
  }
  const field = structField(l, e);
  const place = placeOf(l, e);
  invariant(place, "a field has a place");
  if (!field?.bitfield) return atPlace(l, place, l.type(e));
  const { shift, width } = field.bitfield;
  const word = readScalar(l, place, UNSIGNED[storageSize(field.type)]);
  const up = l.b.alu("lsh", word, BigInt(64 - shift - width));
  const signed = field.type.kind === "int" && field.type.signed;
  return scalar(l.b.alu(signed ? "arsh" : "rsh", up, BigInt(64 - width)));
}

const UNSIGNED: Readonly<Record<number, Type>> = {
  1: { kind: "int", bits: 8, signed: false },
  2: { kind: "int", bits: 16, signed: false },
  4: { kind: "int", bits: 32, signed: false },
  8: UINT64,
};

/** Whether an expression is the builtin `args`, which has no place in memory: its fields are loaded one by one. */
export function isArgs(e: Expression): boolean {
  return e.kind === "identifier" && e.name === "args";
}

function structField(l: Lowerer, e: FieldAccess) {
  const object = l.type(e.object);
  const struct = object.kind === "pointer" ? object.to : object;
  return struct.kind === "struct" ? findField(struct as StructType, e.field) : undefined;
}

/** Where a field or an element lies. */
function placeOf(l: Lowerer, e: Expression): Place | undefined {
  if (e.kind === "field") {
    if (isArgs(e.object)) return undefined;
    const outer = objectPlace(l, e.object);
    const field = structField(l, e);
    if (field) return shifted(outer, field.offsetBytes);
    const part = parts(l.type(e.object))?.get(e.field);
    return part && shifted(outer, part.offset);
  }
  return e.kind === "index" ? elementPlace(l, e) : undefined;
}

/** The struct, tuple or array that something is a part of: where a pointer points, or where a value lies. */
function objectPlace(l: Lowerer, object: Expression): Place {
  const type = l.type(object);
  if (type.kind === "pointer") return pointee(l, type, l.scalar(object));
  if (object.kind === "field" || object.kind === "index") {
    const place = placeOf(l, object);
    if (place) return place;
  }
  const value = l.value(object);
  invariant(value.kind === "place", `${object.kind} has no place`);
  return value.place;
}

function elementPlace(l: Lowerer, e: IndexAccess): Place | undefined {
  const object = l.type(e.object);
  const outer = objectPlace(l, e.object);
  const index = l.scalar(e.index);
  if (object.kind === "tuple") {
    const part = parts(object)!.get(String(index));
    return part && shifted(outer, part.offset);
  }
  const element = l.type(e);
  const stride = object.kind === "string" ? 1 : storageStride(object, element);
  const unseen = outer.space === "trusted" ? "kernel" : outer.space;
  if (typeof index === "bigint") {
    const element = shifted(outer, Number(index) * stride);
    return object.kind === "array" && object.count === 0 ? { ...element, space: unseen } : element;
  }
  const count = object.kind === "array" ? object.count : object.kind === "string" ? object.size : 0;
  let bounded: Operand = index;
  if (count > 0) {
    // Out of bounds is counted, and the first element is read instead: the verifier wants a bound in any case.
    const inside = l.b.copy(index);
    const beyond = l.b.block();
    const after = l.b.block();
    l.b.branch("ge", inside, BigInt(count), beyond, after);
    l.b.enter(beyond);
    l.count({ kind: "bounds", at: e.span });
    l.b.copy(0n, inside);
    l.b.jump(after);
    l.b.enter(after);
    bounded = inside;
  }
  const base = l.b.add(addressOf(l, outer), l.b.alu("mul", bounded, BigInt(stride)));
  return { base, offset: 0, space: unseen };
}

function indexValue(l: Lowerer, e: IndexAccess): Value {
  const place = elementPlace(l, e);
  invariant(place, "an element has a place");
  return atPlace(l, place, l.type(e));
}

function storageStride(object: Type, element: Type): number {
  return object.kind === "pointer"
    ? strideOf(object.to)
    : object.kind === "array"
      ? strideOf(object.of)
      : storageSize(element);
}

function castValue(l: Lowerer, e: Expression & { kind: "cast" }): Value {
  const to = l.type(e);
  const from = l.type(e.operand);
  if (from.kind === "string" && to.kind === "bool") {
    const value = lowerValue(l, e.operand);
    invariant(value.kind === "place", "a string is in memory");
    return scalar(convertScalar(l, l.b.load(value.place.base, value.place.offset, 1), UINT64, to));
  }
  if (isScalar(to)) {
    if (isScalar(from) || isAggregate(from)) {
      const source = isAggregate(from) ? INT64 : from;
      const value = l.scalar(e.operand);
      const isTyped = from.kind === "pointer" && from.space === "trusted" && l.options.kernelReads === "helper";
      return scalar(convertScalar(l, isTyped ? asNumber(l, value) : value, source, to));
    }
    const value = lowerValue(l, e.operand);
    invariant(value.kind === "place", "an array is in memory");
    return scalar(readScalar(l, value.place, to));
  }
  if (isScalar(from)) return inTemp(l, e, to);
  if (to.kind === "array" || storageSize(from) === storageSize(to)) return lowerValue(l, e.operand);
  const place = l.temp(storageSize(to));
  lowerInto(l, e.operand, to, place);
  return { kind: "place", place };
}
