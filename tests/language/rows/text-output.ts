import { different, type Row, shown, supported, testsOf } from "../row.ts";

const text = testsOf("pure/output/text.test.ts");
const map = testsOf("pure/output/map.test.ts");
const printf = testsOf("pure/output/printf.test.ts");
const format = testsOf("pure/output/format.test.ts");

/** Formats of printf (R) and text output (Y). */
export const TEXT_OUTPUT: readonly Row[] = [
  supported(
    "R1",
    "`%`, flags, width, precision, length, conversion",
    format("flags, width, precision, length"),
    format("a star is no width and takes no argument"),
    shown("micro: 11 widths"),
  ),
  supported(
    "R2",
    "`%d`: 32 bits, or as its length says",
    shown("micro: 9 %d cuts to 32 bits"),
    shown("printf: length modifiers of %d"),
  ),
  supported(
    "R3",
    "`%u %x %X %o`: 32 bits, or as the length says",
    shown("micro: 8 %x cuts to 32 bits"),
    shown("printf: length modifiers of %u"),
    shown("printf: octal"),
  ),
  supported("R4", "`%p`", shown("micro: 46 %p"), printf("pointers: null is 0")),
  supported("R5", "`%c`", shown("printf: characters")),
  supported("R6", "`%s`: any value", shown("printf: %s prints any value"), shown("printf: %s of an address")),
  supported("R7", "`%r %rx %rh`: bytes", shown("micro: 41 bytes"), printf("buffers in three styles")),
  supported("R8", "`%gr`: flags of allocations", printf("allocation flags")),
  supported("R9", "`%%`", shown("printf: percent sign")),
  different(
    "R10",
    "`%f %e %g` are refused",
    "they are there, of decimals: `@ok * 100.0 / @all`; of anything else they are refused",
    printf("%f as C writes it"),
    shown("printf: decimals"),
    shown("printf: unknown conversion"),
  ),
  supported(
    "R11",
    "As many arguments as conversions",
    shown("printf: too few arguments"),
    shown("printf: too many arguments"),
  ),
  supported(
    "R12",
    "An argument must fit its conversion",
    shown("printf: a number for a string"),
    shown("printf: a string for a buffer"),
  ),
  different(
    "R13",
    "Padding",
    "as C has it: `%05d` of -5 is `-0005`, where bpftrace prints `000-5`",
    printf("padding as C has it"),
  ),
  supported(
    "R14",
    "What does not fit at run time says so in the text",
    printf("an argument that does not fit says so in the text"),
  ),
  supported(
    "R15",
    "The format is a literal; 128 arguments at most",
    shown("printf: the format must be a literal"),
    shown("printf: a text longer than max_strlen is allowed as a format"),
  ),
  supported(
    "R16",
    "`errorf`, `warnf`, `system`, `cat`, `debugf`, `fail` have the same formats",
    shown("printf: errorf and warnf take arguments"),
    shown("settings: cat of a file"),
    shown("comptime: failing where it is reached"),
  ),

  supported("Y1", "Integers, booleans, strings", text("integers, booleans, none"), shown("printf: strings")),
  supported("Y2", "Pointers", text("pointers in hex without padding"), shown("micro: 47 null pointer")),
  supported(
    "Y3",
    "Arrays: `[1,2,3]`",
    text("arrays without blanks, tuples with, records with names"),
    shown("micro: 38 integer to array"),
  ),
  supported("Y4", "Tuples: `(1, a)`", shown("micro: 12 nested tuple"), shown("micro: 13 tuple of one")),
  supported(
    "Y5",
    "Structs and records: `{ .a = 1, .b = x }`",
    shown("micro: 14 record"),
    shown("order: fields in the order of the text"),
  ),
  supported("Y6", "Enums by name", text("enums by name, unknown values as numbers")),
  supported(
    "Y7",
    "Bytes: what is printable, `\\x01`",
    text("buffers keep printable ASCII"),
    shown("bytes: buf shows what is not printable"),
  ),
  supported(
    "Y8",
    "Addresses of networks and of cards",
    text("internet addresses as RFC 5952 has them"),
    text("hardware addresses in upper case"),
  ),
  supported("Y9", "Symbols, or addresses that have none", text("symbols without offset, addresses without a symbol")),
  supported("Y10", "Times by their format", text("a timestamp is its format, or (?) where no time is known")),
  supported("Y11", "Nothing", text("integers, booleans, none")),
  supported("Y12", "`stats`", shown("micro: 22 stats"), map("averages and stats")),
  supported("Y20", "`@name: value`", shown("maps: scalar"), map("scalar and keyed maps, the anonymous map")),
  supported(
    "Y21",
    "`@name[key]: value`, a line an entry",
    map("scalar and keyed maps, the anonymous map"),
    shown("maps: negative keys"),
  ),
  supported(
    "Y22",
    "Keys of several parts without their parentheses",
    shown("micro: 15 key of two parts"),
    shown("micro: 16 key with a tuple inside"),
    shown("maps: string key in parentheses"),
  ),
  different(
    "Y23",
    "Entries are ordered by value or by key",
    "equal values by key, so that the order is always the same",
    map("integers are ordered by value, strings by key"),
    map("equal values are ordered by key"),
    map("integer keys compare as signed, whatever they were declared"),
  ),
  supported("Y24", "The largest entries", shown("micro: 20 the largest entry only"), map("top and div")),
  supported(
    "Y25",
    "Histograms under the name of their map or entry",
    shown("hist: keyed"),
    map("histograms: a block each, and an empty line; ordered by total"),
  ),
  supported(
    "Y26",
    "An empty line behind a histogram, none between maps",
    map("histograms: a block each, and an empty line; ordered by total"),
    shown("micro: 24 hist"),
  ),
  supported(
    "Y27",
    "At the end, all maps that have something",
    shown("micro: 17 maps in order of their names"),
    testsOf("linux/tracer/maps.test.ts")("come in the byte order of their names, empty ones not at all"),
  ),
];
