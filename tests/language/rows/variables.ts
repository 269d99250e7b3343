import { type Row, setting, shown, supported, testsOf } from "../row.ts";

/** Variables and maps (V). */
export const VARIABLES: readonly Row[] = [
  supported(
    "V1",
    "`$x`, which lives in its block",
    shown("scope: undeclared"),
    shown("scope: shadowing"),
    shown("scope: siblings may use a name for different types"),
    shown("warnings: variables that nobody sets or reads"),
  ),
  supported(
    "V2",
    "`let $x: uint16 = 5`",
    shown("scope: declared with a type"),
    shown("scope: declared twice"),
    shown("scope: a constant that does not fit"),
  ),
  supported(
    "V3",
    "A variable grows to what it is given",
    shown("ints: a variable grows to what it is given"),
    shown("strings: a variable grows"),
    shown("scope: another type"),
  ),
  supported(
    "V4",
    "`@x` is one value; with and without keys does not mix",
    shown("maps: scalar"),
    shown("maps: mixing scalar and keyed"),
  ),
  supported(
    "V5",
    "`@x[a, b]`: keys of any kind and number",
    shown("maps: keys of many parts"),
    shown("maps: a tuple is the same key as its parts"),
    shown("maps: booleans as values and keys"),
    shown("scope: nothing as a key"),
  ),
  supported(
    "V6",
    "`let @x = lruhash(10)`: a kind and a size",
    shown("maps: a declared map"),
    shown("maps: lru maps forget"),
    shown("maps: numbers on each CPU are summed"),
    shown("maps: unknown map type"),
  ),
  supported(
    "V7",
    "A key that is not there reads as zero and is not made",
    shown("maps: missing keys read as zero and are not made"),
    shown("failures: a key that is not there, asked for"),
  ),
  supported("V8", "A full map says so", shown("maps: a full map drops and says so"), shown("failures: a full map")),
  supported("V9", "Values are copied into maps", shown("structs: a struct in a map"), shown("maps: tuples as values")),
  supported(
    "V10",
    "Maps are copied into maps, aggregations are not",
    shown("maps: map to map"),
    shown("aggregates: an aggregate is not copied"),
  ),
  supported(
    "V11",
    "A warning of maps that nobody uses",
    shown("maps: a declared map that is not used"),
    shown("warnings: maps that nobody uses"),
  ),
  supported(
    "V12",
    "Maps are printed by name in the order of their names",
    shown("micro: 17 maps in order of their names"),
    shown("maps: anonymous map"),
  ),
  supported(
    "V13",
    "`max_map_keys` bounds a map that says nothing of its size",
    setting("max_map_keys"),
    shown("maps: fewer keys"),
    shown("maps: a declared scalar map"),
  ),
  supported(
    "V14",
    "`@start[tid]`, and `/@start[tid]/`",
    shown("control: predicate of a map"),
    shown("maps: a read in a condition makes no key"),
    testsOf("pure/compiler/compile.test.ts")("a map that programs read or delete from serves to compute"),
  ),
];
