/** Functions of the kernel and of BPF programs by trampolines: fentry, fexit, fmod_ret. */
import type { BpfFunction, KernelFunction, Target } from "../../target.ts";
import type { ArgField, ProbeContext, TrampolineHook } from "../probe-context.ts";
import { intType, type Type } from "../types.ts";
import { functionParameters, isLoaded } from "./functions.ts";
import { type ExpandInput, type Expansion, hasTypes, hasWildcard, type Provider, wrongForm } from "./provider.ts";

const WORD_BYTES = 8;
/** Arguments that trampolines pass: those in registers, and since Linux 6.6 on x86-64 up to MAX_BPF_FUNC_ARGS. */
const REGISTER_WORDS = { x86_64: 6, aarch64: 8 } as const;
const WORDS_MAX = 12;
/** A struct in registers takes two of them at most. */
const STRUCT_BYTES_MAX = 16;

type Trampoline = Provider & { readonly name: TrampolineHook };

function expandTracing(input: ExpandInput, provider: Trampoline): readonly Expansion[] {
  const { parts, target } = input;
  if (parts[0] === "bpf" && parts.length > 1) return expandBpf(input, provider);
  if (parts.length < 1 || parts.length > 2 || parts.some((part) => part === "")) return wrongForm(input, provider);
  if (!hasTypes(input, provider.name)) return [];
  const module = parts.length === 2 ? parts[0] : undefined;
  const pattern = parts[parts.length - 1];
  const found = target.catalog.kernelFunctions(module, pattern);
  if (found.length === 0) isLoaded(input, provider, module);
  if (hasWildcard(pattern)) return found.flatMap((func) => expandFunction(input, provider, func, () => []));
  if (found.length > 1 && module === undefined) {
    const modules = found.map((func) => func.module ?? "vmlinux").join(", ");
    const message = `ambiguous attach point, please specify module containing the function '${pattern}'`;
    input.diagnostics.error(input.span, message, `it is in ${modules}`);
    return [];
  }
  const refuse = (reason: string) => {
    const { name } = provider;
    const message = `${name}: ${pattern} cannot be ${name === "fmod_ret" ? "changed" : "traced"}: ${reason}`;
    const hints = name === "fmod_ret" ? [] : [`use ${name === "fexit" ? "kretprobe" : "kprobe"}:${pattern}`];
    input.diagnostics.error(input.span, message, ...hints);
    return [];
  };
  return found.flatMap((func) => expandFunction(input, provider, func, refuse));
}

function expandFunction(
  input: ExpandInput,
  provider: Trampoline,
  func: KernelFunction,
  refuse: (reason: string) => readonly Expansion[],
): readonly Expansion[] {
  const { name, module } = func;
  if (module) input.types.reachModule(module);
  const typed = functionParameters(input.types, func, "trusted");
  if (!typed) return refuse("it has no BTF");
  if (provider.name === "fmod_ret" && typed.result.kind === "none") return refuse("it returns nothing");
  const words = argumentWords(
    typed.params.map(({ type }) => type),
    input.target,
  );
  if ("unfit" in words) return refuse(words.unfit);
  const args = typed.params.map((param, index): ArgField => {
    return { ...param, load: { kind: "ctx", offset: words.at[index] * WORD_BYTES } };
  });
  const context: ProbeContext = {
    ...trampoline(provider),
    attachTo: name,
    ...(module && module !== "vmlinux" ? { attachModule: module } : {}),
    args,
    ...(provider.name === "fexit" && typed.result.kind !== "none"
      ? { retval: returned(typed.result, words.count) }
      : {}),
  };
  const attachment = { kind: "tracing", function: name, ...(module ? { module } : {}), hook: provider.name } as const;
  const probe = [provider.name, module ?? "vmlinux", name].join(":");
  return [{ key: `${provider.name}:${module ?? ""}:${name}`, context, attachment, name: probe }];
}

/** Functions of loaded programs, by the name and perhaps the program's number. */
function expandBpf(input: ExpandInput, provider: Trampoline): readonly Expansion[] {
  const { parts, target } = input;
  const id = parts.length === 3 && parts[1] !== "*" ? Number(parts[1]) : undefined;
  if (parts.length > 3 || (id !== undefined && !Number.isSafeInteger(id))) {
    return wrongForm(input, provider, `${provider.name}: the id of a BPF program must be a number or '*'`);
  }
  const found = target.catalog.bpfFunctions(id, parts[parts.length - 1]);
  return found.map((func) => expandBpfFunction(func, provider));
}

