/** Static points of the kernel: tracepoints, raw tracepoints, system calls, iterators. */
import { registerOffset, returnRegister, savedRegisterOffset, syscallArgumentRegisters } from "@beetrace/object";
import { syscallNumber } from "../../syscalls.ts";
import type { StackPlace } from "../../target.ts";
import type { TracepointField, TracepointFormat } from "../../tracepoint-format.ts";
import type { BtfTypes } from "../btf-types.ts";
import type { ArgField, ProbeContext } from "../probe-context.ts";
import { tracepointProto, tracepointSignature } from "../signatures.ts";
import { INT64, intType, pointerTo, type Space, type Type } from "../types.ts";
import { inSpace } from "./functions.ts";
import {
  type ExpandInput,
  type Expansion,
  hasTypes,
  hasWildcard,
  matchesPattern,
  type Provider,
  wrongForm,
} from "./provider.ts";

/** Events whose record holds what no raw tracepoint passes are read through perf's buffer. */
export const tracepoint: Provider = {
  name: "tracepoint",
  aliases: ["t"],
  form: "tracepoint:CATEGORY:EVENT",
  doc: "A static event of the kernel, with named arguments.",
  expand(input) {
    const { parts, target } = input;
    if (parts.length === 1 && hasWildcard(parts[0])) return expandAll(input, parts[0], "*");
    if (parts.length !== 2 || parts.some((part) => part === "")) return wrongForm(input, tracepoint);
    const isRaw = parts[0] === "syscalls" && target.features.btfTracepoint && !isBetterByPerf(input, parts[1]);
    return isRaw ? expandSyscalls(input) : expandAll(input, parts[0], parts[1]);
  },
};

/**
 * A raw tracepoint's program finds itself on the kernel's stack: to make sure that it is no return to nowhere takes the
 * kernel 400 ns (is_ftrace_trampoline, bpf_ksym_find). Perf's stacks begin below the program; Linux 6.1 has none at system calls.
 */
function isBetterByPerf({ takesKernelStack, target }: ExpandInput, syscall: string): boolean {
  return takesKernelStack && !hasWildcard(syscall) && target.features.callerFrames(perfPlace(syscall)) !== undefined;
}

function perfPlace(syscall: string): StackPlace {
  return syscall.startsWith("sys_exit_") ? "perf sys_exit" : "perf sys_enter";
}

function expandAll(input: ExpandInput, category: string, name: string): readonly Expansion[] {
  const { catalog } = input.target;
  return catalog.tracepoints(category, name).flatMap((event) => {
    const format = catalog.tracepointFormat(event.category, event.name);
    if (!format) return [];
    const args = input.usesArgs
      ? format.fields.filter((field) => !field.common).map((field) => argField(input, field, format))
      : undefined;
    const isStackOfSyscall = event.category === "syscalls" && input.takesKernelStack;
    const callerFrames = (isStackOfSyscall && input.target.features.callerFrames(perfPlace(event.name))) || 0;
    const context: ProbeContext = {
      provider: "tracepoint",
      programType: "BPF_PROG_TYPE_TRACEPOINT",
      space: "kernel",
      registers: false,
      // Perf's own consumers see the event as well: a tracer must not swallow it.
      result: 1n,
      filterPid: true,
      ...(callerFrames > 0 ? { callerFrames } : {}),
      ...(args ? { args } : {}),
    };
    const fullName = `tracepoint:${event.category}:${event.name}`;
    return [
      {
        key: `tracepoint ${callerFrames} ${args ? JSON.stringify(format.fields) : ""}`,
        context,
        attachment: { kind: "tracepoint", category: event.category, event: event.name, id: format.id } as const,
        name: fullName,
      },
    ];
  });
}

function argField(input: ExpandInput, field: TracepointField, format: TracepointFormat): ArgField {
  const space: Space = format.category === "syscalls" ? "user" : "kernel";
  if (field.isDataLoc || field.isRelDataLoc) {
    const from = field.isRelDataLoc ? field.offset + 4 : 0;
    const element = elementType(input, field, space);
    return {
      name: field.name,
      type: pointerTo(element, "kernel"),
      load: { kind: "data-loc", offset: field.offset, from },
    };
  }
  return { name: field.name, type: fieldType(input, field, space), load: { kind: "ctx", offset: field.offset } };
}

