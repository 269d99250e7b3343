/** Maps with plain values: reading, writing, stepping, deleting. */
import { invariant } from "@beetrace/std";
import type { Assignment, CompoundOperator, Expression, MapAccess } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import { storageSize } from "../semantics/storage.ts";
import { INT64, isAggregate, isScalar, strideOf, type Type } from "../semantics/types.ts";
import { ALU_OPERATORS, arithmetic } from "./arithmetic.ts";
import type { KernelMap } from "./assembly.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressArgument, addressOf, convertScalar, readScalar, replaceValue, zero } from "./memory.ts";
import { type Place, scalar, type Value } from "./place.ts";

export const BPF_ANY = 0n;
export const BPF_NOEXIST = 1n;

/** The only element of a scalar map, in place. */
export function scalarElement(l: Lowerer, map: KernelMap): Place {
  return { base: l.b.address({ kind: "map-value", map: map.name, offset: 0 }), offset: 0, space: "bpf" };
}

/** Notes that a scalar map was written, so that it is printed. */
export function markPresent(l: Lowerer, map: KernelMap, element: Place): void {
  invariant(map.presentOffset !== undefined, "only scalar maps have the flag");
  l.b.store(element.base, element.offset + map.presentOffset, 8, 1n);
}

/** Whether the map is an array of one element. */
export function isScalarMap(map: KernelMap): boolean {
  return map.presentOffset !== undefined;
}

/** The key of an access in memory. A declared map without keys is a hash with the key 0. */
export function keyPlace(l: Lowerer, map: KernelMap, key: Expression | undefined): Place {
  invariant(map.key, `${map.name} has keys`);
  const place = l.temp(map.spec.keySize);
  if (key) l.into(key, map.key, place);
  else l.b.store(place.base, place.offset, 8, 0n);
  return place;
}

/** The address of an element, or 0 when there is none: the verifier wants that ruled out before it is used. */
export function lookup(l: Lowerer, map: KernelMap, key: Place): Reg {
  return l.b.call("map_lookup_elem", { kind: "map", map: map.name }, addressArgument(l, key));
}

/** Reads an element; one that is missing reads as zero and is not made. */
export function readMap(l: Lowerer, map: KernelMap, e: MapAccess): Value {
  l.assembly.markWorking(map);
  if (isScalarMap(map)) return elementValue(l, scalarElement(l, map), map.value);
  const found = lookup(l, map, keyPlace(l, map, e.key));
  return valueOrZero(l, found, map.value, () => l.countMissing(map.info.name));
}

/** The value that a lookup gave a pointer to, or zero, after `onMissing`. */
export function valueOrZero(l: Lowerer, found: Reg, type: Type, onMissing: () => void = () => {}): Value {
  const there = l.b.block();
  const missing = l.b.block();
  const after = l.b.block();
  const result = l.b.reg();
  l.b.branch("ne", found, 0n, there, missing);
  l.b.enter(there);
  if (isScalar(type)) l.b.copy(readScalar(l, { base: found, offset: 0, space: "bpf" }, type), result);
  else l.b.copy(found, result);
  l.b.jump(after);
  l.b.enter(missing);
  onMissing();
  if (isScalar(type)) l.b.copy(0n, result);
  else {
    const empty = l.temp(storageSize(type));
    zero(l, empty, storageSize(type));
    l.b.copy(addressOf(l, empty), result);
  }
  l.b.jump(after);
  l.b.enter(after);
  return isScalar(type) ? scalar(result) : { kind: "place", place: { base: result, offset: 0, space: "bpf" } };
}

function elementValue(l: Lowerer, element: Place, type: Type): Value {
  return isScalar(type) ? scalar(readScalar(l, element, type)) : { kind: "place", place: element };
}

/** `@x = v`, `@x[k] = v` and their compound forms. */
export function assignMap(l: Lowerer, statement: Assignment, target: MapAccess): void {
  const map = l.assembly.map(target.name);
  if (statement.operator) return compound(l, map, statement, target, statement.operator);
  if (isScalarMap(map)) {
    const value = isScalar(map.value) ? l.scalar(statement.value) : undefined;
    const element = scalarElement(l, map);
    if (value !== undefined)
      l.store(element, map.value, convertScalar(l, value, readType(l, statement.value), map.value));
    else replaceValue(l, statement.value, map.value, element);
    markPresent(l, map, element);
    return;
  }
  const value = l.stored(statement.value, map.value);
  const key = keyPlace(l, map, target.key);
  update(l, map, key, value, statement.span, BPF_ANY);
}

function readType(l: Lowerer, e: Expression): Type {
  const type = l.type(e);
  return isAggregate(type) ? INT64 : type;
}

/** bpf_map_update_elem; a failure is counted. Gives the helper's result. */
export function update(
  l: Lowerer,
  map: KernelMap,
  key: Place,
  value: Place,
  span: Expression["span"],
  flags: bigint,
): Reg {
  const result = l.b.call(
    "map_update_elem",
    { kind: "map", map: map.name },
    addressArgument(l, key),
    addressArgument(l, value),
    flags,
  );
  if (flags === BPF_ANY) countUpdateFailure(l, map, result, span);
  return result;
}

function countUpdateFailure(l: Lowerer, map: KernelMap, result: Operand, span: Expression["span"]): void {
  l.onFailure(result, () =>
    l.count({ kind: "map-update", helper: "map_update_elem", map: map.info.name, at: span }, result),
  );
}

