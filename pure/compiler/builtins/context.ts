/** The probe itself: its name, its arguments, its registers. */
import { savedRegisterNames, savedRegisterOffset } from "@beetrace/object";
import { suggestionFor } from "@beetrace/std";
import type { Operand } from "../ir/ir.ts";
import { loadArgument } from "../lower/arguments.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { convertPlace, convertScalar, parts } from "../lower/memory.ts";
import { type Place, scalar, shifted } from "../lower/place.ts";
import { type ArgField, noArguments } from "../semantics/probe-context.ts";
import { NONE, pointerTo, stringOf, type Type, UINT64 } from "../semantics/types.ts";
import type { Builtin } from "./builtin.ts";
import { currentPid } from "./task.ts";

export const probe: Builtin = {
  name: "probe",
  form: "probe",
  doc: "The full name of the probe that fired.",
  arity: [0, 0],
  pure: true,
  check: (_use, c) => ({ type: { kind: "probe", size: c.probeNameSize } }),
  lower: (_use, l) => scalar(l.probeIndex ? l.probeIndex() : BigInt(l.unit.attachments[0].index)),
};

export const probetype: Builtin = {
  name: "probetype",
  form: "probetype",
  doc: "The kind of the probe that fired: kprobe, tracepoint, special for begin and end, …",
  arity: [0, 0],
  pure: true,
  check(_use, c) {
    const { provider } = c.context;
    const constant = provider === "begin" || provider === "end" || provider === "self" ? "special" : provider;
    return { type: stringOf(constant.length + 1), constant };
  },
};

export const retval: Builtin = {
  name: "retval",
  form: "retval",
  doc: "What the function returned.",
  arity: [0, 0],
  needsContext: true,
  pure: true,
  providers: ["kretprobe", "uretprobe", "fexit"],
  check(use, c) {
    const field = c.context.retval;
    return field ? { type: field.type } : c.error(use.span, "retval: the function returns nothing");
  },
  lower: (_use, l) => loadArgument(l, l.unit.context.retval!),
};

/** `args` as a whole; its fields are looked up by the field access. */
export const args: Builtin = {
  name: "args",
  form: "args.NAME",
  doc: "The arguments of the probe, by name.",
  arity: [0, 0],
  needsContext: true,
  pure: true,
  check(use, c) {
    const fields = c.context.args;
    if (c.context.provider === "iter" || !fields) return c.error(use.span, noArguments(c.context));
    const readable = fields.filter(({ load }) => load.kind !== "unavailable");
    return { type: { kind: "record", fields: readable.map(({ name, type }) => ({ name, type })) } };
  },
  lowerInto(_use, l, to, type) {
    const layout = parts(type);
    for (const field of l.unit.context.args ?? []) {
      const part = layout?.get(field.name);
      if (part) writeArgument(l, field, part.type, shifted(to, part.offset));
    }
  },
};

function writeArgument(l: Lowerer, field: ArgField, type: Type, to: Place): void {
  const value = loadArgument(l, field);
  if (value.kind === "scalar") l.store(to, type, convertScalar(l, value.operand, field.type, type));
  else if (value.kind === "place") convertPlace(l, value.place, field.type, type, to);
}

export const ctx: Builtin = {
  name: "ctx",
  form: "ctx",
  doc: "The raw context of the probe: a struct pt_regs of function probes, the iterator's struct.",
  arity: [0, 0],
  needsContext: true,
  pure: true,
  check(use, c) {
    if (c.context.provider === "tracepoint")
      return c.error(use.span, 'The ctx builtin can not be used with "tracepoint" probes', "use args");
    const name =
      c.context.provider === "iter" ? `bpf_iter__${c.context.attachTo}` : c.context.registers ? "pt_regs" : undefined;
    const struct = name === undefined ? undefined : c.types.struct(name);
    // An iterator's pointers are null at its end: reading them as plain kernel memory gives zeros then.
    const space = c.context.provider === "iter" ? "kernel" : "ctx";
    return { type: pointerTo(struct ?? NONE, space) };
  },
  lower: (_use, l) => scalar(l.context),
};

export const reg: Builtin = {
  name: "reg",
  form: 'reg("NAME")',
  doc: "A register of the CPU when the probe fired.",
  arity: [1, 1],
  needsContext: true,
  pure: true,
  check(use, c) {
    if (!c.context.registers) return c.error(use.span, `reg can not be used with "${c.context.provider}" probes`);
    const name = c.constantString(use, 0);
    if (name === undefined || savedRegisterOffset(c.target.arch, name) !== undefined) return { type: UINT64 };
    const near = suggestionFor(name, savedRegisterNames(c.target.arch));
    return c.error(
      use.span,
      `'${name}' is not a valid register on this architecture (${c.target.arch})`,
      ...(near ? [`did you mean ${near}?`] : []),
    );
  },
  lower(use, l) {
    const [name] = use.args;
    const text = name.kind === "type-name" ? "" : String(l.info(name).constant);
    const offset = savedRegisterOffset(l.assembly.checker.target.arch, text)!;
    return scalar(l.b.load(l.context, offset, 8));
  },
};

export const func: Builtin = {
  name: "func",
  form: "func",
  doc: "The name of the function that is traced.",
  arity: [0, 0],
  needsContext: true,
  pure: true,
  providers: ["kprobe", "kretprobe", "uprobe", "uretprobe", "fentry", "fexit", "fmod_ret"],
  check(use, c) {
    if (c.context.func === undefined)
      c.warning(
        use.span,
        "func is 0: this kernel forgets it until the function returns",
        "probe has the name; Linux 6.6 knows",
      );
    return { type: { kind: c.context.space === "user" ? "usym" : "ksym" } };
  },
  lower: (_use, l) => (l.unit.context.space === "user" ? inMemory(l) : scalar(functionAddress(l))),
};

/** A user symbol needs its process to be found: both are in memory. */
function inMemory(l: Lowerer) {
  const place = l.temp(16);
  l.b.store(place.base, place.offset, 8, functionAddress(l));
  l.b.store(place.base, place.offset + 8, 8, currentPid(l));
  return { kind: "place", place } as const;
}

/**
 * Where the probe is in the process: the traced function after its return, 0 if nothing knows it then; else the instruction
 * that the probe is on.
 */
export function functionAddress(l: Lowerer): Operand {
  if (l.unit.context.func === undefined) return 0n;
  if (l.unit.context.func === "func_ip") return l.b.call("get_func_ip", l.context);
  const offset = savedRegisterOffset(
    l.assembly.checker.target.arch,
    l.assembly.checker.target.arch === "x86_64" ? "ip" : "pc",
  )!;
  return l.b.load(l.context, offset, 8);
}

export const usermode: Builtin = {
  name: "usermode",
  form: "usermode",
  doc: "1 when the probe interrupted user code, 0 when it interrupted the kernel.",
  arity: [0, 0],
  needsContext: true,
  pure: true,
  check(use, c) {
    if (c.context.provider === "begin" || c.context.provider === "end" || c.context.provider === "self")
      return { type: UINT64, constant: 1n };
    if (!c.context.registers) return { type: UINT64, constant: 0n };
    if (c.target.arch !== "x86_64") return c.error(use.span, "usermode is supported on x86-64 only");
    return { type: UINT64 };
  },
  lower(_use, l) {
    // The lowest two bits of the code segment are the privilege level: 3 is user code.
    const cs = l.b.load(l.context, savedRegisterOffset("x86_64", "cs")!, 8);
    return scalar(l.b.alu("rsh", l.b.alu("and", cs, 2n), 1n));
  },
};
