import { builtin, different, option, type Row, shown, supported, testsOf } from "../row.ts";

const parser = testsOf("pure/compiler/parser/parser.test.ts");
const lexer = testsOf("pure/compiler/parser/lexer.test.ts");
const printer = testsOf("pure/compiler/parser/print.test.ts");
const reader = testsOf("pure/compiler/read-script.test.ts");
const command = testsOf("cli/beetrace.kernel.test.ts");

/** Programs (ST), control flow (C), and what scripts define (M). */
export const PROGRAMS: readonly Row[] = [
  supported(
    "ST1",
    "C definitions, then `config` and `import`, then probes, macros, functions and maps; anything out of its place is told",
    parser("C definitions"),
    shown("settings: config after a probe"),
    shown("programs: definitions after a probe"),
    shown("programs: two config blocks"),
  ),
  supported("ST2", "A first line `#!`", parser("the preprocessor"), shown("programs: a first line for the shell")),
  supported(
    "ST3",
    "Comments `//` and `/* */`, which do not nest",
    shown("control: comments"),
    lexer("comments and line continuations are layout"),
  ),
  supported(
    "ST4",
    "Names: letters, digits and `_`; `$x` and `@x`, and `@` alone",
    shown("maps: anonymous map"),
    shown("scope: unknown identifier"),
  ),
  supported(
    "ST5",
    "Keywords, which fields may be called by nevertheless",
    shown("programs: fields named like keywords and builtins"),
  ),
  supported("ST6", "`;` between statements, not needed behind a block or before `}`", shown("control: semicolons")),
  supported(
    "ST7",
    "A probe: attach points with commas between, a condition, an action",
    parser("attach points may be labelled, and the list may end with a comma"),
    shown("maps: maps are shared between probes"),
  ),
  supported(
    "ST8",
    "The condition between slashes: an integer, a pointer or a boolean",
    shown("control: predicates"),
    shown("control: division in a predicate"),
    shown("control: predicate of a string"),
    parser("a slash belongs to the path once there was a colon"),
  ),
  supported(
    "ST9",
    "A block as a value: that of its last expression",
    shown("control: block as a value"),
    shown("control: block without a value"),
  ),
  supported(
    "ST10",
    "`if` as a value",
    shown("control: if as an expression"),
    shown("control: if expression with statements"),
  ),
  supported("ST11", "`_ = …` drops a value without a warning", shown("control: discard")),
  supported(
    "ST12",
    "A warning where a value is not used",
    shown("warnings: values that are dropped"),
    shown("strings: discarded values"),
  ),
  supported(
    "ST13",
    "`--fmt`: the script in one form, comments kept",
    printer("the canonical form"),
    printer("comments in odd places are kept once each"),
    option("fmt"),
  ),
  supported(
    "ST14",
    "A script from `-e`, a file or standard input",
    command("a one-liner, a file and standard input"),
    shown("settings: empty script"),
  ),

  supported(
    "C1",
    "`if`, `else if`, `else`, with or without parentheses",
    shown("control: if and else"),
    shown("control: else if"),
    shown("control: without parentheses"),
  ),
  supported(
    "C2",
    "`while`, with a warning that it is an older form",
    shown("loops: while"),
    shown("warnings: while loops"),
  ),
  supported(
    "C3",
    "`for $i : a..b`, without `b`",
    shown("micro: 30 range"),
    shown("loops: range with negative bounds"),
    shown("loops: bounds are evaluated once"),
    shown("loops: an empty range"),
  ),
  supported(
    "C4",
    "`for $kv : @map`: the key is `$kv.0`, the value `$kv.1`",
    shown("loops: loop over a map"),
    shown("loops: deleting in a loop"),
    shown("loops: loop over counts"),
    shown("loops: loop over histograms"),
  ),
  supported(
    "C5",
    "`unroll(N)`, up to 100",
    shown("loops: unroll"),
    shown("loops: unroll of too much"),
    shown("loops: unroll of a parameter"),
  ),
  supported(
    "C6",
    "`break` and `continue`",
    shown("loops: break"),
    shown("loops: continue"),
    shown("loops: break outside of a loop"),
  ),
  supported(
    "C7",
    "`return`, with a value in functions and tests",
    shown("control: return"),
    shown("loops: return from a loop"),
    shown("warnings: after return"),
  ),
  supported(
    "C8",
    "Not in the body of `for`: `exit()` and what belongs to the probe's context",
    shown("loops: exit in a loop"),
    shown("loops: values of the context in a loop"),
  ),
  supported(
    "C9",
    "`if comptime`: the arm that is not taken is not looked at",
    shown("types: an arm that is not taken is not looked at"),
    shown("types: if comptime as a value"),
  ),
  supported(
    "C10",
    "A block has variables of its own",
    shown("micro: 60 blocks have scopes"),
    shown("scope: a variable of a block is gone"),
  ),

  different(
    "M1",
    "`fn name($a: int64): int64 { … }`",
    "functions are compiled into the places that call them, so that one cannot call itself; they may use what is the probe's",
    shown("functions: parameters and result"),
    shown("functions: functions call functions, defined later"),
    shown("functions: a function that calls itself"),
  ),
  different(
    "M2",
    "`macro name(x, $v, @m) { … }`: an expression, the caller's variable, the caller's map",
    "`return` in a macro is not refused: it ends the probe's action",
    shown("macros: an expression argument stands where the body names it"),
    shown("macros: a variable argument is the caller's own"),
    shown("macros: a map argument is the caller's own"),
    shown("macros: macro that calls itself"),
  ),
  supported(
    "M3",
    "Macros of one name, by the number and kind of arguments; the script's go before the standard library's",
    shown("macros: by the number of arguments"),
    shown("macros: by the kind of argument"),
    shown("macros: a macro goes before a builtin of its name"),
  ),
  supported(
    "M4",
    "A macro without parameters needs no parentheses",
    shown("macros: a macro without parameters needs no parentheses"),
  ),
  supported(
    "M5",
    "A type as an argument",
    shown("macros: a type as an argument"),
    shown("macros: a type argument with stars and dimensions"),
  ),
  different(
    "M6",
    "`import` of a script, a header or a folder, relative to the file that imports, each once",
    "not of `.bpf.c` files: there is no C compiler",
    reader("probes, macros and structs of imported files are there, each file once"),
    reader("what cannot be imported"),
  ),
  different(
    "M7",
    "`import` as a statement",
    "refused with its place, as by bpftrace, which keeps it for its own library; `unstable_import_statement` changes nothing",
    shown("programs: import in an action"),
  ),
  different(
    "M8",
    "A standard library that is there without being asked for",
    "a file of it is read only when the script names something in it, so that it costs nothing else",
    reader("the standard library parses, and every macro of it says what it is for"),
  ),
  different(
    "M9",
    "Calls of kernel functions and of C functions by name",
    "of those of the kernel, with `--unsafe`; there is no C compiler: `fn` is there",
    testsOf("tests/tracing/kernel-functions.kernel.test.ts")("a task by its number, held while it is read"),
    builtin("kfunc_exist"),
  ),
  supported(
    "M10",
    "`comptime`: known when the script is compiled, or an error",
    shown("control: comptime"),
    shown("control: comptime of what is not known"),
  ),
];