function elementType(input: ExpandInput, field: TracepointField, space: Space): Type {
  const named = cTypeOf(input, field.type, space);
  return named ?? intType(8, true);
}

function fieldType(input: ExpandInput, field: TracepointField, space: Space): Type {
  const size = field.arrayCount ? field.size / field.arrayCount : field.size;
  if (field.arrayCount !== undefined) {
    if (field.type.replace(/\bconst\b/g, "").trim() === "char")
      return { kind: "string", size: field.size, isArray: true };
    const of = cTypeOf(input, field.type, space) ?? intType(size * 8, field.signed);
    return { kind: "array", of, count: field.arrayCount };
  }
  const named = cTypeOf(input, field.type, space);
  if (named?.kind === "pointer" || named?.kind === "bool" || named?.kind === "struct") return named;
  if (named?.kind === "enum" && named.sizeBytes === field.size) return named;
  return [1, 2, 4, 8].includes(size)
    ? intType(size * 8, field.signed)
    : { kind: "array", of: intType(8, false), count: size };
}

/** A C type as a format file writes it: `const char *`, `struct sock *`, `unsigned int`. */
function cTypeOf(input: ExpandInput, text: string, space: Space): Type | undefined {
  const words = text
    .replace(/\b(const|volatile|__user)\b/g, "")
    .replace(/\*/g, " * ")
    .trim()
    .split(/\s+/);
  const pointers = words.filter((word) => word === "*").length;
  const name = words.filter((word) => word !== "*");
  const [tag, tagged] = name;
  let type: Type | undefined;
  if (tag === "struct" || tag === "union") type = input.types.struct(tagged, tag);
  else if (tag === "enum") type = input.types.enum(tagged);
  else type = input.types.named(name.join(" "));
  if (!type && pointers > 0) type = { kind: "none" };
  for (let level = 0; type && level < pointers; level++) type = pointerTo(type, space);
  return type;
}

/**
 * System calls by the raw tracepoints sys_enter and sys_exit: one program for all of them, told apart by number.
 * These attach and detach in a tenth of a millisecond, where each perf tracepoint takes 50 ms to close. For one whose stack
 * is taken, perf's is better: see isBetterByPerf.
 */
function expandSyscalls(input: ExpandInput): readonly Expansion[] {
  const { catalog, arch } = input.target;
  const events = catalog.tracepoints("syscalls", input.parts[1]);
  return events.flatMap((event) => {
    const enter = event.name.startsWith("sys_enter_");
    const call = event.name.replace(/^sys_(enter|exit)_/, "");
    const number = syscallNumber(arch, call);
    if (number === undefined) return expandAll(input, "syscalls", event.name);
    const format = input.usesArgs ? catalog.tracepointFormat("syscalls", event.name) : undefined;
    const args = format ? syscallArgs(input, format, enter) : undefined;
    const context: ProbeContext = {
      provider: "tracepoint",
      programType: "BPF_PROG_TYPE_TRACING",
      expectedAttachType: "BPF_TRACE_RAW_TP",
      attachTo: enter ? "sys_enter" : "sys_exit",
      space: "user",
      registers: false,
      result: 0n,
      filterPid: true,
      ...(args ? { args } : {}),
    };
    return [
      {
        key: `${enter ? "sys_enter" : "sys_exit"} ${args ? JSON.stringify(format!.fields.filter((field) => !field.common)) : ""}`,
        context,
        attachment: { kind: "syscall", enter, name: call, number } as const,
        name: `tracepoint:syscalls:${event.name}`,
      },
    ];
  });
}

function syscallArgs(input: ExpandInput, format: TracepointFormat, enter: boolean): ArgField[] {
  const { arch } = input.target;
  const fields = format.fields.filter((field) => !field.common);
  const registers = syscallArgumentRegisters(arch);
  let next = 0;
  return fields.map((field): ArgField => {
    if (field.name === "__syscall_nr" && enter)
      return { name: field.name, type: intType(32, true), load: { kind: "ctx", offset: 8 } };
    if (field.name === "__syscall_nr") {
      const offset = savedRegisterOffset(arch, arch === "x86_64" ? "orig_ax" : "x8")!;
      return { name: field.name, type: intType(32, true), load: { kind: "ctx-pointer", offset } };
    }
    if (!enter) return { name: field.name, type: INT64, load: { kind: "ctx", offset: 8 } };
    const offset = registerOffset(arch, registers[next++] ?? returnRegister(arch))!.offset;
    return { name: field.name, type: fieldType(input, field, "user"), load: { kind: "ctx-pointer", offset } };
  });
}

