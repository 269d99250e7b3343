/** Aggregates: each CPU has its own value, which is merged when it is read. */
import { invariant } from "@beetrace/std";
import type { Call, Expression, MapAccess } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import { type AggregateType, INT64, isAggregate, isInteger, type Type } from "../semantics/types.ts";
import { bucketCount, type KernelMap } from "./assembly.ts";
import { addBucket, histBucket, lhistBucket } from "./histograms.ts";
import type { Lowerer } from "./lowerer.ts";
import { deleteKey, isScalarMap, keyPlace } from "./maps.ts";
import { addressArgument, convertScalar, readScalar, zero } from "./memory.ts";
import { bucketKey, mergeOrMake, perCpuElement, repeat } from "./per-cpu.ts";
import { type Place, scalar, type Value } from "./place.ts";
import { addToInterval } from "./time-series.ts";

/** `@x[k] = count()` and the other aggregations. */
export function aggregate(l: Lowerer, call: Call, target: MapAccess): void {
  const map = l.assembly.map(target.name);
  const type = map.value as AggregateType;
  const argument = call.args[0];
  // The key comes before the value.
  const key = isScalarMap(map) || !map.key ? undefined : keyPlace(l, map, target.key);
  const value = argument && argument.kind !== "type-name" ? l.scalar(argument) : 0n;
  l.at(call.span);
  if (type.kind === "tseries") return addToInterval(l, map, type, key, value, call.span);
  if (type.kind === "hist" || type.kind === "lhist") {
    const bucket = type.kind === "hist" ? histBucket(l, value, type.bits) : lhistBucket(l, value, type);
    return addBucket(l, map, key, bucket, call.span);
  }
  if (key === undefined) {
    const element = perCpuElement(l, map);
    merge(l, type, element, value);
    l.b.store(element, map.presentOffset!, 8, 1n);
    return;
  }
  mergeOrMake(
    l,
    map,
    key,
    call.span,
    (found) => merge(l, type, found, value),
    (fresh) => initial(l, type, fresh, value),
  );
}

/**
 * Counts and sums are added atomically: a program of a uprobe can be preempted, and one in an interrupt can come
 * between, on the same CPU.
 */
function merge(l: Lowerer, type: AggregateType, found: Reg, value: Operand): void {
  switch (type.kind) {
    case "count":
      l.b.atomicAdd(found, 0, 8, 1n, false);
      break;
    case "sum":
      l.b.atomicAdd(found, 0, 8, value, false);
      break;
    case "avg":
    case "stats":
      l.b.atomicAdd(found, 0, 8, value, false);
      l.b.atomicAdd(found, 8, 8, 1n, false);
      break;
    case "min":
    case "max":
      keepExtreme(l, type.kind, type.signed, found, value);
      break;
  }
}

/** {value, set}: the first value always counts. */
function keepExtreme(l: Lowerer, kind: "min" | "max", signed: boolean, found: Reg, value: Operand): void {
  const compare = l.b.block();
  const store = l.b.block();
  const after = l.b.block();
  l.b.branch("eq", l.b.load(found, 8, 8), 0n, store, compare);
  l.b.enter(compare);
  const less = signed ? "slt" : "lt";
  const greater = signed ? "sgt" : "gt";
  l.b.branch(kind === "min" ? less : greater, value, l.b.load(found, 0, 8), store, after);
  l.b.enter(store);
  l.b.store(found, 0, 8, value);
  l.b.store(found, 8, 8, 1n);
  l.b.jump(after);
  l.b.enter(after);
}

function initial(l: Lowerer, type: AggregateType, fresh: Place, value: Operand): void {
  l.b.store(fresh.base, fresh.offset, 8, type.kind === "count" ? 1n : value);
  if (type.kind !== "count" && type.kind !== "sum") l.b.store(fresh.base, fresh.offset + 8, 8, 1n);
}

// ---------------------------------------------------------------- reading

/** The merged value of an aggregate, as an integer. */
export function readAggregate(l: Lowerer, map: KernelMap, e: MapAccess): Operand {
  const key = isScalarMap(map) ? l.temp(8) : keyPlace(l, map, e.key);
  if (isScalarMap(map)) l.b.store(key.base, key.offset, 4, 0n);
  return readMerged(l, map, key);
}

/** Whether reading an element is putting the values of all CPUs together. */
export function isMerged(map: KernelMap): boolean {
  return isAggregate(map.value) || (map.layout.perCpu && isInteger(map.value));
}

/** Walks the CPUs and merges their values. Requires Linux 5.19 (bpf_map_lookup_percpu_elem). */
export function readMerged(l: Lowerer, map: KernelMap, key: Place): Operand {
  const type = map.value;
  const total = l.b.copy(0n);
  const seen = l.b.copy(0n);
  const leave = l.b.block();
  repeat(l, l.assembly.checker.target.possibleCpus, (cpu) => {
    const there = l.b.block();
    const found = l.b.call("map_lookup_percpu_elem", { kind: "map", map: map.name }, addressArgument(l, key), cpu);
    l.b.branch("ne", found, 0n, there, leave);
    l.b.enter(there);
    combine(l, type, found, total, seen);
  });
  l.b.jump(leave);
  l.b.enter(leave);
  if (isInteger(type)) return convertScalar(l, total, INT64, type);
  return type.kind === "avg" ? average(l, total, seen, type.signed) : total;
}

