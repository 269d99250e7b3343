/** In which registers, or where on the stack, the parameters of a function are when it is entered. */
import {
  bareType,
  type DebugFunction,
  type DebugStruct,
  type DebugType,
  functionArgumentRegisters,
} from "@beetrace/object";
import { alignUp } from "@beetrace/std";
import type { Arch } from "../target.ts";

/** Where a parameter is. */
export type ParameterPlace =
  /** The first so many bytes in the first register, the next in the second. */
  | { readonly kind: "registers"; readonly registers: readonly string[] }
  /** So many bytes above the stack pointer. */
  | { readonly kind: "stack"; readonly offset: number }
  /** A register holds the address of a copy. */
  | { readonly kind: "address"; readonly register: string }
  /** In a register that the kernel does not save. */
  | { readonly kind: "vector" };

/** What decides how a parameter is passed. */
interface Shape {
  readonly kind: "integer" | "vector" | "memory" | "address";
  readonly sizeBytes: number;
  readonly alignBytes: number;
}

/** The stack of x86-64 begins with where the function returns to. */
const RETURN_ADDRESS_BYTES = 8;

/**
 * The places of a function's parameters (System V ABI for x86-64, section 3.2.3; AAPCS64, section 6.8.2), for what
 * compilers of C, C++ and Rust pass in practice.
 */
export function parameterPlaces(arch: Arch, func: DebugFunction): readonly ParameterPlace[] {
  const registers = functionArgumentRegisters(arch);
  // A large result is written to where the caller says: on x86-64 in the first register of the parameters.
  let next = arch === "x86_64" && returnsInMemory(func.result) ? 1 : 0;
  let stack = arch === "x86_64" ? RETURN_ADDRESS_BYTES : 0;
  return func.parameters.map(({ type }): ParameterPlace => {
    const shape = shapeOf(arch, type);
    if (shape.kind === "vector") return { kind: "vector" };
    if (shape.kind === "address" && next < registers.length) return { kind: "address", register: registers[next++] };
    const count = shape.kind === "address" ? 1 : Math.ceil(shape.sizeBytes / 8);
    if (shape.kind === "integer") {
      const first = arch === "aarch64" && shape.alignBytes === 16 ? alignUp(next, 2) : next;
      if (first + count <= registers.length) {
        next = first + count;
        return { kind: "registers", registers: registers.slice(first, next) };
      }
      // AAPCS64: once one was put on the stack, the rest are as well.
      if (arch === "aarch64") next = registers.length;
    }
    const offset = alignOnStack(arch, stack, shape.alignBytes);
    stack = offset + count * 8;
    return { kind: "stack", offset };
  });
}

function alignOnStack(arch: Arch, offset: number, alignBytes: number): number {
  const base = arch === "x86_64" ? RETURN_ADDRESS_BYTES : 0;
  return base + alignUp(offset - base, alignBytes === 16 ? 16 : 8);
}

function returnsInMemory(type: DebugType | undefined): boolean {
  const bare = bareType(type);
  return bare?.kind === "struct" && (bare.isPassedByAddress || shapeOf("x86_64", bare).kind === "memory");
}

function shapeOf(arch: Arch, type: DebugType | undefined): Shape {
  const bare = bareType(type);
  switch (bare?.kind) {
    case "base":
      return baseShape(arch, bare);
    case "enum":
      return { kind: "integer", sizeBytes: bare.sizeBytes, alignBytes: bare.sizeBytes };
    case "struct":
      return structShape(arch, bare);
    default:
      return { kind: "integer", sizeBytes: 8, alignBytes: 8 };
  }
}

function baseShape(arch: Arch, { sizeBytes, encoding }: Extract<DebugType, { kind: "base" }>): Shape {
  const alignBytes = Math.min(16, Math.max(1, sizeBytes));
  const isVector = encoding === "float" || encoding === "other";
  // long double is one of the old floating-point unit on x86-64.
  if (isVector && arch === "x86_64" && sizeBytes === 16) return { kind: "memory", sizeBytes, alignBytes };
  return { kind: isVector ? "vector" : "integer", sizeBytes, alignBytes };
}

function structShape(arch: Arch, type: DebugStruct): Shape {
  const { sizeBytes } = type;
  const scalars = scalarsOf(type);
  const alignBytes = scalars.some((scalar) => scalar.sizeBytes === 16) ? 16 : 8;
  if (type.isPassedByAddress) return { kind: "address", sizeBytes: 8, alignBytes: 8 };
  const isFloating = scalars.length > 0 && scalars.every((scalar) => scalar.isFloating);
  if (arch === "aarch64") {
    const isUniform = scalars.every((scalar) => scalar.sizeBytes === scalars[0].sizeBytes);
    if (isFloating && isUniform && scalars.length <= 4) return { kind: "vector", sizeBytes, alignBytes };
    return { kind: sizeBytes > 16 ? "address" : "integer", sizeBytes, alignBytes };
  }
  if (sizeBytes > 16) return { kind: "memory", sizeBytes, alignBytes };
  // Of two halves one may be in a vector register: then a part of it cannot be had, which is as good as all of it.
  const half = (from: number) => scalars.filter(({ offset }) => offset >= from && offset < from + 8);
  const hasFloatingHalf = [0, 8].some(
    (from) => half(from).length > 0 && half(from).every((scalar) => scalar.isFloating),
  );
  return { kind: isFloating || hasFloatingHalf ? "vector" : "integer", sizeBytes, alignBytes };
}

interface Scalar {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly isFloating: boolean;
}

/** Types that are looked into: what is passed in registers has far fewer parts. */
const MOST_PARTS = 256;

/** The numbers that a type is made of. */
function scalarsOf(type: DebugType): readonly Scalar[] {
  const scalars: Scalar[] = [];
  const work: { readonly type: DebugType | undefined; readonly offset: number }[] = [{ type, offset: 0 }];
  for (let index = 0; index < Math.min(work.length, MOST_PARTS); index++) {
    const { offset } = work[index];
    const bare = bareType(work[index].type);
    if (bare?.kind === "struct") {
      for (const member of bare.members)
        work.push({ type: member.type, offset: offset + Math.floor(member.bitOffset / 8) });
    } else if (bare?.kind === "array") {
      const count = bare.counts.reduce((product, each) => product * each, 1);
      const sizeBytes = elementBytes(bare.of);
      for (let each = 0; each < Math.min(count, MOST_PARTS); each++)
        work.push({ type: bare.of, offset: offset + each * sizeBytes });
    } else if (bare?.kind === "base") {
      scalars.push({ offset, sizeBytes: bare.sizeBytes, isFloating: bare.encoding === "float" });
    } else scalars.push({ offset, sizeBytes: 8, isFloating: false });
  }
  return scalars;
}

function elementBytes(type: DebugType | undefined): number {
  const bare = bareType(type);
  return bare && "sizeBytes" in bare ? bare.sizeBytes : 8;
}
