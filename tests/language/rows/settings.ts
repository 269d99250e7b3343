import { different, notYet, option, type Row, setting, shown, supported, testsOf } from "../row.ts";

const headers = testsOf("pure/compiler/headers/headers.test.ts");
const config = testsOf("pure/compiler/compile.test.ts");
const program = testsOf("linux/ebpf/program.test.ts");
const debugInfo = testsOf("tests/user-probes/debug-info.kernel.test.ts");
const text = testsOf("pure/output/text.test.ts");

const accepted = "accepted without effect";

/** Settings (K), the environment (E), and C (X). */
export const SETTINGS: readonly Row[] = [
  supported("K1", "`cache_user_symbols`", setting("cache_user_symbols"), shown("settings: wrong word")),
  supported(
    "K2",
    "`cpp_demangle`",
    setting("cpp_demangle"),
    testsOf("linux/ebpf/symbols/symbols.kernel.test.ts")("leaves names mangled when asked to"),
  ),
  different(
    "K3",
    "`lazy_symbolication`",
    `${accepted}: symbols are looked up when they are printed, and those of processes that end are kept until then`,
    setting("lazy_symbolication"),
    testsOf("linux/tracer/ended-processes.kernel.test.ts")("are named when they are shown at once"),
  ),
  supported("K4", "`license`", setting("license"), shown("settings: licence")),
  supported(
    "K5",
    "`log_size`",
    setting("log_size"),
    program("a log of a given size is asked for with the load itself"),
  ),
  supported("K6", "`max_bpf_progs`", setting("max_bpf_progs"), config("nothing said")),
  supported(
    "K7",
    "`max_cat_bytes`",
    setting("max_cat_bytes"),
    testsOf("linux/tracer/actions.test.ts")("show the start of a file, or why they cannot"),
  ),
  supported("K8", "`max_map_keys`", setting("max_map_keys"), shown("maps: fewer keys")),
  supported(
    "K9",
    "`max_probes`",
    setting("max_probes"),
    testsOf("pure/compiler/semantics/expand.test.ts")("max_probes is a limit"),
  ),
  supported(
    "K10",
    "`max_strlen`",
    setting("max_strlen"),
    shown("strings: too long for max_strlen"),
    shown("settings: environment wins"),
  ),
  supported(
    "K11",
    "`missing_probes`",
    setting("missing_probes"),
    testsOf("pure/compiler/semantics/expand.test.ts")("are an error, or a warning, or nothing"),
  ),
  different(
    "K12",
    "`on_stack_limit`",
    `${accepted}: what does not fit the stack goes to memory of its own by itself`,
    setting("on_stack_limit"),
    config("large values go to scratch memory, the ring is no larger than it must be"),
  ),
  supported("K13", "`perf_rb_pages`", setting("perf_rb_pages"), config("an event larger than the ring is told")),
  supported(
    "K14",
    "`print_maps_on_exit`",
    setting("print_maps_on_exit"),
    shown("maps: maps are not printed at the end"),
  ),
  supported(
    "K15",
    "`show_debug_info`: lines of source and inlined calls in stacks",
    setting("show_debug_info"),
    debugInfo("stacks have lines, unless they are not wanted"),
  ),
  supported(
    "K16",
    "`stack_mode`",
    setting("stack_mode"),
    text("stacks in the mode of bpftrace"),
    text("stacks in the mode of perf"),
  ),
  supported(
    "K17",
    "`str_trunc_trailer`",
    setting("str_trunc_trailer"),
    text("a string that fills its type shows the trailer"),
  ),
  different("K18", "`use_blazesym`", `${accepted}: symbols are read by beetrace itself`, setting("use_blazesym")),
  different(
    "K19",
    "`unstable_import_statement`",
    `${accepted}: there is no such statement`,
    shown("settings: keys without effect"),
  ),
  supported("K20", "`unstable_tseries`", setting("unstable_tseries"), shown("tseries: as a feature that is off")),
  different(
    "K21",
    "`unstable_typeinfo`",
    `${accepted}: \`typeinfo\` may always be used`,
    shown("settings: keys without effect"),
    shown("types: typeinfo"),
  ),
  supported("K22", "`unstable_dw_ustack`", setting("unstable_dw_ustack")),
  supported("K23", "Older names of settings, with a warning", shown("settings: old names")),
  supported("K24", "Settings that mean nothing any more", shown("settings: keys without effect")),

  supported(
    "E1",
    "`BPFTRACE_BTF`: types from a file",
    testsOf("linux/tracer/catalog/kernel-types.test.ts")("a program without types is refused"),
  ),
  supported(
    "E2",
    "`BPFTRACE_KERNEL_SOURCE`: where the kernel's headers are",
    testsOf("linux/tracer/header-files.test.ts")("looks in the tree of a kernel that the environment names"),
  ),
  supported(
    "E3",
    "`BPFTRACE_KERNEL_BUILD`: where its generated headers are",
    testsOf("linux/tracer/header-files.test.ts")("looks in the tree of a kernel that the environment names"),
  ),
  different(
    "E4",
    "`BPFTRACE_VMLINUX`: the kernel's symbols from a file",
    "not read: they come from /proc/kallsyms, and the kernel says where in a function no probe can be",
    testsOf("linux/ebpf/symbols/kernel-symbols.test.ts")("says what to do about hidden addresses"),
  ),
  supported("E5", "`BPFTRACE_COLOR`: `auto`, `always` or `never`", testsOf("pure/compiler/render.test.ts")("colour")),
  different(
    "E6",
    "The include paths of C compilers",
    "only those of `-I`",
    option("I"),
    testsOf("linux/tracer/header-files.test.ts")(
      "looks beside the file that includes, then in the folders of -I in their order",
    ),
  ),
  different(
    "E7",
    "What tests set",
    "of these `__BPFTRACE_NOTIFY_PROBES_ATTACHED` and `BPFTRACE_DUMMY_TS_MAP`",
    shown("tseries: the last value of each interval"),
  ),
  supported(
    "E8",
    "Where debug information is looked for",
    debugInfo("a stripped program's debug file is found: beside it, and in a directory that is named"),
    option("debuginfo"),
  ),

  supported(
    "X1",
    "`#include`, `-I`, `--include`",
    headers("are nested, and guarded"),
    headers("include files of the command line first"),
    option("I"),
    option("include"),
  ),
  supported(
    "X2",
    "`#define`: constants and text",
    headers("text is text"),
    shown("structs: constants of #define"),
    shown("structs: conditions of the preprocessor"),
  ),
  supported(
    "X3",
    "Definitions of structs, unions and enums",
    shown("structs: sizes"),
    shown("structs: bitfields"),
    shown("structs: packed"),
    headers("of types are kept, all others passed over"),
  ),
  different(
    "X4",
    "The script's definitions go before the kernel's",
    "there is no conflict that makes the kernel's types unusable",
    headers("use what headers say, and headers what the script defines"),
    headers("take headers of the kernel for read where there is BTF"),
  ),
  supported("X5", "Types of kernel modules", testsOf("pure/bytecode/btf/btf.test.ts")("a split BTF adds to its base")),
  supported(
    "X6",
    "Types of programs, from their DWARF",
    debugInfo("structs behind pointers have the fields that the compiler gave them"),
    testsOf("pure/compiler/semantics/debug-types.test.ts")(
      "structs: bit fields, what is inherited or has no name, themselves",
    ),
  ),
  supported(
    "X7",
    "Constants of enums and headers by name",
    shown("structs: enum constants"),
    shown("names: constants of C's headers"),
  ),
  notYet(
    "X8",
    "`.bpf.c` files",
    "there is no C compiler; `fn` is there",
    testsOf("pure/compiler/read-script.test.ts")("what cannot be imported"),
  ),
];
