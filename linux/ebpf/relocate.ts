import {
  BPF_PSEUDO_BTF_ID,
  BPF_PSEUDO_KFUNC_CALL,
  BPF_PSEUDO_MAP_FD,
  BPF_PSEUDO_MAP_VALUE,
  type Instruction,
  isWide,
  type ProgramSpec,
  type Relocation,
} from "@beetrace/bytecode";
import { invariant, unreachable } from "@beetrace/std";
import { UnsupportedError } from "./unsupported-error.ts";

/** Ids of named types of the running kernel; a `Btf` is one. */
export interface KernelTypes {
  findType(kind: "struct" | "union" | "enum" | "typedef" | "func" | "var", name: string): number | undefined;
}

/** What stands for a map in a program. */
export interface MapReference {
  readonly fd: number;
}

/** What relocations are resolved against. */
export interface RelocationTargets {
  readonly maps: ReadonlyMap<string, MapReference>;
  /** Called only if there is something to look up in it: reading the kernel's BTF takes a while. */
  readonly kernelTypes: () => KernelTypes;
}

/**
 * The program's instructions with everything filled in that depends on the running kernel.
 * Throws {@link UnsupportedError} when the kernel lacks a function or type that the program names.
 */
export function relocate(spec: ProgramSpec, targets: RelocationTargets): readonly Instruction[] {
  if (spec.relocations.length === 0) return spec.instructions;
  const instructions = [...spec.instructions];
  for (const relocation of spec.relocations) {
    const { index } = relocation;
    invariant(index >= 0 && index < instructions.length, `${spec.name}: relocation of instruction ${index}`);
    instructions[index] = relocated(spec.name, instructions[index], relocation, targets);
  }
  return instructions;
}

function relocated(
  program: string,
  insn: Instruction,
  relocation: Relocation,
  targets: RelocationTargets,
): Instruction {
  const { kind, index } = relocation;
  invariant(
    kind === "kfunc" || kind === "type-id" || isWide(insn),
    `${program}: ${kind} relocation of narrow instruction ${index}`,
  );
  switch (relocation.kind) {
    case "map":
      return { ...insn, src: BPF_PSEUDO_MAP_FD, imm: mapNamed(program, relocation.map, targets).fd, immHigh: 0 };
    case "map-value": {
      const { fd } = mapNamed(program, relocation.map, targets);
      return { ...insn, src: BPF_PSEUDO_MAP_VALUE, imm: fd, immHigh: relocation.offset };
    }
    case "kfunc": {
      const id = targets.kernelTypes().findType("func", relocation.name);
      if (id === undefined) throw new UnsupportedError(`kernel function ${relocation.name}`);
      return { ...insn, src: BPF_PSEUDO_KFUNC_CALL, offset: 0, imm: id };
    }
    case "type-id": {
      const { tag, name } = relocation;
      const id = targets.kernelTypes().findType(tag, name);
      if (id === undefined) throw new UnsupportedError(`kernel type ${tag} ${name}`);
      return { ...insn, imm: id };
    }
    case "btf-id":
      return { ...insn, src: BPF_PSEUDO_BTF_ID, imm: btfId(relocation.name, targets.kernelTypes()), immHigh: 0 };
    default:
      return unreachable(relocation, "relocation");
  }
}

function mapNamed(program: string, name: string, targets: RelocationTargets): MapReference {
  const map = targets.maps.get(name);
  invariant(map !== undefined, `program ${program} uses map ${name}, which was not given to it`);
  return map;
}

/** A kernel variable, or a type, of that name. */
function btfId(name: string, types: KernelTypes): number {
  const id =
    types.findType("var", name) ??
    types.findType("struct", name) ??
    types.findType("union", name) ??
    types.findType("enum", name) ??
    types.findType("typedef", name);
  if (id === undefined) throw new UnsupportedError(`kernel type or variable ${name}`);
  return id;
}
