/** Aggregates: each CPU has its own value, which is merged when it is read. */
import { histBucketCount, lhistBucketCount } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import type { Call, Expression, MapAccess } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import type { AggregateType } from "../semantics/types.ts";
import type { KernelMap } from "./assembly.ts";
import type { Lowerer } from "./lowerer.ts";
import { addAgain, BPF_NOEXIST, deleteKey, isScalarMap, keyPlace, lookup, update } from "./maps.ts";
import { addressArgument, zero } from "./memory.ts";
import { type Place, scalar, type Value } from "./place.ts";

/** `@x[k] = count()` and the other aggregations. */
export function aggregate(l: Lowerer, call: Call, target: MapAccess): void {
  const map = l.assembly.map(target.name);
  const type = map.value as AggregateType;
  const argument = call.args[0];
  const value = argument && argument.kind !== "type-name" ? l.scalar(argument) : 0n;
  l.at(call.span);
  if (type.kind === "hist" || type.kind === "lhist") {
    const bucket = type.kind === "hist" ? histBucket(l, value, type.bits) : lhistBucket(l, value, type);
    return addBucket(l, map, target, bucket, call.span);
  }
  if (isScalarMap(map)) {
    const element = perCpuElement(l, map);
    merge(l, type, element, value);
    l.b.store(element, map.presentOffset!, 8, 1n);
    return;
  }
  const key = keyPlace(l, map, target.key);
  mergeOrMake(
    l,
    map,
    key,
    call.span,
    (found) => merge(l, type, found, value),
    (fresh) => initial(l, type, fresh, value),
  );
}

/** The only element of a per-CPU array: the lookup cannot fail, but the verifier wants it checked. */
function perCpuElement(l: Lowerer, map: KernelMap): Reg {
  const key = l.b.slot(8, 4);
  l.b.store(key, 0, 4, 0n);
  const found = l.b.call(
    "map_lookup_elem",
    { kind: "map", map: map.name },
    { kind: "slot", slot: key.slot, offset: 0 },
  );
  const missing = l.b.block();
  const there = l.b.block();
  l.b.branch("eq", found, 0n, missing, there);
  l.b.enter(missing);
  l.b.return(0n);
  l.b.enter(there);
  return found;
}

