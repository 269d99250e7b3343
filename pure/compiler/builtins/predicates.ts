/** What is known of an expression or of the kernel when the script is compiled, for `if comptime`; and error pointers. */
import type { Expression, TypeName } from "../ast.ts";
import { scalar } from "../lower/place.ts";
import { BOOL, isScalar, type Type, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** The type of an argument; of a map by name that of its values. */
function typeOf(argument: Expression | TypeName, use: Use, c: Checking): Type {
  if (argument.kind !== "map" || argument.key) return c.check(argument).type;
  return c.mapArgument(use, 0)?.value ?? { kind: "none" };
}

function typePredicate(name: string, doc: string, holds: (type: Type) => boolean): Builtin {
  return {
    name,
    form: `${name}(EXPRESSION or TYPE)`,
    doc,
    arity: [1, 1],
    pure: true,
    typeArguments: [0],
    check(use, c) {
      const type = typeOf(use.args[0], use, c);
      return type.kind === "none" ? { type: BOOL } : { type: BOOL, constant: holds(type) };
    },
  };
}

/** `is_array(args.argv)`: an array of C or of the language; one of `char` is a string. */
export const isArray = typePredicate("is_array", "Whether a value is an array.", (type) => type.kind === "array");
/** `is_integer($x)`: of any size; booleans, enums and pointers are none. */
export const isIntegerValue = typePredicate(
  "is_integer",
  "Whether a value is an integer.",
  (type) => type.kind === "int",
);
/** `is_unsigned_integer($x)`: of any size. */
export const isUnsignedInteger = typePredicate(
  "is_unsigned_integer",
  "Whether a value is an unsigned integer.",
  (type) => type.kind === "int" && !type.signed,
);
/** `is_ptr(arg0)`: a number is none, whatever it means. */
export const isPtr = typePredicate("is_ptr", "Whether a value is a pointer.", (type) => type.kind === "pointer");
/** `is_str(comm)`. */
export const isStr = typePredicate(
  "is_str",
  "Whether a value is a string.",
  (type) => type.kind === "string" || type.kind === "probe",
);

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

/** The kernel's MAX_ERRNO (include/linux/err.h): pointers above its negative are errors. */
const MAX_ERRNO = 4095n;

export const isErr: Builtin = {
  name: "is_err",
  form: "is_err(POINTER)",
  doc: "Whether a pointer that the kernel returned is an error code instead, as its IS_ERR() says.",
  arity: [1, 1],
  pure: true,
  check(use, c) {
    const { type } = c.check(use.args[0]);
    return isScalar(type) || type.kind === "none"
      ? { type: BOOL }
      : c.error(use.span, `is_err() expects a pointer (${typeName(type)} provided)`);
  },
  lower(use, l) {
    const pointer = l.scalar(expressionAt(use, 0)!);
    const result = l.b.copy(1n);
    const valid = l.b.block();
    const after = l.b.block();
    l.b.branch("lt", pointer, -MAX_ERRNO, valid, after);
    l.b.enter(valid);
    l.b.copy(0n, result);
    l.b.jump(after);
    l.b.enter(after);
    return scalar(result);
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
