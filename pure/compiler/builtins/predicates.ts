/** What is known of an expression or of the kernel when the script is compiled, for `if comptime`. */
import { BOOL, isScalar } from "../semantics/types.ts";
import type { Builtin, Checking } from "./builtin.ts";

export const isScalarValue: Builtin = {
  name: "is_scalar",
  form: "is_scalar(@MAP or EXPRESSION)",
  doc: "Whether a map has no keys; whether another value is a single number, boolean or pointer.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const [argument] = use.args;
    if (argument.kind !== "map" || argument.key) return { type: BOOL, constant: isScalar(c.check(argument).type) };
    const keyed = c.mapArgument(use, 0)?.keyed;
    return keyed === undefined ? { type: BOOL } : { type: BOOL, constant: !keyed };
  },
};

export const isLiteral: Builtin = {
  name: "is_literal",
  form: "is_literal(EXPRESSION)",
  doc: "Whether the value of an expression is known when the script is compiled.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const [argument] = use.args;
    const map = argument.kind === "map" && !argument.key;
    return { type: BOOL, constant: !map && c.check(argument).constant !== undefined };
  },
};

function kfuncPredicate(name: string, doc: string, holds: (kfunc: string, c: Checking) => boolean): Builtin {
  return {
    name,
    form: `${name}("FUNCTION")`,
    doc,
    arity: [1, 1],
    pure: true,
    check(use, c) {
      const kfunc = c.constantString(use, 0);
      return kfunc === undefined ? { type: BOOL } : { type: BOOL, constant: holds(kfunc, c) };
    },
  };
}

/** `kfunc_exist("bpf_strnstr")`: looked up in the kernel's BTF. */
export const kfuncExist = kfuncPredicate(
  "kfunc_exist",
  "Whether the kernel has a function for programs to call.",
  (kfunc, c) => c.target.features.kfunc(kfunc),
);
/** `kfunc_allowed("bpf_task_from_pid")`: one may be there and yet not for tracing programs, or not for this kind. */
export const kfuncAllowed = kfuncPredicate(
  "kfunc_allowed",
  "Whether this probe's program may call a function of the kernel.",
  (kfunc, c) => c.target.features.kfunc(kfunc, c.context.programType),
);
