/** C types of a script: its own definitions first, then the kernel's BTF. */
import type { Btf } from "@beetrace/bytecode";
import { suggestionsFor } from "@beetrace/std";
import type { TypeName } from "../ast.ts";
import type { CDefinition, CEnum, CStruct, CType } from "../c-ast.ts";
import {
  BOOL,
  type EnumType,
  type Field,
  INT64,
  intType,
  NONE,
  pointerTo,
  type Space,
  type StructType,
  stringOf,
  type Type,
  UINT64,
} from "./types.ts";

const SCALARS: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["void", NONE],
  ["bool", BOOL],
  ["_Bool", BOOL],
  ["char", intType(8, true)],
  ["signed char", intType(8, true)],
  ["unsigned char", intType(8, false)],
  ["short", intType(16, true)],
  ["unsigned short", intType(16, false)],
  ["int", intType(32, true)],
  ["unsigned int", intType(32, false)],
  ["long", INT64],
  ["unsigned long", UINT64],
  ["long long", INT64],
  ["unsigned long long", UINT64],
  ["size_t", UINT64],
  ["ssize_t", INT64],
  ["intptr_t", INT64],
  ["uintptr_t", UINT64],
  ["pid_t", intType(32, true)],
  ["uid_t", intType(32, false)],
  ["gid_t", intType(32, false)],
  ["off_t", INT64],
  ["loff_t", INT64],
  ["time_t", INT64],
  ["mode_t", intType(32, false)],
  ["dev_t", UINT64],
  ["ino_t", UINT64],
  ["uint", intType(32, false)],
  ["ulong", UINT64],
  ["ushort", intType(16, false)],
  ...[8, 16, 32, 64].flatMap((bits): [string, Type][] => [
    [`int${bits}`, intType(bits, true)],
    [`uint${bits}`, intType(bits, false)],
    [`int${bits}_t`, intType(bits, true)],
    [`uint${bits}_t`, intType(bits, false)],
    [`s${bits}`, intType(bits, true)],
    [`u${bits}`, intType(bits, false)],
    [`__s${bits}`, intType(bits, true)],
    [`__u${bits}`, intType(bits, false)],
    [`__le${bits}`, intType(bits, false)],
    [`__be${bits}`, intType(bits, false)],
  ]),
]);

/** Names of scalar types that a script may use without a definition. */
export function isScalarTypeName(name: string): boolean {
  return SCALARS.has(name);
}

/**
 * Looks up and lays out the C types that a script names. Both sources give the same {@link Type}s, made when first
 * asked for.
 */
export class CTypes {
  readonly #target: { readonly btf: Btf | undefined };
  readonly #structs = new Map<string, CStruct>();
  readonly #enums = new Map<string, CEnum>();
  readonly #constants = new Map<string, { value: bigint; type: EnumType }>();
  readonly #made = new Map<string, StructType>();
  readonly #inProgress = new Set<string>();
  readonly #endless = new Set<string>();
  readonly #fromBtf = new Map<number, Type>();

  /** The kernel's types are read when the script first asks for one: most ask for none. */
  constructor(target: { readonly btf: Btf | undefined }, definitions: readonly CDefinition[]) {
    this.#target = target;
    for (const definition of definitions) this.#define(definition);
  }