export const rawtracepoint: Provider = {
  name: "rawtracepoint",
  aliases: ["rt"],
  form: "rawtracepoint:[MODULE:]EVENT",
  doc: "A tracepoint with the kernel's own arguments, typed by BTF. Requires Linux 5.5 and BTF.",
  expand(input) {
    const { parts, target, types } = input;
    if (parts.length < 1 || parts.length > 2) return wrongForm(input, rawtracepoint);
    if (!hasTypes(input, rawtracepoint.name)) return [];
    const module = parts.length === 2 ? parts[0] : "*";
    const events = target.catalog.rawTracepoints(parts[parts.length - 1]);
    return events.flatMap((event) => {
      if (!matchesPattern(module, event.module ?? "vmlinux")) return [];
      const declared = types.ofModule(event.module);
      const proto = declared && tracepointProto(declared, event.name);
      if (!declared || !proto) return [];
      types.facts?.note(
        "raw tracepoint",
        [event.name, ...declared.moduleName],
        tracepointSignature(declared, event.name),
      );
      // The first parameter is the kernel's own data pointer.
      const names = parameterNames(declared, event.name);
      const args: ArgField[] = proto.params.slice(1).map((param, index) => ({
        name: param.name || names[index] || `arg${index}`,
        type: inSpace(param.type, "trusted"),
        load: { kind: "ctx", offset: index * 8 },
      }));
      const positional = args.map(
        (arg, index): ArgField => ({ ...arg, name: `arg${index}`, type: intType(64, false) }),
      );
      const context: ProbeContext = {
        provider: "rawtracepoint",
        programType: "BPF_PROG_TYPE_TRACING",
        expectedAttachType: "BPF_TRACE_RAW_TP",
        attachTo: event.name,
        ...(event.module ? { attachModule: event.module } : {}),
        space: "kernel",
        registers: false,
        result: 0n,
        filterPid: true,
        args,
        positional,
      };
      const attachment = {
        kind: "rawtracepoint",
        event: event.name,
        ...(event.module ? { module: event.module } : {}),
      } as const;
      return [
        {
          key: `rawtracepoint:${event.name}`,
          context,
          attachment,
          name: `rawtracepoint:${event.module ?? "vmlinux"}:${event.name}`,
        },
      ];
    });
  },
};

/**
 * A tracepoint's type has no names of its parameters; the functions that the kernel's macros make for it have:
 * __probestub_X (since Linux 6.7), __traceiter_X, and where X is a class of events trace_event_raw_event_X.
 */
function parameterNames(types: BtfTypes, event: string): string[] {
  for (const prefix of ["__probestub_", "__traceiter_", "trace_event_raw_event_", "__bpf_trace_"]) {
    const proto = types.prototype(prefix + event);
    if (proto) return proto.params.slice(1).map((param) => param.name);
  }
  return [];
}

export const iter: Provider = {
  name: "iter",
  aliases: ["it"],
  form: "iter:OBJECT[:PIN]",
  doc: "Runs once for each object of a kind (task, task_file, task_vma, …). Requires Linux 5.8 and BTF.",
  lastFiresFirst: true,
  expand(input) {
    const [object, pin] = input.parts;
    if (input.parts.length < 1 || input.parts.length > 2 || object === "") return wrongForm(input, iter);
    if (hasWildcard(object)) return wrongForm(input, iter, "iter: one kind of object, not a wildcard");
    if (!hasTypes(input, iter.name)) return [];
    if (!input.target.catalog.iterators().includes(object)) return [];
    const struct = input.types.struct(`bpf_iter__${object}`);
    if (!struct) return wrongForm(input, iter, `iter: no struct bpf_iter__${object} in the kernel's BTF`);
    const context: ProbeContext = {
      provider: "iter",
      programType: "BPF_PROG_TYPE_TRACING",
      expectedAttachType: "BPF_TRACE_ITER",
      attachTo: object,
      space: "kernel",
      registers: false,
      result: 0n,
      filterPid: false,
    };
    const attachment = { kind: "iter", object, ...(pin ? { pin } : {}) } as const;
    return [{ key: `iter:${object}`, context, attachment, name: `iter:${object}${pin ? `:${pin}` : ""}` }];
  },
};