function compound(
  l: Lowerer,
  map: KernelMap,
  statement: Assignment,
  target: MapAccess,
  operator: CompoundOperator,
): void {
  const operand = l.scalar(statement.value);
  const valueType = readType(l, statement.value);
  const additive = (operator === "+" || operator === "-") && isWord(map.value);
  if (additive) {
    const change = map.value.kind === "pointer" ? l.b.alu("mul", operand, BigInt(strideOf(map.value.to))) : operand;
    addTo(l, map, target, operator === "+" ? change : l.b.neg(change), statement.span, false);
    return;
  }
  changeElement(l, map, target, statement.span, (before) =>
    convertScalar(
      l,
      arithmetic(l, ALU_OPERATORS[operator], before, operand, map.value, valueType, statement),
      INT64,
      map.value,
    ),
  );
}

/** Eight bytes wide: what an atomic addition takes. */
function isWord(type: Type): boolean {
  return (type.kind === "int" && type.bits === 64) || type.kind === "pointer";
}

/** Reads an element, changes it and writes it back: not atomic, for the operators that BPF has no atomic form of. */
function changeElement(
  l: Lowerer,
  map: KernelMap,
  target: MapAccess,
  span: Expression["span"],
  change: (before: Operand) => Operand,
): { readonly before: Operand; readonly after: Operand } {
  if (isScalarMap(map)) {
    const element = scalarElement(l, map);
    const before = readScalar(l, element, map.value);
    const after = change(before);
    l.store(element, map.value, after);
    markPresent(l, map, element);
    return { before, after };
  }
  const key = keyPlace(l, map, target.key);
  const found = valueOrZero(l, lookup(l, map, key), map.value);
  invariant(found.kind === "scalar", "only numbers are changed");
  const after = change(found.operand);
  const place = l.temp(8);
  l.store(place, map.value, after);
  update(l, map, key, place, span, BPF_ANY);
  return { before: found.operand, after };
}

/** Adds to an element atomically; a missing one is made first. Gives the value before, if asked. */
function addTo(
  l: Lowerer,
  map: KernelMap,
  target: MapAccess,
  change: Operand,
  span: Expression["span"],
  fetch: boolean,
): Operand {
  if (isScalarMap(map)) {
    const element = scalarElement(l, map);
    const before = l.b.atomicAdd(element.base, element.offset, 8, change, fetch);
    markPresent(l, map, element);
    return before ?? 0n;
  }
  const key = keyPlace(l, map, target.key);
  const result = l.b.copy(0n);
  const there = l.b.block();
  const missing = l.b.block();
  const after = l.b.block();
  const add = (found: Reg) => {
    const before = l.b.atomicAdd(found, 0, 8, change, fetch);
    if (before !== undefined) l.b.copy(before, result);
  };
  const found = lookup(l, map, key);
  l.b.branch("ne", found, 0n, there, missing);
  l.b.enter(there);
  add(found);
  l.b.jump(after);
  l.b.enter(missing);
  const fresh = l.temp(8);
  l.b.store(fresh.base, fresh.offset, 8, change);
  const made = update(l, map, key, fresh, span, BPF_NOEXIST);
  addAgain(l, map, key, made, span, add);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

/** Another CPU made the element between our look and our update: add to theirs. */
export function addAgain(
  l: Lowerer,
  map: KernelMap,
  key: Place,
  made: Operand,
  span: Expression["span"],
  add: (found: Reg) => void,
): void {
  l.onFailure(made, () => {
    const found = lookup(l, map, key);
    const there = l.b.block();
    const missing = l.b.block();
    const after = l.b.block();
    l.b.branch("ne", found, 0n, there, missing);
    l.b.enter(there);
    add(found);
    l.b.jump(after);
    l.b.enter(missing);
    l.count({ kind: "map-update", helper: "map_update_elem", map: map.info.name, at: span }, made);
    l.b.jump(after);
    l.b.enter(after);
  });
}

/** `@x++` and its like. */
export function stepMap(l: Lowerer, map: KernelMap, target: MapAccess, e: Expression & { kind: "step" }): Value {
  const stride = map.value.kind === "pointer" ? BigInt(strideOf(map.value.to)) : 1n;
  const change = e.operator === "++" ? stride : -stride;
  if (!isWord(map.value)) {
    const changed = changeElement(l, map, target, e.span, (value) =>
      convertScalar(l, l.b.add(value, change), INT64, map.value),
    );
    return scalar(e.prefix ? changed.after : changed.before);
  }
  const before = addTo(l, map, target, change, e.span, true);
  return scalar(e.prefix ? l.b.add(before, change) : before);
}

/** `delete(@x, k)`; gives whether there was such a key. That there was none is counted where nobody asks. */
export function deleteKey(l: Lowerer, map: KernelMap, key: Expression | undefined, isAsked: boolean): Value {
  if (!isAggregate(map.value)) l.assembly.markWorking(map);
  if (isScalarMap(map)) {
    const element = scalarElement(l, map);
    const was = l.b.load(element.base, element.offset + map.presentOffset!, 8);
    zero(l, element, map.presentOffset! + 8);
    return scalar(was);
  }
  const result = l.b.call("map_delete_elem", { kind: "map", map: map.name }, addressArgument(l, keyPlace(l, map, key)));
  const deleted = l.b.copy(1n);
  l.onFailure(result, () => {
    l.b.copy(0n, deleted);
    if (!isAsked) l.countFailure("map_delete_elem", result);
  });
  return scalar(deleted);
}
