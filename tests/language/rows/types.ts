import { type Row, shown, supported, testsOf } from "../row.ts";

const types = testsOf("pure/compiler/check/types.test.ts");
const debugInfo = testsOf("tests/user-probes/debug-info.kernel.test.ts");
const text = testsOf("pure/output/text.test.ts");

/** Types and casts (T). */
export const TYPES: readonly Row[] = [
  supported(
    "T1",
    "`bool`, `int8` to `uint64`, and C's names for them",
    shown("casts: names of types"),
    shown("casts: widening takes the source's sign"),
  ),
  supported(
    "T2",
    "`void`, behind a pointer",
    shown("pointers: void pointers count bytes"),
    shown("functions: without a result"),
  ),
  supported(
    "T3",
    "`string[N]`",
    shown("casts: string to a longer or shorter one"),
    shown("functions: strings in and out"),
  ),
  supported(
    "T4",
    "What functions give: bytes, addresses, times, symbols, stacks",
    shown("bytes: buf in a map"),
    shown("bytes: ntop as a key"),
    shown("values: what is looked up may be a key"),
  ),
  supported(
    "T5",
    "Aggregations, in maps only",
    shown("aggregates: an aggregation in a variable"),
    shown("aggregates: an aggregation in a declaration"),
  ),
  supported(
    "T6",
    "`struct`, `union`, `enum`: of the script, of headers, of the program, of the kernel",
    shown("structs: sizes"),
    shown("structs: the kernel's types"),
    debugInfo("structs behind pointers have the fields that the compiler gave them"),
    testsOf("pure/compiler/headers/headers.test.ts")("use what headers say, and headers what the script defines"),
  ),
  supported(
    "T7",
    "Pointers",
    shown("pointers: pointers to structs"),
    shown("pointers: pointers in maps"),
    text("pointers in hex without padding"),
  ),
  supported(
    "T8",
    "Arrays, which are copied",
    shown("pointers: arrays in maps"),
    shown("json: arrays"),
    text("arrays without blanks, tuples with, records with names"),
  ),
  supported(
    "T9",
    "Arrays of `char` are text",
    shown("structs: arrays and nested structs"),
    types("@r = curtask->comm;"),
  ),
  supported(
    "T10",
    "Tuples",
    shown("tuples: padding is zero in keys"),
    shown("micro: 37 tuples have padding"),
    shown("tuples: a big tuple"),
  ),
  supported("T11", "Records", shown("tuples: records in maps"), shown("tuples: nested records")),
  supported(
    "T12",
    "Bitfields",
    shown("structs: bitfields"),
    shown("structs: bitfields of memory"),
    shown("structs: bitfields across the borders of their types"),
  ),
  supported("T13", "Anonymous structs and unions", shown("structs: fields of anonymous parts")),
  supported(
    "T14",
    "Enums have names when printed",
    shown("casts: int to enum"),
    shown("casts: a literal that is no variant"),
    text("enums by name, unknown values as numbers"),
  ),
  supported(
    "T15",
    "Function pointers, attributes, forward declarations",
    shown("structs: attributes of fields"),
    shown("structs: packed"),
    shown("structs: pointers to itself"),
    testsOf("pure/compiler/headers/headers.test.ts")(
      "fields with attributes, bounds that are computed, and anonymous parts",
    ),
  ),
  supported(
    "T16",
    "`typeof` where a type stands",
    shown("types: typeof in a declaration"),
    shown("types: typeof with a star"),
  ),
  supported(
    "T20",
    "Integers to integers",
    shown("casts: widening takes the source's sign"),
    shown("casts: narrowing cuts"),
  ),
  supported(
    "T21",
    "Integers and pointers",
    shown("casts: int to pointer and back"),
    shown("casts: pointer to pointer"),
  ),
  supported(
    "T22",
    "Integers and arrays of their size",
    shown("casts: int to array"),
    shown("casts: a literal fills an array"),
    shown("casts: array to int"),
  ),
  supported(
    "T23",
    "Strings to arrays; anything simple to `bool`",
    shown("casts: string to array"),
    shown("casts: to bool"),
  ),
  supported(
    "T24",
    "Aggregations to numbers",
    shown("casts: aggregates to int"),
    shown("casts: aggregate without a number"),
  ),
  supported(
    "T25",
    "Nothing to a struct; to a pointer to one",
    shown("casts: int to struct"),
    shown("pointers: fields of the null pointer"),
  ),
  supported("T26", "A warning of casts to what it is already", shown("warnings: casts to what it is")),
  supported(
    "T27",
    "Types of variables and maps follow from all of their uses",
    types("storage grows (N4, T27, V3)"),
    shown("maps: values of another type"),
    shown("maps: wide values in a narrow map"),
  ),
  supported(
    "T28",
    "What gives nothing cannot be assigned",
    shown("scope: nothing assigned"),
    shown("scope: nothing assigned to a map"),
  ),
];