function expandBpfFunction({ programId, name }: BpfFunction, provider: Trampoline): Expansion {
  const returns = { name: "retval", type: intType(32, true), load: { kind: "return" } } as const;
  const context: ProbeContext = {
    ...trampoline(provider),
    attachTo: name,
    attachProgram: programId,
    ...(provider.name === "fexit" ? { retval: returns } : {}),
  };
  const attachment = { kind: "tracing", function: name, hook: provider.name } as const;
  const probe = [provider.name, "bpf", programId, name].join(":");
  return { key: probe, context, attachment, name: probe };
}

const HOOKS = {
  fentry: { expectedAttachType: "BPF_TRACE_FENTRY" },
  fexit: { expectedAttachType: "BPF_TRACE_FEXIT" },
  fmod_ret: { expectedAttachType: "BPF_MODIFY_RETURN", returnsValue: true },
} as const;

function trampoline({ name }: Trampoline) {
  return {
    provider: name,
    programType: "BPF_PROG_TYPE_TRACING",
    ...HOOKS[name],
    space: "kernel",
    registers: false,
    result: 0n,
    filterPid: true,
    func: "func_ip",
  } as const;
}

/** The result stands behind the arguments. */
function returned(type: Type, words: number): ArgField {
  return { name: "retval", type, load: { kind: "ctx", offset: words * WORD_BYTES } };
}

/**
 * Where the arguments begin in the context, in words of 8 bytes, and how many words they are
 * (kernel/bpf/btf.c, btf_distill_func_model; arch/x86/net/bpf_jit_comp.c, arch_prepare_bpf_trampoline).
 */
function argumentWords(
  params: readonly Type[],
  { arch, kernelVersion: [major, minor] }: Target,
): { readonly at: readonly number[]; readonly count: number } | { readonly unfit: string } {
  const since = (wanted: number) => major > 6 || (major === 6 && minor >= wanted);
  const at: number[] = [];
  let count = 0;
  for (const type of params) {
    const sizeBytes = type.kind === "struct" ? type.sizeBytes : WORD_BYTES;
    if (sizeBytes > STRUCT_BYTES_MAX || (type.kind === "struct" && !since(1))) {
      return { unfit: "it takes a struct by value" };
    }
    at.push(count);
    count += Math.ceil(sizeBytes / WORD_BYTES);
  }
  const most = arch === "x86_64" && since(6) ? WORDS_MAX : REGISTER_WORDS[arch];
  return count > most ? { unfit: `its arguments take more than ${most} registers` } : { at, count };
}

/** On the way in. */
export const fentry: Trampoline = {
  name: "fentry",
  aliases: ["f", "kfunc"],
  form: "fentry:[MODULE:]FUNCTION or fentry:bpf:[ID:]FUNCTION",
  doc: "A function of the kernel or of a BPF program is called; its arguments are typed. Requires Linux 5.5 and BTF.",
  lastFiresFirst: true,
  expand: (input) => expandTracing(input, fentry),
};

/** On the way out. */
export const fexit: Trampoline = {
  name: "fexit",
  aliases: ["fr", "kretfunc"],
  form: "fexit:[MODULE:]FUNCTION or fexit:bpf:[ID:]FUNCTION",
  doc: "A function of the kernel or of a BPF program returns; its arguments and result are typed. Requires Linux 5.5 and BTF.",
  lastFiresFirst: true,
  expand: (input) => expandTracing(input, fexit),
};

/** In place of the function. */
export const fmodRet: Trampoline = {
  name: "fmod_ret",
  aliases: [],
  form: "fmod_ret:[MODULE:]FUNCTION",
  doc: "A function of the kernel is called, and `return N` is what it returns, in its place; it runs where that is 0. For functions that the kernel lets be replaced: security_*, those of /sys/kernel/debug/error_injection/list and some more. Needs `--unsafe`. Requires Linux 5.7 and BTF.",
  lastFiresFirst: true,
  expand(input) {
    const { parts, unsafe, diagnostics, span } = input;
    if (parts[0] === "bpf") return wrongForm(input, fmodRet);
    if (hasWildcard(parts.join()))
      return wrongForm(input, fmodRet, "fmod_ret changes one function, not all of a wildcard");
    if (unsafe) return expandTracing(input, fmodRet);
    diagnostics.error(span, "fmod_ret is unsafe. To use you need the --unsafe flag");
    return [];
  },
};