function mergeOrMake(
  l: Lowerer,
  map: KernelMap,
  key: Place,
  span: Expression["span"],
  mergeInto: (found: Reg) => void,
  init: (fresh: Place) => void,
): void {
  const there = l.b.block();
  const missing = l.b.block();
  const after = l.b.block();
  const found = lookup(l, map, key);
  l.b.branch("ne", found, 0n, there, missing);
  l.b.enter(there);
  mergeInto(found);
  l.b.jump(after);
  l.b.enter(missing);
  const fresh = l.temp(map.spec.valueSize);
  init(fresh);
  addAgain(l, map, key, update(l, map, key, fresh, span, BPF_NOEXIST), span, mergeInto);
  l.b.jump(after);
  l.b.enter(after);
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

// ---------------------------------------------------------------- histograms

function addBucket(l: Lowerer, map: KernelMap, target: MapAccess, bucket: Operand, span: Expression["span"]): void {
  if (isScalarMap(map)) {
    const element = perCpuElement(l, map);
    const count = map.valueSize / 8;
    // The bucket is in range by its making; the verifier is told so.
    const bounded = l.b.inReg(bucket);
    const inside = l.b.block();
    const after = l.b.block();
    l.b.branch("lt", bounded, BigInt(count), inside, after);
    l.b.enter(inside);
    const slot = l.b.add(element, l.b.alu("lsh", bounded, 3n));
    l.b.atomicAdd(slot, 0, 8, 1n, false);
    l.b.store(element, map.presentOffset!, 8, 1n);
    l.b.jump(after);
    l.b.enter(after);
    return;
  }
  const bucketOffset = map.bucketOffset!;
  const key = bucketKey(l, map, target.key, bucketOffset);
  l.b.store(key.base, key.offset + bucketOffset, 8, bucket);
  mergeOrMake(
    l,
    map,
    key,
    span,
    (found) => l.b.atomicAdd(found, 0, 8, 1n, false),
    (fresh) => l.b.store(fresh.base, fresh.offset, 8, 1n),
  );
}

/** The user's part of a histogram's key, and zeros up to where the bucket goes. */
function bucketKey(l: Lowerer, map: KernelMap, user: Expression | undefined, bucketOffset: number): Place {
  const key = keyPlace(l, map, user);
  for (let at = l.assembly.keyBytes(map); at < bucketOffset; at++) l.b.store(key.base, key.offset + at, 1, 0n);
  return key;
}

/** The bucket of hist(): see `histBucketOf` of the output package, step by step the same. */
function histBucket(l: Lowerer, value: Operand, bits: number): Operand {
  const result = l.b.copy(0n);
  const after = l.b.block();
  const positive = l.b.block();
  const word = l.b.inReg(value);
  l.b.branch("slt", word, 0n, after, positive);
  l.b.enter(positive);
  const small = l.b.block();
  const large = l.b.block();
  l.b.branch("lt", word, BigInt(1 << bits), small, large);
  l.b.enter(small);
  l.b.copy(l.b.add(word, 1n), result);
  l.b.jump(after);
  l.b.enter(large);
  const top = highestBit(l, word);
  const power = l.b.alu("sub", top, BigInt(bits));
  let index = l.b.add(l.b.alu("lsh", l.b.add(power, 1n), BigInt(bits)), 1n);
  if (bits > 0) {
    const sub = l.b.alu("and", l.b.alu("rsh", word, power), BigInt((1 << bits) - 1));
    index = l.b.add(index, sub);
  }
  l.b.copy(index, result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

/** The position of the highest set bit of a number above 0, by halving the range, without branches that stay open. */
function highestBit(l: Lowerer, word: Reg): Reg {
  const rest = l.b.copy(word);
  const position = l.b.copy(0n);
  for (const half of [32, 16, 8, 4, 2, 1]) {
    const high = l.b.block();
    const next = l.b.block();
    l.b.branch("ge", rest, 1n << BigInt(half), high, next);
    l.b.enter(high);
    l.b.copy(l.b.alu("rsh", rest, BigInt(half)), rest);
    l.b.copy(l.b.add(position, BigInt(half)), position);
    l.b.jump(next);
    l.b.enter(next);
  }
  return position;
}

/** The bucket of lhist(): see `lhistBucketOf` of the output package. */
function lhistBucket(l: Lowerer, value: Operand, type: AggregateType & { kind: "lhist" }): Operand {
  const result = l.b.copy(0n);
  const word = l.b.inReg(value);
  const notBelow = l.b.block();
  const above = l.b.block();
  const within = l.b.block();
  const after = l.b.block();
  l.b.branch("slt", word, type.min, after, notBelow);
  l.b.enter(notBelow);
  l.b.branch("sgt", word, type.max, above, within);
  l.b.enter(above);
  l.b.copy(1n + (type.max - type.min) / type.step, result);
  l.b.jump(after);
  l.b.enter(within);
  const steps = l.b.alu("div", l.b.alu("sub", word, type.min), type.step);
  l.b.copy(l.b.add(steps, 1n), result);
  l.b.jump(after);
  l.b.enter(after);
  return result;
}

// ---------------------------------------------------------------- reading

/** The merged value of an aggregate, as an integer. */
export function readAggregate(l: Lowerer, map: KernelMap, e: MapAccess): Operand {
  const key = isScalarMap(map) ? l.temp(8) : keyPlace(l, map, e.key);
  if (isScalarMap(map)) l.b.store(key.base, key.offset, 4, 0n);
  return readMerged(l, map, key);
}

/** Walks the CPUs and merges their values. Requires Linux 5.19 (bpf_map_lookup_percpu_elem). */
export function readMerged(l: Lowerer, map: KernelMap, key: Place): Operand {
  const type = map.value as AggregateType;
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
  return type.kind === "avg" ? average(l, total, seen, type.signed) : total;
}

/** A loop over the numbers from 0, which the verifier follows to its end. */
function repeat(l: Lowerer, count: number, body: (index: Reg) => void): void {
  const index = l.b.copy(0n);
  const loop = l.b.block();
  const inside = l.b.block();
  const after = l.b.block();
  l.b.jump(loop);
  l.b.enter(loop);
  l.b.branch("lt", index, BigInt(count), inside, after);
  l.b.enter(inside);
  body(index);
  l.b.copy(l.b.add(index, 1n), index);
  l.b.jump(loop);
  l.b.enter(after);
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

/** Each bucket of a keyed histogram is a key of its own. */
function deleteBuckets(l: Lowerer, map: KernelMap, key: Expression | undefined, bucketOffset: number): Value {
  const type = map.value;
  invariant(type.kind === "hist" || type.kind === "lhist", "only histograms have buckets");
  const count = type.kind === "hist" ? histBucketCount(type.bits) : lhistBucketCount(type.min, type.max, type.step);
  const was = l.b.copy(0n);
  const place = bucketKey(l, map, key, bucketOffset);
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

function combine(l: Lowerer, type: AggregateType, found: Reg, total: Reg, seen: Reg): void {
  const value = l.b.load(found, 0, 8);
  switch (type.kind) {
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
