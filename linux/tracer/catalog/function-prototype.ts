import { type Btf, type BtfFuncProto, cTypeName } from "@beetrace/bytecode";

/** Arguments that a trampoline saves (MAX_BPF_FUNC_REG_ARGS in kernel/bpf/trampoline.c counts registers; six on x86-64). */
const MOST_ARGUMENTS = 6;

/** The prototype of a function, by its name. */
export function prototypeOf(btf: Btf, name: string): BtfFuncProto | undefined {
  const id = btf.findType("func", name);
  const func = id === undefined ? undefined : btf.type(id);
  const proto = func?.kind === "func" ? btf.type(func.proto) : undefined;
  return proto?.kind === "func_proto" ? proto : undefined;
}

/** Whether a BTF trampoline (fentry, fexit) can be put on the function: no `...`, not too many arguments, none a struct by value. */
export function fitsTrampoline(btf: Btf, proto: BtfFuncProto): boolean {
  return (
    !proto.variadic && proto.params.length <= MOST_ARGUMENTS && proto.params.every((param) => isScalar(btf, param.type))
  );
}

function isScalar(btf: Btf, id: number): boolean {
  const { kind } = btf.type(btf.resolve(id));
  return kind === "int" || kind === "ptr" || kind === "enum";
}

/** `type name` of each parameter. */
export function namedParameters(btf: Btf, proto: BtfFuncProto): readonly string[] {
  return proto.params.map((param) => `${cTypeName(btf, param.type)} ${param.name}`);
}

/** `type argN` of each parameter that comes in a general register: floating point ones are not counted. */
export function numberedParameters(btf: Btf, proto: BtfFuncProto): readonly string[] {
  const counted = proto.params.filter((param) => btf.type(btf.resolve(param.type)).kind !== "float");
  return counted.map((param, index) => `${cTypeName(btf, param.type)} arg${index}`);
}

/** `type retval`; nothing for a function that returns nothing. */
export function returnParameter(btf: Btf, proto: BtfFuncProto): readonly string[] {
  return proto.result === 0 ? [] : [`${cTypeName(btf, proto.result)} retval`];
}
