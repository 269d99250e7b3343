/** The config block and its environment variables. */
import { suggestionFor } from "@beetrace/std";
import type { ConfigEntry } from "./ast.ts";
import type { Diagnostics } from "./diagnostic.ts";
import { STACK_FRAMES_MAX } from "./stack-maps.ts";

/** What the use of a feature that may still change is to the compiler. */
export type UnstableLevel = "enable" | "warn" | "error";

/** The settings that say so, one a feature. */
export type UnstableSetting = "unstable_dw_ustack" | "unstable_tseries";

type StackModeName = "bpftrace" | "perf" | "raw" | "build_id";

/** All settings, with what holds when nothing is said. */
export interface Config {
  cache_user_symbols: "PER_PROGRAM" | "PER_PID" | "NONE";
  cpp_demangle: boolean;
  lazy_symbolication: boolean;
  license: string;
  log_size: number;
  max_bpf_progs: number;
  max_cat_bytes: number;
  max_map_keys: number;
  max_probes: number;
  /** Frames of stacks whose limit is not given. */
  max_stack_depth: number;
  /** Different stacks that are kept at a time, of each kind. */
  max_stacks: number;
  max_strlen: number;
  missing_probes: "error" | "warn" | "ignore";
  on_stack_limit: number;
  perf_rb_pages: number;
  print_maps_on_exit: boolean;
  show_debug_info: boolean;
  stack_mode: StackModeName;
  str_trunc_trailer: string;
  unstable_dw_ustack: UnstableLevel;
  unstable_tseries: UnstableLevel;
  use_blazesym: boolean;
}

type Key = keyof Config;

/** What holds for a setting that neither the config block nor the environment gives. */
export const CONFIG_DEFAULTS: Readonly<Config> = {
  cache_user_symbols: "PER_PID",
  cpp_demangle: true,
  lazy_symbolication: true,
  license: "GPL",
  log_size: 1_000_000,
  max_bpf_progs: 1024,
  max_cat_bytes: 10240,
  max_map_keys: 4096,
  max_probes: 1024,
  max_stack_depth: 127,
  max_stacks: 8192,
  max_strlen: 1024,
  missing_probes: "error",
  on_stack_limit: 32,
  perf_rb_pages: 0,
  print_maps_on_exit: true,
  show_debug_info: true,
  stack_mode: "bpftrace",
  str_trunc_trailer: "..",
  unstable_dw_ustack: "warn",
  unstable_tseries: "warn",
  use_blazesym: true,
};

const WORDS: Partial<Record<Key, readonly string[]>> = {
  cache_user_symbols: ["PER_PROGRAM", "PER_PID", "NONE"],
  missing_probes: ["error", "warn", "ignore"],
  stack_mode: ["bpftrace", "perf", "raw", "build_id"],
  unstable_dw_ustack: ["enable", "warn", "error"],
  unstable_tseries: ["enable", "warn", "error"],
  license: ["Dual MIT/GPL", "Dual BSD/GPL", "Dual MPL/GPL", "GPL and additional rights", "GPL v2", "GPL"],
};

/** What whole numbers that are not zero may be at most. */
const MOST: Partial<Record<Key, number>> = { max_stack_depth: STACK_FRAMES_MAX };

const RENAMED: Readonly<Record<string, Key>> = {
  strlen: "max_strlen",
  cat_bytes_max: "max_cat_bytes",
  map_keys_max: "max_map_keys",
};

/** Accepted from older scripts, without effect. */
const WITHOUT_EFFECT = new Set([
  "symbol_source",
  "max_type_res_iterations",
  "unstable_addr",
  "unstable_import",
  "unstable_import_statement",
  "unstable_macro",
  "unstable_map_decl",
  "unstable_typeinfo",
]);

/** The settings of a script: its config block, then the environment, which wins. */
export function readConfig(
  entries: readonly ConfigEntry[],
  environment: Readonly<Record<string, string | undefined>>,
  diagnostics: Diagnostics,
): Config {
  const config: Config = { ...CONFIG_DEFAULTS };
  for (const entry of entries) {
    const value = entry.value.kind === "int" ? entry.value.value.toString() : entry.value.value;
    set(config, entry.key, value, diagnostics, entry);
  }
  for (const [name, value] of Object.entries(environment)) {
    const key = /^BPFTRACE_(\w+)$/.exec(name)?.[1].toLowerCase();
    if (key === undefined || value === undefined) continue;
    if (key in CONFIG_DEFAULTS || key in RENAMED || key === "no_cpp_demangle") set(config, key, value, diagnostics);
  }
  return config;
}

function set(
  config: Config,
  written: string,
  value: string,
  diagnostics: Diagnostics,
  { span, keySpan, valueSpan }: Partial<ConfigEntry> = {},
): void {
  let name = written.toLowerCase().replace(/^bpftrace_/, "");
  if (WITHOUT_EFFECT.has(name)) {
    if (keySpan) diagnostics.warning(keySpan, `${written} has no effect`);
    return;
  }
  if (name === "no_cpp_demangle") {
    config.cpp_demangle = !truth(value);
    return;
  }
  const renamed = RENAMED[name];
  if (renamed) {
    if (keySpan) diagnostics.warning(keySpan, `${written} has been renamed, please use ${renamed}`);
    name = renamed;
  }
  if (!(name in CONFIG_DEFAULTS)) {
    const near = suggestionFor(name, Object.keys(CONFIG_DEFAULTS));
    diagnostics.error(span, `${written}: not a known configuration option`, ...(near ? [`did you mean ${near}?`] : []));
    return;
  }
  const problem = assign(config, name as Key, value);
  if (problem) diagnostics.error(valueSpan, `Invalid value for ${written}${problem}`);
}

/** Gives what is wrong with the value, as it follows on the setting's name. */
function assign(config: Config, key: Key, value: string): string | undefined {
  const target = config as unknown as Record<string, unknown>;
  const standard = CONFIG_DEFAULTS[key];
  if (typeof standard === "boolean") {
    const known = truth(value);
    if (known === undefined) return ": expected true or false";
    target[key] = known;
  } else if (typeof standard === "number") {
    if (!/^\d+$/.test(value)) return ": expected a whole number";
    const number = Number(value);
    const most = MOST[key];
    if (most !== undefined && (number < 1 || number > most)) return `: expected 1 to ${most}`;
    target[key] = number;
  } else {
    const words = WORDS[key];
    const word = words?.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
    if (words && word === undefined) return `. Found: ${value}. Valid values: ${words.join(", ")}`;
    target[key] = word ?? value;
  }
  return undefined;
}

function truth(value: string): boolean | undefined {
  const lower = value.toLowerCase();
  if (["true", "1", "on", "yes", "enable"].includes(lower)) return true;
  return ["false", "0", "off", "no", "disable"].includes(lower) ? false : undefined;
}
