/** Maps: keys, sizes, aggregations. */
import type { Expression, MapAccess } from "../ast.ts";
import type { MapInfo } from "../check/model.ts";
import { deleteAggregate } from "../lower/aggregates.ts";
import { deleteKey, keyPlace, lookup } from "../lower/maps.ts";
import { truth } from "../lower/memory.ts";
import { NO_VALUE, scalar } from "../lower/place.ts";
import { BOOL, isAggregate, isCastable, isInteger, NONE, type Type, typeName, UINT64 } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** `f(@m, k)`, or the older `f(@m[k])`. */
function keyedAccess(use: Use): { map: MapAccess; key: Expression | undefined } | undefined {
  const map = expressionAt(use, 0);
  if (map?.kind !== "map") return undefined;
  return { map, key: map.key ?? expressionAt(use, 1) };
}

function checkKeyed(use: Use, c: Checking): MapInfo | undefined {
  const access = keyedAccess(use);
  if (!access) {
    c.error(use.span, `${use.name}() expects a map to be provided`);
    return undefined;
  }
  const map = c.mapArgument({ ...use, args: [{ ...access.map, key: undefined }] }, 0);
  if (!map) return undefined;
  c.useKey(map, access.key ? c.check(access.key).type : undefined, use.span);
  return map;
}

/** Intervals are keys of their own: the verifier follows the loop that deletes them one by one. */
const DELETED_INTERVALS_MAX = 4096;

export const deleteBuiltin: Builtin = {
  name: "delete",
  form: "delete(@MAP, KEY) or delete(@SCALAR)",
  doc: "Removes a key; says whether it was there.",
  arity: [1, 2],
  check(use, c) {
    const map = checkKeyed(use, c);
    const access = keyedAccess(use);
    if (access?.map.key) {
      const { name } = access.map;
      c.warning(use.span, `delete(${name}[KEY]) is deprecated`, `write delete(${name}, KEY)`);
    }
    if (map) map.deletes = true;
    if (map?.value?.kind === "tseries" && map.value.count > DELETED_INTERVALS_MAX)
      return c.error(
        use.span,
        `delete() cannot be used on time series of more than ${DELETED_INTERVALS_MAX} intervals`,
        "clear() removes all of them",
      );
    return { type: BOOL };
  },
  lower(use, l) {
    const access = keyedAccess(use)!;
    const map = l.assembly.map(access.map.name);
    const remove = isAggregate(map.value) ? deleteAggregate : deleteKey;
    return remove(l, map, access.key, !l.isDiscarded(use.node));
  },
};

export const hasKey: Builtin = {
  name: "has_key",
  form: "has_key(@MAP, KEY)",
  doc: "Whether a map has a key; it is not made.",
  arity: [2, 2],
  pure: true,
  check(use, c) {
    const access = keyedAccess(use);
    if (access && c.mapArgument({ ...use, args: [{ ...access.map, key: undefined }] }, 0)?.keyed === false)
      return c.error(use.span, "call to has_key() expects a map with explicit keys (non-scalar map)");
    const map = checkKeyed(use, c);
    if (map?.value && ["hist", "lhist", "tseries"].includes(map.value.kind))
      return c.error(use.span, `has_key() cannot be used on a map of ${typeName(map.value)}`);
    return { type: BOOL };
  },
  lower(use, l) {
    const access = keyedAccess(use)!;
    const map = l.assembly.map(access.map.name);
    return scalar(truth(l, lookup(l, map, keyPlace(l, map, access.key))));
  },
};

export const len: Builtin = {
  name: "len",
  form: "len(@MAP)",
  doc: "How many keys a map has. Requires Linux 6.6 (bpf_map_sum_elem_count).",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const argument = expressionAt(use, 0);
    if (argument?.kind !== "map") {
      const type: Type = argument ? c.check(argument).type : NONE;
      const hint = type.kind === "string" ? ["strlen() measures strings"] : [];
      return c.error(
        use.span,
        `len() expects a map to be provided${type.kind === "kstack" || type.kind === "ustack" ? ": stacks are not supported yet" : ""}`,
        ...hint,
      );
    }
    const map = c.mapArgument(use, 0);
    if (map?.keyed === false)
      return c.error(use.span, "call to len() expects a map with explicit keys (non-scalar map)");
    if (!c.target.features.kfunc("bpf_map_sum_elem_count"))
      return c.error(use.span, "len() needs the kernel function bpf_map_sum_elem_count: Linux 6.6");
    return { type: UINT64 };
  },
  lower(use, l) {
    const argument = expressionAt(use, 0);
    if (argument?.kind !== "map") return NO_VALUE;
    return scalar(l.b.kfunc("bpf_map_sum_elem_count", { kind: "map", map: l.assembly.map(argument.name).name }));
  },
};

// ---------------------------------------------------------------- aggregations

function numberArgument(use: Use, c: Checking): boolean {
  const argument = expressionAt(use, 0);
  const type: Type = argument ? c.check(argument).type : NONE;
  if (isInteger(type) || type.kind === "bool" || type.kind === "none" || isCastable(type) || type.kind === "pointer")
    return argumentSign(type);
  c.error(use.span, `${use.name}() only supports integer arguments (${typeName(type)} provided)`);
  return false;
}

