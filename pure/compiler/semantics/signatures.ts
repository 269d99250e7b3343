/** Types of the arguments of kernel functions and tracepoints, from BTF. */
import type { Btf, BtfFuncProto } from "@beetrace/bytecode";
import type { CTypes } from "./c-types.ts";
import { typeName } from "./types.ts";

/** `int32 (file: struct file *, …)`; empty where the kernel has no such function. */
export function signatureOf(btf: Btf | undefined, types: CTypes, name: string): string {
  const id = btf?.findType("func", name);
  const func = id === undefined ? undefined : btf?.type(id);
  const proto = func?.kind === "func" ? btf?.type(func.proto) : undefined;
  return proto?.kind === "func_proto" ? protoText(proto, types) : "";
}

/** The type of a BTF raw tracepoint: the kernel's own data pointer, then what it is given. */
export function tracepointProto(btf: Btf, name: string): BtfFuncProto | undefined {
  const id = btf.findType("typedef", `btf_trace_${name}`);
  const pointer = id === undefined ? undefined : btf.type(btf.resolve(id));
  const proto = pointer?.kind === "ptr" ? btf.type(pointer.to) : undefined;
  return proto?.kind === "func_proto" ? proto : undefined;
}

/** As {@link signatureOf}, of a BTF raw tracepoint. */
export function tracepointSignature(btf: Btf | undefined, types: CTypes, name: string): string {
  const proto = btf && tracepointProto(btf, name);
  return proto === undefined ? "" : protoText(proto, types);
}

function protoText({ params, result }: BtfFuncProto, types: CTypes): string {
  const written = params.map(({ name, type }) => `${name}: ${typeName(types.btfType(type))}`);
  return `${result === 0 ? "void" : typeName(types.btfType(result))} (${written.join(", ")})`;
}
