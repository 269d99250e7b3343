/**
 * tseries(): each interval has a slot {u64 epoch, i64 value, u64 weight} on each CPU, the epoch being the interval's
 * number modulo how many are kept. A slot of an older epoch is gone the moment that it is written again.
 */
import type { Expression } from "../ast.ts";
import type { Base, Operand, Reg } from "../ir/ir.ts";
import { isInteger, type TimeSeriesType } from "../semantics/types.ts";
import type { KernelMap } from "./assembly.ts";
import { softwareTai } from "./clocks.ts";
import type { Lowerer } from "./lowerer.ts";
import { isScalarMap, scalarElement } from "./maps.ts";
import { readScalar } from "./memory.ts";
import { bucketKey, mergeOrMake } from "./per-cpu.ts";
import type { Place } from "./place.ts";

const EPOCH = 0;
const VALUE = 8;
const WEIGHT = 16;

/** A value, and the interval that it falls into. */
interface Sample {
  readonly epoch: Operand;
  readonly value: Operand;
  /** 1, or the time where the last value of an interval counts: the reader compares those of the CPUs. */
  readonly weight: Operand;
}

/** `@x[k] = tseries(n, interval, count)`: adds `value` to the interval of this moment. */
export function addToInterval(
  l: Lowerer,
  map: KernelMap,
  type: TimeSeriesType,
  user: Place | undefined,
  value: Operand,
  span: Expression["span"],
): void {
  const now = l.b.inReg(currentTime(l));
  const epoch = l.b.alu("div", now, BigInt(type.intervalNs));
  const key = bucketKey(l, map, user, l.b.alu("mod", epoch, BigInt(type.count)));
  const sample: Sample = { epoch, value, weight: type.agg === "last" ? now : 1n };
  mergeOrMake(
    l,
    map,
    key,
    span,
    (found) => addToSlot(l, type, found, sample),
    (fresh) => startSlot(l, fresh.base, fresh.offset, sample),
  );
}

/** The time, or what a map of the script says that it is. */
function currentTime(l: Lowerer): Operand {
  const { clockMap } = l.assembly.checker.options;
  const map = clockMap !== undefined && l.assembly.checker.maps.get(clockMap)?.value && l.assembly.map(clockMap);
  if (!map || !isScalarMap(map) || !isInteger(map.value)) return softwareTai(l);
  return readScalar(l, scalarElement(l, map), map.value);
}

function startSlot(l: Lowerer, base: Base, offset: number, { epoch, value, weight }: Sample): void {
  l.b.store(base, offset + EPOCH, 8, epoch);
  l.b.store(base, offset + VALUE, 8, value);
  l.b.store(base, offset + WEIGHT, 8, weight);
}

function addToSlot(l: Lowerer, type: TimeSeriesType, found: Reg, sample: Sample): void {
  if (type.agg === "last") return startSlot(l, found, 0, sample);
  const old = l.b.block();
  const current = l.b.block();
  const after = l.b.block();
  l.b.branch("eq", l.b.load(found, EPOCH, 8), sample.epoch, current, old);
  l.b.enter(old);
  startSlot(l, found, 0, sample);
  l.b.jump(after);
  l.b.enter(current);
  if (type.agg === "min" || type.agg === "max") keepExtreme(l, type.agg, type.signed, found, sample.value);
  else l.b.atomicAdd(found, VALUE, 8, sample.value, false);
  if (type.agg === "avg") l.b.atomicAdd(found, WEIGHT, 8, 1n, false);
  l.b.jump(after);
  l.b.enter(after);
}

function keepExtreme(l: Lowerer, agg: "min" | "max", signed: boolean, found: Reg, value: Operand): void {
  const store = l.b.block();
  const after = l.b.block();
  const less = signed ? "slt" : "lt";
  const greater = signed ? "sgt" : "gt";
  l.b.branch(agg === "min" ? less : greater, value, l.b.load(found, VALUE, 8), store, after);
  l.b.enter(store);
  l.b.store(found, VALUE, 8, value);
  l.b.jump(after);
  l.b.enter(after);
}
