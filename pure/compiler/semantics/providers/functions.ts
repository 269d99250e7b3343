/** Kernel functions by breakpoints: kprobe, kretprobe. */
import { functionArgumentRegisters, registerOffset, returnRegister } from "@beetrace/object";
import type { KernelFunction, Target } from "../../target.ts";
import type { CTypes } from "../c-types.ts";
import type { ArgField, ProbeContext } from "../probe-context.ts";
import { signatureOf } from "../signatures.ts";
import { type Space, type Type, UINT64 } from "../types.ts";
import { type ExpandInput, type Expansion, hasWildcard, type Provider, parseNumber, wrongForm } from "./provider.ts";

/** `arg0`… in the registers of a function's first instruction. */
export function registerArguments(target: Target): ArgField[] {
  return functionArgumentRegisters(target.arch).map((register, index) => ({
    name: `arg${index}`,
    type: UINT64,
    load: { kind: "ctx", offset: registerOffset(target.arch, register)!.offset },
  }));
}

/** `retval`, from the register that functions return in; right only where one has just returned. */
export function registerReturn(target: Target): ArgField {
  const offset = registerOffset(target.arch, returnRegister(target.arch))!.offset;
  return { name: "retval", type: UINT64, load: { kind: "ctx", offset } };
}

/** The parameters of a kernel function by its BTF, with what its pointers point to in `space`. */
export function functionParameters(
  types: CTypes,
  { name, module }: KernelFunction,
  space: Space,
): { params: { name: string; type: Type }[]; result: Type } | undefined {
  const kernel = types.ofModule(module);
  const proto = kernel?.prototype(name);
  if (kernel === undefined || proto === undefined) return undefined;
  types.facts?.note("function", [name, ...kernel.moduleName], signatureOf(kernel, name));
  const params = proto.params.map((param, index) => ({
    name: param.name || `arg${index}`,
    type: inSpace(param.type, space),
  }));
  return { params, result: inSpace(proto.result, space) };
}

/** A pointer that has no space yet points into this one. The verifier trusts pointers to structs alone. */
export function inSpace(type: Type, space: Space): Type {
  if (type.kind !== "pointer" || type.space !== "none") return type;
  return {
    kind: "pointer",
    space: space === "trusted" && type.to.kind !== "struct" ? "kernel" : space,
    get to() {
      return type.to;
    },
  };
}

function kprobeContext(input: ExpandInput, returns: boolean, func: KernelFunction | undefined): ProbeContext {
  const { target } = input;
  const typed = func === undefined ? undefined : functionParameters(input.types, func, "kernel");
  const registers = registerArguments(target).map((field, index): ArgField => {
    const param = typed?.params[index];
    return param && func ? { ...field, declared: { ...param, function: func.name } } : field;
  });
  return {
    provider: returns ? "kretprobe" : "kprobe",
    programType: "BPF_PROG_TYPE_KPROBE",
    space: "kernel",
    registers: true,
    result: 0n,
    filterPid: true,
    func: "func_ip",
    ...(returns ? { retval: registerReturn(target) } : { positional: registers }),
    ...(typed && !returns
      ? {
          args: typed.params.flatMap((param, index) =>
            index < registers.length ? [{ ...param, load: registers[index].load }] : [],
          ),
        }
      : {}),
  };
}

function expandKprobe(input: ExpandInput, provider: Provider, returns: boolean): readonly Expansion[] {
  const { parts } = input;
  if (parts.length < 1 || parts.length > 2 || parts.some((part) => part === "")) return wrongForm(input, provider);
  const module = parts.length === 2 ? parts[0] : undefined;
  const [text, offsetText] = splitOffset(parts[parts.length - 1]);
  const offset = offsetText === undefined ? 0n : parseNumber(offsetText);
  if (offset === undefined) return wrongForm(input, provider, `${provider.name}: '${offsetText}' is not an offset`);
  if (returns && offset !== 0n)
    return wrongForm(input, provider, "kretprobe: a function returns; there is no offset in that");
  const address = /^0[xX]|^\d/.test(text) ? parseNumber(text) : undefined;
  if (address !== undefined) {
    if (!input.unsafe) {
      return wrongForm(
        input,
        provider,
        "kprobe: an address can be probed only with --unsafe: the kernel does not check it",
      );
    }
    const attachment = { kind: "kprobe", address, offset: Number(offset), return: returns } as const;
    return [
      {
        key: provider.name,
        context: kprobeContext(input, returns, undefined),
        attachment,
        name: `${provider.name}:${address + offset}`,
      },
    ];
  }
  const found = tracedFunctions(input, provider, module, text);
  if (hasWildcard(text) && offset !== 0n)
    return wrongForm(input, provider, "kprobe: an offset needs one function, not a wildcard");
  for (const each of found) if (each.module) input.types.reachModule(each.module);
  return found.map((func) => {
    const shown = [
      provider.name,
      ...(func.module && (module || found.length > 1) && func.module !== "vmlinux"
        ? [func.module]
        : module
          ? [module]
          : []),
      func.name,
    ];
    return {
      key: input.usesArgs ? `${provider.name}:${func.name}` : provider.name,
      context: kprobeContext(
        input,
        returns,
        input.usesArgs || (found.length === 1 && input.readsText) ? func : undefined,
      ),
      attachment: {
        kind: "kprobe",
        function: func.name,
        ...(func.module ? { module: func.module } : {}),
        offset: Number(offset),
        return: returns,
      } as const,
      name: shown.join(":") + (offset ? `+${offset}` : ""),
    };
  });
}

/** What cannot be traced is tried with --unsafe, for the kernel to decide. */
function tracedFunctions(
  input: ExpandInput,
  provider: Provider,
  module: string | undefined,
  text: string,
): readonly KernelFunction[] {
  const found = input.target.catalog.kernelFunctions(module, text);
  if (found.length > 0 || hasWildcard(text) || !isLoaded(input, provider, module)) return found;
  if (input.missingProbes !== "ignore") {
    input.diagnostics.warning(
      input.span,
      `${text} is not traceable (either non-existing, inlined, or marked as "notrace"); attaching to it will likely fail`,
    );
  }
  return input.unsafe ? [{ name: text, ...(module === undefined ? {} : { module }) }] : [];
}

/** Whether a module has functions; says so where it has none. */
export function isLoaded({ target, diagnostics, parts, span }: ExpandInput, { name }: Provider, module = "*"): boolean {
  if (module === "vmlinux" || hasWildcard(module) || target.catalog.kernelFunctions(module, "*").length > 0)
    return true;
  diagnostics.error(span, `specified module ${module} in probe ${name}:${parts.join(":")} is not loaded.`);
  return false;
}

function splitOffset(text: string): [string, string | undefined] {
  const plus = text.lastIndexOf("+");
  return plus < 0 ? [text, undefined] : [text.slice(0, plus), text.slice(plus + 1)];
}

export const kprobe: Provider = {
  name: "kprobe",
  aliases: ["k"],
  form: "kprobe:[MODULE:]FUNCTION[+OFFSET]",
  doc: "A kernel function is called.",
  lastFiresFirst: true,
  expand: (input) => expandKprobe(input, kprobe, false),
};

export const kretprobe: Provider = {
  name: "kretprobe",
  aliases: ["kr"],
  form: "kretprobe:[MODULE:]FUNCTION",
  doc: "A kernel function returns.",
  expand: (input) => expandKprobe(input, kretprobe, true),
};
