/** Functions that the kernel has for programs to call (kfuncs), by their own names. */
import type { Argument } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { addressArgument, convertScalar } from "../lower/memory.ts";
import { NO_VALUE, scalar } from "../lower/place.ts";
import type { CTypes } from "../semantics/c-types.ts";
import { functionParameters } from "../semantics/providers/functions.ts";
import { isScalar, NONE, type Type, typeName, UINT64 } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** Arguments are in the registers r1 to r5. */
const ARGUMENTS_MAX = 5;

/** The rule of every call whose name is none of the language's. Which pointers a function may get is left to the verifier. */
export const kernelFunction: Builtin = {
  name: "KERNEL_FUNCTION",
  form: "KERNEL_FUNCTION(ARGUMENT, …)",
  doc: "A function of the kernel by its own name, of those that it has for programs (kfuncs). Its BTF says what it takes and gives; a text or tuple is given by its address. Requires Linux 5.18, for most functions 6.1, and a probe whose programs may call it. What it changes is its own affair.",
  arity: [0, ARGUMENTS_MAX],
  unsafe: true,
  check(use, c) {
    const prototype = prototypeOf(c.types, use.name);
    if (!prototype) return { type: NONE };
    const { params, result } = prototype;
    if (!c.target.features.kfunc(use.name, c.context.programType))
      return c.error(use.span, `${use.name} is a function of the kernel that ${c.context.provider} probes cannot call`);
    if (use.args.length !== params.length) {
      const wanted = params.map(({ name, type }) => `${name}: ${typeName(type)}`).join(", ");
      return c.error(use.span, `${use.name}() takes (${wanted}): ${use.args.length} given`);
    }
    params.forEach(({ name, type }, index) => {
      const given = c.check(use.args[index]).type;
      if (given.kind === "none" || isFit(given, type)) return;
      c.error(use.args[index].span, `${use.name}(): ${name} is '${typeName(type)}', not '${typeName(given)}'`);
    });
    return { type: result };
  },
  lower(use, l) {
    const { params } = prototypeOf(l.assembly.checker.types, use.name)!;
    const result = l.b.kfunc(use.name, ...params.map(({ type }, index) => argument(use, l, index, type)));
    const type = l.type(use.node);
    if (type.kind === "none") return NO_VALUE;
    // What is above a narrow result in its register is anything.
    return scalar(type.kind === "bool" ? l.b.extend(result, 8, false) : convertScalar(l, result, UINT64, type));
  },
};

/** Whether the kernel has a function of this name, for programs or not. */
export function isKernelFunction({ types }: Checking, name: string): boolean {
  return prototypeOf(types, name) !== undefined;
}

/** What BTF says of a function. */
function prototypeOf(types: CTypes, name: string): ReturnType<typeof functionParameters> {
  return functionParameters(types, { name }, "kernel");
}

/** Numbers for numbers; for pointers also what is in memory, a text or a tuple, whose address it gets. */
function isFit(given: Type, wanted: Type): boolean {
  if (wanted.kind === "pointer") return given.kind === "pointer" || given.kind === "int" || !isScalar(given);
  return isScalar(wanted) && isScalar(given) && given.kind !== "pointer";
}

function argument(use: Use, l: Lowerer, index: number, wanted: Type): Argument {
  const given = expressionAt(use, index)!;
  const type = l.type(given);
  if (isScalar(type)) return convertScalar(l, l.scalar(given), type, wanted);
  return addressArgument(l, l.stored(given, type));
}
