import type { Config } from "./config.ts";

/** What each setting does, for the reference. A setting without a sentence here does not compile. */
export const SETTING_DOCS: Readonly<Record<keyof Config, string>> = {
  cache_user_symbols:
    "How long the symbols of programs are kept: for each program, for each process, or not at all (PER_PROGRAM, PER_PID, NONE).",
  cpp_demangle: "Shows the names of C++ and Rust functions as they were written.",
  lazy_symbolication:
    "Without effect: symbols are looked up when they are printed, and those of processes that end are kept until then.",
  license: "The licence that programs are loaded with: one that the kernel holds to be compatible with the GPL.",
  log_size: "Bytes for the verifier's log, which is asked for only when a program was refused.",
  max_bpf_progs: "The most programs that a script may become.",
  max_cat_bytes: "The most bytes of a file that cat() shows.",
  max_map_keys: "The most keys of a map that is not declared with a size of its own.",
  max_probes: "The most places that a script may be attached to.",
  max_stack_depth:
    "The most frames of a call stack whose limit is not given. The kernel takes kernel.perf_event_max_stack (127) at most.",
  max_stacks: "The most different call stacks of a kind that are kept.",
  max_strlen: "The most bytes that str() and buf() read, with the NUL.",
  missing_probes: "What becomes of a probe that this machine does not have: error, warn or ignore.",
  on_stack_limit: "Without effect: what does not fit the 512 bytes of BPF's stack is moved to memory of its own.",
  perf_rb_pages: "Pages of 4 KiB for the ring of events; 0: as many as are sensible for the machine.",
  print_maps_on_exit: "Prints the maps at the end.",
  show_debug_info: "Shows lines of source and inlined calls in call stacks, where there is debug information.",
  stack_mode: "How call stacks are shown where kstack() and ustack() do not say: bpftrace, perf, raw or build_id.",
  str_trunc_trailer: "What stands behind a text that was cut.",
  unstable_dw_ustack: "What the use of dw_ustack() is: enable, warn or error.",
  unstable_tseries: "What the use of tseries() is: enable, warn or error.",
  use_blazesym: "Without effect: symbols are read by beetrace itself.",
};
