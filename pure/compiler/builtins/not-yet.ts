/** Names of the language that are known and not there yet: each says so, and is never taken for something else. */
import type { Builtin } from "./builtin.ts";

const NAMES: readonly string[] = [
  "assert",
  "assert_str",
  "config",
  "container_of",
  "debugf",
  "default_str_length",
  "dw_ustack",
  "fail",
  "find",
  "is_array",
  "is_err",
  "is_integer",
  "is_literal",
  "is_ptr",
  "is_scalar",
  "is_str",
  "is_unsigned_integer",
  "kfunc_allowed",
  "kfunc_exist",
  "leader_comm",
  "memcmp",
  "path",
  "signal_name",
  "skboutput",
  "socket_cookie",
  "static_assert",
  "str_concat",
  "strcap",
  "strcontains",
  "strerror",
  "strstr",
  "syscall_name",
  "unwatch",
  "write_user",
];

const ARGUMENTS_MAX = 128;

/** A builtin for each of these names, whose every use is an error, whatever its arguments. */
export const notYet: readonly Builtin[] = NAMES.map((name) => ({
  name,
  form: `${name}(…)`,
  doc: "Not supported yet.",
  arity: [0, ARGUMENTS_MAX],
  check: (use, c) => c.error(use.span, `${name} is not supported yet`),
}));