  get #btf(): Btf | undefined {
    return this.#target.btf;
  }

  #define(definition: CDefinition): void {
    if (definition.kind === "enum") {
      if (definition.name !== "") this.#enums.set(definition.name, definition);
      const type = enumOf(definition);
      for (const constant of definition.constants) this.#constants.set(constant.name, { value: constant.value, type });
      return;
    }
    if (definition.name !== "") this.#structs.set(definition.name, definition);
    for (const field of definition.fields) if (field.type.kind === "inline") this.#define(field.type.definition);
  }

  /** `struct NAME` or `union NAME`. */
  struct(name: string, tag?: "struct" | "union"): StructType | undefined {
    const known = this.#made.get(name);
    if (known) return known;
    const written = this.#structs.get(name);
    if (written) {
      return this.#makeStruct(name, written);
    }
    const id = this.#btf?.findType(tag ?? "struct", name) ?? (tag ? undefined : this.#btf?.findType("union", name));
    const type = id === undefined ? undefined : this.btfType(id);
    return type?.kind === "struct" ? type : undefined;
  }

  /** A struct that holds itself has no size: it is none. */
  #makeStruct(name: string, written: CStruct): StructType | undefined {
    if (this.#inProgress.has(name)) {
      this.#endless.add(name);
      return undefined;
    }
    this.#inProgress.add(name);
    const made = this.#layOut(written);
    if (this.#endless.has(name)) return undefined;
    this.#made.set(name, made);
    return made;
  }

  enum(name: string): EnumType | undefined {
    const written = this.#enums.get(name);
    if (written) return enumOf(written);
    const id = this.#btf?.findType("enum", name);
    const type = id === undefined ? undefined : this.btfType(id);
    return type?.kind === "enum" ? type : undefined;
  }

  /** An enumeration constant by its bare name. */
  constant(name: string): { value: bigint; type: EnumType } | undefined {
    const written = this.#constants.get(name);
    if (written) return written;
    const found = this.#btf?.findEnumConstant(name);
    if (!found) return undefined;
    const type = this.btfType(found.typeId);
    return type.kind === "enum" ? { value: found.value, type } : undefined;
  }

  /** A type by its bare name: scalars, typedefs of the kernel, and structs (as in `(task_struct *)`). */
  named(name: string): Type | undefined {
    const scalar = SCALARS.get(name);
    if (scalar) return scalar;
    const id = this.#btf?.findType("typedef", name) ?? this.#btf?.findType("int", name);
    if (id !== undefined) return this.btfType(id);
    return this.struct(name) ?? this.enum(name);
  }

  /** Names near a misspelt struct, for messages. */
  suggestions(name: string): string[] {
    const names = [...this.#structs.keys()];
    if (this.#btf && name.length > 2) for (const known of this.#btf.names("struct")) names.push(known);
    return suggestionsFor(name, names);
  }

  /** A BTF type as a type of the language. Pointers in it have no space yet: they take that of what holds them. */
  btfType(id: number): Type {
    const known = this.#fromBtf.get(id);
    if (known) return known;
    const type = this.#convert(id, "none");
    this.#fromBtf.set(id, type);
    return type;
  }

  #convert(id: number, space: Space): Type {
    const btf = this.#btf!;
    const type = btf.type(id);
    switch (type.kind) {
      case "int":
        return type.bool ? BOOL : intType(Math.min(64, type.size * 8), type.signed || type.name === "char");
      case "enum":
        return {
          kind: "enum",
          name: type.name,
          sizeBytes: type.size as EnumType["sizeBytes"],
          signed: type.signed,
          variants: type.constants.map((constant) => [constant.value, constant.name]),
        };
      case "ptr":
        return this.#pointer(type.to, space);
      case "array":
        return this.#array(type.element, type.count);
      case "struct":
      case "union":
        return this.#btfStruct(id, type.kind, type.name, type.size);
      case "typedef":
      case "const":
      case "volatile":
      case "restrict":
      case "type_tag":
        return this.#convert(type.type, space);
      case "float":
        return intType(type.size === 4 ? 32 : 64, false);
      default:
        return NONE;
    }
  }

  /** What a pointer points to is converted only when it is asked for: kernel types refer to each other in circles. */
  #pointer(to: number, space: Space): Type {
    let pointee: Type | undefined;
    const convert = () => this.btfType(to);
    return {
      kind: "pointer",
      space: this.#isUser(to) ? "user" : space,
      get to() {
        pointee ??= convert();
        return pointee;
      },
    };
  }

  #isUser(id: number): boolean {
    let type = this.#btf!.type(id);
    while (type.kind === "const" || type.kind === "volatile" || type.kind === "type_tag") {
      if (type.kind === "type_tag" && type.name === "user") return true;
      type = this.#btf!.type(type.type);
    }
    return false;
  }

  #array(element: number, count: number): Type {
    const btf = this.#btf!;
    const of = btf.type(btf.resolve(element));
    if (of.kind === "int" && of.name === "char" && count > 0) return stringOf(count);
    return { kind: "array", of: this.btfType(element), count };
  }

  #btfStruct(id: number, tag: "struct" | "union", name: string, sizeBytes: number): StructType {
    let fields: Field[] | undefined;
    return {
      kind: "struct",
      tag,
      name,
      sizeBytes,
      alignBytes: sizeBytes % 8 === 0 ? 8 : sizeBytes % 4 === 0 ? 4 : sizeBytes % 2 === 0 ? 2 : 1,
      fields: () => {
        fields ??= this.#btfFields(id);
        return fields;
      },
    };
  }

  #btfFields(id: number): Field[] {
    const type = this.#btf!.type(id);
    if (type.kind !== "struct" && type.kind !== "union") return [];
    return type.members.map((member) => {
      const memberType = this.btfType(member.type);
      if (member.bitfieldSize === undefined) {
        return { name: member.name, type: memberType, offsetBytes: member.bitOffset / 8 };
      }
      return bitfield(member.name, memberType, member.bitOffset, member.bitfieldSize);
    });
  }

  /** A C type of the script. */
  cType(type: CType): Type | undefined {
    switch (type.kind) {
      case "named":
        return this.named(type.name);
      case "struct":
      case "union":
        return this.struct(type.name, type.kind);
      case "enum":
        return this.enum(type.name) ?? intType(32, false);
      case "inline":
        return type.definition.kind === "enum" ? enumOf(type.definition) : this.#layOut(type.definition);
      case "function":
        return NONE;
      case "pointer":
        return this.#lazyPointer(() => this.cType(type.to) ?? NONE);
      case "array": {
        if (type.of.kind === "named" && type.of.name === "char" && (type.count ?? 0) > 0) return stringOf(type.count!);
        const of = this.cType(type.of);
        return of && { kind: "array", of, count: type.count ?? 0 };
      }
    }
  }

  #lazyPointer(convert: () => Type): Type {
    let pointee: Type | undefined;
    return {
      kind: "pointer",
      space: "none",
      get to() {
        pointee ??= convert();
        return pointee;
      },
    };
  }

  #layOut(definition: CStruct): StructType {
    const fields: Field[] = [];
    let bits = 0;
    let sizeBits = 0;
    let align = 1;
    for (const field of definition.fields) {
      const type = this.cType(field.type) ?? NONE;
      const own = definition.packed ? 1 : alignOfC(type);
      const size = sizeOfC(type) * 8;
      align = Math.max(align, own);
      if (definition.kind === "union") bits = 0;
      if (field.bitWidth !== undefined) {
        if (field.bitWidth === 0) {
          bits = Math.ceil(bits / size) * size;
          continue;
        }
        if (!definition.packed && Math.floor(bits / size) !== Math.floor((bits + field.bitWidth - 1) / size)) {
          bits = Math.ceil(bits / size) * size;
        }
        if (field.name !== "") fields.push(bitfield(field.name, type, bits, field.bitWidth));
        bits += field.bitWidth;
      } else {
        bits = Math.ceil(bits / (own * 8)) * own * 8;
        fields.push({ name: field.name, type, offsetBytes: bits / 8 });
        bits += size;
      }
      sizeBits = Math.max(sizeBits, bits);
    }
    align = Math.max(align, definition.alignedBytes ?? 1);
    const sizeBytes = Math.ceil(sizeBits / 8 / align) * align;
    return {
      kind: "struct",
      tag: definition.kind,
      name: definition.name,
      sizeBytes,
      alignBytes: align,
      fields: () => fields,
    };
  }

  /** A type as written in the script, without `typeof`. */
  typeName(name: TypeName, space: Space): Type | undefined {
    const { base } = name;
    if (base.kind === "typeof") return undefined;
    let dimensions = [...name.dimensions];
    let type: Type | undefined;
    if (base.kind === "named" && base.name === "string") {
      type = stringOf(Number(dimensions[0] ?? 1024n));
      dimensions = dimensions.slice(1);
    } else if (base.kind === "named" && base.name === "buffer") {
      type = { kind: "buffer", capacity: Number(dimensions[0] ?? 64n) };
      dimensions = dimensions.slice(1);
    } else if (base.kind === "named") type = LANGUAGE_TYPES.get(base.name) ?? this.named(base.name);
    else if (base.kind === "enum") type = this.enum(base.name);
    else type = this.struct(base.name, base.kind);
    for (let level = 0; type && level < name.pointers; level++) type = pointerTo(type, space);
    for (const count of dimensions.reverse()) if (type) type = { kind: "array", of: type, count: Number(count ?? 0n) };
    return type;
  }
}

