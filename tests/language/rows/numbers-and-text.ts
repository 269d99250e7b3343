import { different, type Row, shown, supported, testsOf } from "../row.ts";

const types = testsOf("pure/compiler/check/types.test.ts");
const expand = testsOf("pure/compiler/semantics/expand.test.ts");

/** What numbers (N) and strings (S) do, and whose memory pointers point into (Q). */
export const NUMBERS_AND_TEXT: readonly Row[] = [
  supported(
    "N1",
    "A literal takes the smallest type, and the sign of what stands beside it",
    types("literals (N1, L11)"),
    shown("ints: a literal takes the other side's sign"),
  ),
  supported(
    "N2",
    "Arithmetic is done in 64 bits; without sign only when both sides are",
    types("operators (N2, N3, N10, O1 to O9)"),
    shown("micro: 36 arithmetic is 64 bits wide"),
  ),
  supported(
    "N3",
    "What `-` and `--` give has a sign",
    shown("micro: 6 subtraction is signed"),
    shown("ints: subtraction of unsigned is signed"),
  ),
  supported(
    "N4",
    "Storage grows to hold all that is put into it",
    types("storage grows (N4, T27, V3)"),
    shown("ints: a variable grows to what it is given"),
  ),
  supported(
    "N5",
    "A literal that does not fit is an error, a value that may not fit a warning",
    shown("scope: a constant that does not fit"),
    shown("warnings: values that are cut"),
  ),
  supported(
    "N6",
    "Literals are computed exactly",
    shown("ints: literals fold exactly"),
    testsOf("pure/compiler/arithmetic.fuzz.test.ts")("what is known beforehand"),
  ),
  supported(
    "N7",
    "`/ %` of variables are without sign, with a warning",
    shown("micro: 2 signed variables divide unsigned"),
    shown("warnings: signed division"),
  ),
  supported(
    "N8",
    "Division by zero gives 1 and a warning",
    shown("micro: 5 division by zero gives one"),
    shown("ints: modulo by zero"),
  ),
  supported("N9", "`>>` brings zeros in", shown("micro: 3 right shift is logical")),
  supported(
    "N10",
    "Comparisons have a sign when both sides have",
    shown("ints: comparison of two signed"),
    shown("ints: comparison of signed and unsigned is one of the type that holds both"),
  ),
  supported("N11", "`++` of a key that is not there gives 1, `--` gives -1", shown("maps: increments")),
  supported("N12", "`true` is 1 in arithmetic", shown("ints: booleans in arithmetic"), shown("printf: booleans")),
  supported(
    "N13",
    "Pointers step by the size of what they point to",
    shown("pointers: arithmetic counts elements"),
    shown("pointers: steps count elements"),
  ),
  supported(
    "N14",
    "The mean of negative numbers is cut toward zero",
    shown("aggregates: avg of negatives"),
    shown("aggregates: average that is negative can be read"),
  ),
  supported("N15", "Arithmetic makes a number of an enum", types("@r = TCP_CLOSE + 1;")),
  supported(
    "N16",
    "Maps of `min` and `max` are in the order of numbers without sign",
    shown("aggregates: order of signed min is unsigned"),
  ),
  supported(
    "N17",
    "`retval` of a kprobe is 64 bits without sign: `%d` or a cast show what is negative",
    shown("micro: 9 %d cuts to 32 bits"),
    shown("casts: narrowing cuts"),
    testsOf("tests/user-probes/functions.kernel.test.ts")("what functions return"),
  ),

  supported(
    "S1",
    "A string's type says how long it can be, and grows",
    shown("strings: a variable grows"),
    shown("strings: a map's string grows"),
  ),
  supported(
    "S2",
    "`str(p, N)` gives N - 1 characters at most",
    shown("strings: a part of a string"),
    types("@r = str(5, 10);"),
    types("@r = comm;"),
  ),
  supported(
    "S3",
    "A string that fills its type is shown with a trailer",
    testsOf("pure/output/text.test.ts")("a string that fills its type shows the trailer"),
    shown("strings: too long for max_strlen"),
  ),
  supported("S4", "What cannot be read is empty", shown("strings: str of what cannot be read")),
  supported(
    "S5",
    "Equality stops at the NUL",
    shown("strings: a NUL inside does not matter for equality"),
    shown("strings: equality of strings of different capacity"),
  ),
  different(
    "S6",
    "Strings as keys",
    "the same text is the same key, wherever it comes from",
    shown("strings: string keys of different capacity are the same key"),
    shown("strings: keys from comm and from literals are the same key"),
    shown("strings: what stands behind a NUL does not matter"),
  ),
  supported(
    "S7",
    "`$s[i]`",
    shown("micro: 28 character of a string"),
    shown("strings: index beyond the end"),
    shown("strings: an index that is not known is checked"),
  ),
  supported(
    "S8",
    "`str` of a literal is known when the script is compiled",
    shown("strings: str of a literal"),
    shown("settings: a part of a text"),
  ),
  different(
    "S9",
    "Bytes that are no UTF-8",
    "in JSON as well-formed text",
    shown("json: text beyond ASCII"),
    testsOf("pure/output/json.test.ts")("strings: escapes, control characters, UTF-8 and bytes that are none"),
    shown("printf: bytes are passed on as they are"),
  ),
  supported(
    "S10",
    "Long strings do not need the stack",
    shown("strings: long string in a map"),
    testsOf("pure/compiler/compile.test.ts")(
      "large values go to scratch memory, the ring is no larger than it must be",
    ),
  ),

  supported(
    "Q1",
    "The kernel's memory, or the process's in probes on programs",
    expand("fentry:vfs_read { @a = args.file->f_pos; @b = str(args.buf); @c = *args.pos; }"),
    testsOf("tests/user-probes/functions.kernel.test.ts")("strings, bytes and structures behind pointers"),
  ),
  supported(
    "Q2",
    "A pointer's type says whose memory; what is read through it too",
    shown("warnings: pointers into different memory"),
    expand("t:syscalls:sys_enter_openat { @a = str(args.filename); @b = args.flags; @c = args->dfd; }"),
  ),
  supported(
    "Q3",
    "`kptr`, `uptr` say it",
    shown("warnings: pointers into different memory"),
    shown("builtins: whose memory"),
  ),
  supported("Q4", "A warning where both are mixed", shown("warnings: pointers into different memory")),
  supported(
    "Q5",
    "Each memory is read by its own helper of the kernel",
    shown("failures: memory that cannot be read"),
    testsOf("pure/compiler/compile.test.ts")("a field of the kernel's memory"),
  ),
  supported(
    "Q6",
    "`curtask` is the kernel's; addresses of variables are BPF's",
    shown("structs: the kernel's types"),
    shown("pointers: a variable's address"),
  ),
];
