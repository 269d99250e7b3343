/** Maps: keys, sizes, aggregations. */
import { invariant } from "@beetrace/std";
import type { Expression, MapAccess } from "../ast.ts";
import type { MapInfo } from "../check/model.ts";
import type { Operand } from "../ir/ir.ts";
import { deleteAggregate, readMerged } from "../lower/aggregates.ts";
import { Lowerer } from "../lower/lowerer.ts";
import { deleteKey, keyPlace, lookup } from "../lower/maps.ts";
import { addressArgument, convertPlace, convertScalar, readScalar, truth } from "../lower/memory.ts";
import { type Place, scalar } from "../lower/place.ts";
import { frameCount } from "../lower/stacks.ts";
import {
  aggregateValue,
  BOOL,
  INT64,
  isAggregate,
  isCastable,
  isInteger,
  NONE,
  type Type,
  typeName,
  UINT64,
} from "../semantics/types.ts";
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
  if (access.key && map.keyed === false) {
    c.error(use.span, `call to ${use.name}() expects a map with explicit keys (non-scalar map)`);
    return undefined;
  }
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

/** Where a path that does not begin at the root begins. */
const PIN_ROOT = "/sys/fs/bpf/";

export const hasPinnedKey: Builtin = {
  name: "has_pinned_key",
  form: 'has_pinned_key("PATH", KEY)',
  doc: "Whether a map that another program has pinned at a path, absolute or in /sys/fs/bpf, has a key of 8 bytes; KEY is an integer.",
  arity: [2, 2],
  pure: true,
  check(use, c) {
    c.constantString(use, 0);
    const { type } = c.check(use.args[1]);
    if (!isInteger(type) && type.kind !== "none")
      return c.error(use.args[1].span, `has_pinned_key() expects an integer as the key (${typeName(type)} provided)`);
    return { type: BOOL };
  },
  lower(use, l) {
    const [path, key] = [expressionAt(use, 0)!, expressionAt(use, 1)!];
    const written = String(l.info(path).constant);
    const map = l.assembly.pinnedMap(written.startsWith("/") ? written : PIN_ROOT + written);
    const value = convertScalar(l, l.scalar(key), l.type(key), UINT64);
    const place = l.temp(8);
    l.b.store(place.base, place.offset, 8, value);
    return scalar(truth(l, l.b.call("map_lookup_elem", { kind: "map", map }, addressArgument(l, place))));
  },
};

export const find: Builtin = {
  name: "find",
  form: "find(@MAP, KEY, $VARIABLE)",
  doc: "Whether a map has a key; if so, the variable gets the value: one look-up for both.",
  arity: [3, 3],
  check(use, c) {
    const map = checkKeyed({ ...use, args: use.args.slice(0, 2) }, c);
    const value = map?.value;
    if (value && isAggregate(value) && !isCastable(value))
      return c.error(use.span, `find() cannot be used on a map of ${typeName(value)}`);
    const type = value && isAggregate(value) ? aggregateValue(value) : (value ?? NONE);
    c.assignArgument(use.args[2], { type });
    return { type: BOOL };
  },
  lower(use, l) {
    const access = keyedAccess(use)!;
    const map = l.assembly.map(access.map.name);
    const variable = l.unit.variables.get(use.args[2])!;
    const home = l.home(variable);
    const key = keyPlace(l, map, access.key);
    const found = lookup(l, map, key);
    const result = l.b.copy(0n);
    const [there, after] = [l.b.block(), l.b.block()];
    l.b.branch("ne", found, 0n, there, after);
    l.b.enter(there);
    const place: Place = { base: found, offset: 0, space: "bpf" };
    const aggregate = isAggregate(map.value);
    if (home.kind === "reg") {
      const type = aggregate ? INT64 : map.value;
      const value = aggregate ? readMerged(l, map, key) : readScalar(l, place, map.value);
      l.b.copy(convertScalar(l, value, type, variable.type), home.reg);
    } else if (aggregate) l.store(home.place, variable.type, readMerged(l, map, key));
    else convertPlace(l, place, map.value, variable.type, home.place);
    l.b.copy(1n, result);
    l.b.jump(after);
    l.b.enter(after);
    return scalar(result);
  },
};

/** Counts by walking: for kernels without bpf_map_sum_elem_count. */
function countElements(l: Lowerer, map: string): Operand {
  const name = `count_${l.state.callbacks++}`;
  const body = new Lowerer(l.assembly, l.unit, l.program, l.options, l.state, name, ["map", "key", "value", "env"]);
  body.start();
  body.b.return(0n);
  body.finish();
  const env = { kind: "slot", slot: l.b.slot(8).slot, offset: 0 } as const;
  l.b.store(env, 0, 8, 0n);
  return l.b.call("for_each_map_elem", { kind: "map", map }, { kind: "function", name }, env, 0n);
}

const COUNT_KFUNC = "bpf_map_sum_elem_count";

export const len: Builtin = {
  name: "len",
  form: "len(@MAP) or len(STACK)",
  doc: "How many keys a map has, or frames a stack.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const [argument] = use.args;
    if (argument.kind === "map" && !argument.key) {
      const map = c.mapArgument(use, 0);
      if (map?.keyed !== false) return { type: UINT64 };
      if (map.value?.kind !== "kstack" && map.value?.kind !== "ustack")
        return c.error(use.span, "call to len() expects a map with explicit keys (non-scalar map)");
    }
    const { type } = c.check(argument);
    if (type.kind !== "kstack" && type.kind !== "ustack" && type.kind !== "none") {
      const hint = type.kind === "string" ? ["strlen() measures strings"] : [];
      return c.error(use.span, "call to len() expects a map, ustack, or kstack", ...hint);
    }
    return { type: UINT64 };
  },
  lower(use, l) {
    const argument = expressionAt(use, 0)!;
    const kind = l.unit.infos.get(argument)?.type.kind;
    if (argument.kind === "map" && kind !== "kstack" && kind !== "ustack") {
      const { name } = l.assembly.map(argument.name);
      if (!l.assembly.checker.target.features.kfunc(COUNT_KFUNC)) return scalar(countElements(l, name));
      return scalar(l.b.kfunc(COUNT_KFUNC, { kind: "map", map: name }));
    }
    const value = l.value(argument);
    invariant(value.kind === "place", "a stack is in memory");
    return scalar(frameCount(l, value.place));
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