const LANGUAGE_TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["ksym_t", { kind: "ksym" }],
  ["usym_t", { kind: "usym" }],
  ["macaddr_t", { kind: "mac" }],
  ["inet", { kind: "inet" }],
  ["username_t", { kind: "username" }],
]);

function enumOf(definition: CEnum): EnumType {
  const signed = definition.constants.some((constant) => constant.value < 0n);
  const wide = definition.constants.some((constant) => constant.value > 0xffffffffn || constant.value < -0x80000000n);
  return {
    kind: "enum",
    name: definition.name,
    sizeBytes: wide ? 8 : 4,
    signed,
    variants: definition.constants.map((constant) => [constant.value, constant.name]),
  };
}

/** The aligned integer that holds the bits, and where they are in it. */
function bitfield(name: string, type: Type, bitOffset: number, width: number): Field {
  const signed = type.kind === "int" && type.signed;
  for (const bits of [8, 16, 32, 64]) {
    const start = Math.floor(bitOffset / bits) * bits;
    if (bitOffset + width > start + bits) continue;
    return { name, type: intType(bits, signed), offsetBytes: start / 8, bitfield: { shift: bitOffset - start, width } };
  }
  const start = Math.floor(bitOffset / 8) * 8;
  return { name, type: intType(64, signed), offsetBytes: start / 8, bitfield: { shift: bitOffset - start, width } };
}