// ---------------------------------------------------------------- deleting

/** `delete(@x, k)` of an aggregate; gives whether there was such a key. */
export function deleteAggregate(l: Lowerer, map: KernelMap, key: Expression | undefined, isAsked: boolean): Value {
  if (isScalarMap(map)) return deleteOnAllCpus(l, map);
  return map.bucketOffset === undefined
    ? deleteKey(l, map, key, isAsked)
    : deleteBuckets(l, map, key, map.bucketOffset);
}

/** The only element of a per-CPU array cannot be deleted: the values of all CPUs are set to zero. */
function deleteOnAllCpus(l: Lowerer, map: KernelMap): Value {
  const was = l.b.copy(0n);
  const key = l.temp(8);
  l.b.store(key.base, key.offset, 4, 0n);
  repeat(l, l.assembly.checker.target.possibleCpus, (cpu) => {
    const there = l.b.block();
    const next = l.b.block();
    const found = l.b.call("map_lookup_percpu_elem", { kind: "map", map: map.name }, addressArgument(l, key), cpu);
    l.b.branch("ne", found, 0n, there, next);
    l.b.enter(there);
    l.b.copy(l.b.alu("or", was, l.b.load(found, map.presentOffset!, 8)), was);
    zero(l, { base: found, offset: 0, space: "bpf" }, map.presentOffset! + 8);
    l.b.jump(next);
    l.b.enter(next);
  });
  return scalar(was);
}

/** Each bucket of a keyed histogram, and each interval of a time series, is a key of its own. */
function deleteBuckets(l: Lowerer, map: KernelMap, key: Expression | undefined, bucketOffset: number): Value {
  const count = bucketCount(map.value);
  const was = l.b.copy(0n);
  const place = bucketKey(l, map, map.key && keyPlace(l, map, key));
  repeat(l, count, (bucket) => {
    const deleted = l.b.block();
    const next = l.b.block();
    l.b.store(place.base, place.offset + bucketOffset, 8, bucket);
    const failed = l.b.call("map_delete_elem", { kind: "map", map: map.name }, addressArgument(l, place));
    l.b.branch("eq", failed, 0n, deleted, next);
    l.b.enter(deleted);
    l.b.copy(1n, was);
    l.b.jump(next);
    l.b.enter(next);
  });
  return scalar(was);
}

function combine(l: Lowerer, type: Type, found: Reg, total: Reg, seen: Reg): void {
  const value = isAggregate(type)
    ? l.b.load(found, 0, 8)
    : readScalar(l, { base: found, offset: 0, space: "bpf" }, type);
  switch (type.kind) {
    case "int":
    case "enum":
    case "count":
    case "sum":
      l.b.copy(l.b.add(total, value), total);
      break;
    case "avg":
      l.b.copy(l.b.add(total, value), total);
      l.b.copy(l.b.add(seen, l.b.load(found, 8, 8)), seen);
      break;
    case "min":
    case "max": {
      const set = l.b.block();
      const compare = l.b.block();
      const take = l.b.block();
      const after = l.b.block();
      l.b.branch("ne", l.b.load(found, 8, 8), 0n, set, after);
      l.b.enter(set);
      l.b.branch("eq", seen, 0n, take, compare);
      l.b.enter(compare);
      const better = type.kind === "min" ? (type.signed ? "slt" : "lt") : type.signed ? "sgt" : "gt";
      l.b.branch(better, value, total, take, after);
      l.b.enter(take);
      l.b.copy(value, total);
      l.b.copy(1n, seen);
      l.b.jump(after);
      l.b.enter(after);
      break;
    }
    default:
      invariant(false, `${type.kind} is not read`);
  }
}

/** BPF divides unsigned: a negative total is turned around before and after. */
function average(l: Lowerer, total: Reg, count: Reg, signed: boolean): Operand {
  const result = l.b.copy(0n);
  const some = l.b.block();
  const after = l.b.block();
  l.b.branch("ne", count, 0n, some, after);
  l.b.enter(some);
  const plain = l.b.block();
  const negative = l.b.block();
  if (signed) l.b.branch("slt", total, 0n, negative, plain);
  else l.b.jump(plain);
  l.b.enter(plain);
  l.b.copy(l.b.alu("div", total, count), result);
  l.b.jump(after);
  if (signed) {
    l.b.enter(negative);
    l.b.copy(l.b.neg(l.b.alu("div", l.b.neg(total), count)), result);
    l.b.jump(after);
  }
  l.b.enter(after);
  return result;
}
