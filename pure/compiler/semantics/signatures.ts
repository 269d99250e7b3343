/** Types of the arguments of kernel functions and tracepoints, from BTF. */
import type { BtfTypes, Prototype } from "./btf-types.ts";
import { typeName } from "./types.ts";

/** `int32 (file: struct file *, …)`; empty where the kernel has no such function. */
export function signatureOf(types: BtfTypes | undefined, name: string): string {
  return protoText(types?.prototype(name));
}

/** The type of a BTF raw tracepoint: the kernel's own data pointer, then what it is given. */
export function tracepointProto(types: BtfTypes, name: string): Prototype | undefined {
  return types.functionTypedef(`btf_trace_${name}`);
}

/** As {@link signatureOf}, of a BTF raw tracepoint. */
export function tracepointSignature(types: BtfTypes | undefined, name: string): string {
  return protoText(types && tracepointProto(types, name));
}

function protoText(proto: Prototype | undefined): string {
  if (proto === undefined) return "";
  const { params, result } = proto;
  const written = params.map(({ name, type }) => `${name}: ${typeName(type)}`);
  return `${result.kind === "none" ? "void" : typeName(result)} (${written.join(", ")})`;
}