function sizeOfC(type: Type): number {
  switch (type.kind) {
    case "int":
      return type.bits / 8;
    case "enum":
      return type.sizeBytes;
    case "bool":
      return 1;
    case "string":
      return type.size;
    case "array":
      return sizeOfC(type.of) * type.count;
    case "struct":
      return type.sizeBytes;
    case "none":
      return 0;
    default:
      return 8;
  }
}

function alignOfC(type: Type): number {
  if (type.kind === "array") return alignOfC(type.of);
  if (type.kind === "struct") return type.alignBytes;
  if (type.kind === "string") return 1;
  return Math.max(1, sizeOfC(type));
}

/** A field by its name, looked for inside anonymous structs and unions as well. */
export function findField(type: StructType, name: string): Field | undefined {
  for (const field of type.fields()) {
    if (field.name === name) return field;
    if (field.name !== "" || field.type.kind !== "struct") continue;
    const inner = findField(field.type, name);
    if (inner) return { ...inner, offsetBytes: inner.offsetBytes + field.offsetBytes };
  }
  return undefined;
}

/** All names that {@link findField} finds. */
export function fieldNames(type: StructType): string[] {
  return type.fields().flatMap((field) => {
    if (field.name !== "") return [field.name];
    return field.type.kind === "struct" ? fieldNames(field.type) : [];
  });
}