function argumentSign(type: Type): boolean {
  return isInteger(type) ? type.signed : isAggregate(type) && "signed" in type && type.signed;
}

function aggregation(name: "count" | "sum" | "min" | "max" | "avg" | "stats", doc: string): Builtin {
  return {
    name,
    form: name === "count" ? "count()" : `${name}(INTEGER)`,
    doc,
    arity: name === "count" ? [0, 0] : [1, 1],
    check(use, c) {
      if (name === "count") return { type: { kind: "count" } };
      return { type: { kind: name, signed: numberArgument(use, c) } };
    },
  };
}

/** `@x = count()`: a number on each CPU, added up by the reader. */
export const count = aggregation("count", "Counts how often it is assigned.");
/** `@x = sum(n)`: 64 bits on each CPU, which wrap; signed as `n` is. */
export const sum = aggregation("sum", "Adds numbers up.");
/** `@x = min(n)`: a number on each CPU with a mark that there is one, compared by the sign of `n`. */
export const min = aggregation("min", "Keeps the smallest number.");
/** `@x = max(n)`: kept as that of {@link min} is. */
export const max = aggregation("max", "Keeps the largest number.");
/** `@x = avg(n)`: a total and a count on each CPU, divided by the reader. */
export const avg = aggregation("avg", "The mean of numbers, as a whole number.");
/** `@x = stats(n)`: kept as that of {@link avg} is, and shown with count and total. */
export const stats = aggregation("stats", "Count, mean and sum of numbers.");

const HIST_BITS_MAX = 5n;
const LHIST_BUCKETS_MAX = 1000n;

export const hist: Builtin = {
  name: "hist",
  form: "hist(INTEGER[, BITS])",
  doc: "A histogram with a bucket for each power of two, split into 2^BITS.",
  arity: [1, 2],
  check(use, c) {
    numberArgument(use, c);
    const bits = use.args.length > 1 ? (c.constantInt(use, 1) ?? 0n) : 0n;
    if (bits < 0n || bits > HIST_BITS_MAX) return c.error(use.span, `hist(): bits ${bits} must be 0..${HIST_BITS_MAX}`);
    return { type: { kind: "hist", bits: Number(bits) } };
  },
};

export const lhist: Builtin = {
  name: "lhist",
  form: "lhist(INTEGER, MIN, MAX, STEP)",
  doc: "A histogram with buckets of one size.",
  arity: [4, 4],
  check(use, c) {
    numberArgument(use, c);
    const [least, most, step] = [1, 2, 3].map((index) => c.constantInt(use, index));
    if (least === undefined || most === undefined || step === undefined) return { type: NONE };
    if (step < 1n) return c.error(use.span, `lhist() step must be >= 1 (${step} provided)`);
    if (least < 0n) return c.error(use.span, `lhist() min must be non-negative (provided min: ${least})`);
    if (least >= most)
      return c.error(use.span, `lhist() min must be less than max (provided min: ${least} and max: ${most})`);
    if ((most - least) / step > LHIST_BUCKETS_MAX)
      return c.error(
        use.span,
        `lhist() too many buckets, must be <= ${LHIST_BUCKETS_MAX} (would need ${(most - least) / step})`,
      );
    return { type: { kind: "lhist", min: least, max: most, step } };
  },
};

const INTERVALS_MAX = 1_000_000n;
const INTERVAL_AGGREGATIONS = ["avg", "max", "min", "sum"] as const;

/** `@x = tseries(n, interval, count)`: a value for each interval on each CPU; the reader puts them in order. */
export const tseries: Builtin = {
  name: "tseries",
  form: "tseries(INTEGER, INTERVAL, COUNT[, AGGREGATION])",
  doc: "The last COUNT intervals of INTERVAL nanoseconds: the last value of each, or its avg, max, min or sum.",
  arity: [3, 4],
  check(use, c) {
    c.unstable("tseries", "unstable_tseries", use.span);
    const signed = numberArgument(use, c);
    const interval = c.constantInt(use, 1);
    const count = c.constantInt(use, 2);
    const agg = use.args.length > 3 ? c.constantString(use, 3) : "last";
    if (interval === undefined || count === undefined || agg === undefined) return { type: NONE };
    if (interval < 1n) return c.error(use.span, `tseries() interval_ns must be >= 1 (${interval} provided)`);
    if (count < 1n) return c.error(use.span, `tseries() num_intervals must be >= 1 (${count} provided)`);
    if (count > INTERVALS_MAX)
      return c.error(use.span, `tseries() num_intervals must be < ${INTERVALS_MAX} (${count} provided)`);
    const known = agg === "last" && use.args.length < 4 ? agg : INTERVAL_AGGREGATIONS.find((each) => each === agg);
    if (known === undefined)
      return c.error(
        use.span,
        `tseries() expects one of the following aggregation functions: ${INTERVAL_AGGREGATIONS.join(", ")} ("${agg}" provided)`,
      );
    return { type: { kind: "tseries", intervalNs: Number(interval), count: Number(count), agg: known, signed } };
  },
};
