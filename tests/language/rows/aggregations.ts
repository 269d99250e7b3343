import { builtin, type Row, shown, supported, testsOf } from "../row.ts";

const histogram = testsOf("pure/output/histogram.test.ts");

/** Aggregations (A). */
export const AGGREGATIONS: readonly Row[] = [
  supported(
    "A1",
    "`count()`, exact on all CPUs at once",
    builtin("count"),
    shown("aggregates: count"),
    shown("aggregates: keyed count"),
  ),
  supported(
    "A2",
    "`sum()`, signed as soon as one argument is",
    builtin("sum"),
    shown("aggregates: sum"),
    shown("aggregates: sum becomes signed"),
    shown("aggregates: sum of unsigned"),
  ),
  supported("A3", "`min()`", builtin("min"), shown("aggregates: min and max"), shown("aggregates: min of zero")),
  supported("A4", "`max()`", builtin("max"), shown("aggregates: min and max"), shown("aggregates: max of negatives")),
  supported(
    "A5",
    "`avg()`, cut to a whole number",
    builtin("avg"),
    shown("aggregates: avg"),
    shown("aggregates: avg of negatives"),
  ),
  supported("A6", "`stats()`", builtin("stats"), shown("aggregates: stats"), shown("aggregates: stats cannot be read")),
  supported(
    "A7",
    "`hist()`: a bucket for each power of two, split by bits",
    builtin("hist"),
    shown("hist: powers of two"),
    shown("hist: two bits"),
    shown("hist: different bits"),
    histogram("every value falls into the range of its bucket, and ranges join up"),
  ),
  supported(
    "A8",
    "`lhist()`: buckets of one size",
    builtin("lhist"),
    shown("hist: lhist"),
    shown("hist: lhist with too many buckets"),
    histogram("only the overflow"),
  ),
  supported(
    "A9",
    "`tseries()`: the last intervals",
    builtin("tseries"),
    shown("tseries: the last value of each interval"),
    shown("tseries: min and max by sign"),
    shown("tseries: what it refuses"),
  ),
  supported(
    "A10",
    "Aggregations are assigned to maps, keep to themselves, and are read as numbers where they have one",
    shown("aggregates: aggregates can be read"),
    shown("aggregates: aggregates do not mix"),
    shown("aggregates: an aggregation in a variable"),
  ),
];
