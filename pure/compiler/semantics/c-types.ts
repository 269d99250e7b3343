/**
 * C types of a script: its own definitions first, then those of a traced program, then the kernel's BTF, then that of the
 * modules that it probes.
 */
import type { Btf, BtfNamedKind } from "@beetrace/bytecode";
import type { DebugInfo, DebugType } from "@beetrace/object";
import { suggestionsFor } from "@beetrace/std";
import type { TypeName } from "../ast.ts";
import type { CDefinition, CEnum, CStruct, CType } from "../c-ast.ts";
import type { Facts } from "../facts.ts";
import type { Target } from "../target.ts";
import { BtfTypes } from "./btf-types.ts";
import { layOutFields } from "./c-layout.ts";
import { alignOfC, scalarType, sizeOfC } from "./c-scalars.ts";
import { DebugTypes } from "./debug-types.ts";
import {
  bitfield,
  type EnumType,
  type Field,
  intType,
  NONE,
  pointerTo,
  type Space,
  type StructType,
  stringOf,
  type Type,
  typeName,
} from "./types.ts";

/** What the headers of a script declare. */
export interface HeaderTypes {
  readonly definitions: readonly CDefinition[];
  readonly typedefs: ReadonlyMap<string, CType>;
}

const NO_HEADERS: HeaderTypes = { definitions: [], typedefs: new Map() };

/** Where types come from that the script does not define. */
export type BtfSources = Pick<Target, "btf" | "moduleBtf">;

/**
 * Looks up and lays out the C types that a script names. Both sources give the same {@link Type}s, made when first
 * asked for.
 */
export class CTypes {
  readonly #sources: BtfSources;
  readonly #structs = new Map<string, CStruct>();
  readonly #enums = new Map<string, CEnum>();
  readonly #constants = new Map<string, { value: bigint; type: EnumType }>();
  readonly #made = new Map<string, StructType>();
  readonly #inProgress = new Set<string>();
  readonly #typedefs: HeaderTypes["typedefs"];
  readonly #fromHeaders = new Set<string>();
  readonly #resolving = new Set<string>();
  readonly #endless = new Set<string>();
  #kernel: BtfTypes | undefined;
  /** By name, in the order in which the script came to them; `undefined` for one that has not been needed yet. */
  readonly #modules = new Map<string, BtfTypes | undefined>();
  #redefines: boolean | undefined;
  readonly #definitions: readonly CDefinition[];
  readonly #headers: HeaderTypes;
  readonly #debug: DebugTypes | undefined;
  readonly #inPrograms = new Map<string, CTypes>();

  /** Where what is learnt of the kernel's types is noted. */
  readonly facts: Facts | undefined;

  /** The kernel's types are read when the script first asks for one: most ask for none. */
  constructor(
    sources: BtfSources,
    definitions: readonly CDefinition[],
    headers: HeaderTypes = NO_HEADERS,
    facts?: Facts,
    debug?: DebugTypes,
  ) {
    this.#sources = sources;
    this.facts = facts;
    this.#definitions = definitions;
    this.#headers = headers;
    this.#debug = debug;
    this.#typedefs = headers.typedefs;
    for (const definition of headers.definitions) this.#define(definition, this.#fromHeaders);
    for (const definition of definitions) this.#define(definition);
  }

  get #btf(): Btf | undefined {
    return this.#sources.btf;
  }

  /** The types of the kernel. */
  get kernel(): BtfTypes | undefined {
    this.#kernel ??= this.#typesOf(this.#btf);
    return this.#kernel;
  }

  /** What the script names may from now on be of this module, if the kernel itself has no such thing. */
  reachModule(module: string): void {
    if (module !== "vmlinux" && !this.#modules.has(module)) this.#modules.set(module, undefined);
  }

  /** The types of a module on top of the kernel's; those of the kernel where it has none of its own. */
  ofModule(module = "vmlinux"): BtfTypes | undefined {
    if (module === "vmlinux") return this.kernel;
    const known = this.#modules.get(module);
    if (known) return known;
    const types = this.#typesOf(this.#sources.moduleBtf?.(module), module) ?? this.kernel;
    this.#modules.set(module, types);
    return types;
  }

  #typesOf(btf: Btf | undefined, module?: string): BtfTypes | undefined {
    if (btf === undefined) return undefined;
    const { facts } = this;
    const types: BtfTypes = new BtfTypes(btf, {
      module,
      findStruct: (name, tag) => this.struct(name, tag),
      onField:
        facts &&
        (({ tag, name }, field) => {
          facts.note("field", [tag, name, field.name, ...types.moduleName], fieldText(field));
        }),
    });
    return types;
  }

  /** The first type of that kind and name, of the kernel or of a module that the script has come to. */
  #find(kind: BtfNamedKind, name: string): Type | undefined {
    const id = this.#btf?.findType(kind, name);
    if (id !== undefined) return this.kernel?.type(id);
    for (const module of this.#modules.keys()) {
      const types = this.ofModule(module);
      const own = types?.btf.findOwnType(kind, name);
      if (types && own !== undefined) return types.type(own);
    }
    return undefined;
  }

  /** The types as a probe in a program sees them: its own go before the kernel's. `info` is asked for when one is. */
  inProgram(path: string, info: () => DebugInfo | undefined): CTypes {
    let types = this.#inPrograms.get(path);
    if (!types) {
      types = new CTypes(this.#sources, this.#definitions, this.#headers, this.facts, new DebugTypes(info));
      this.#inPrograms.set(path, types);
    }
    return types;
  }

  /** A type of the program that these are the types of. */
  debugType(type: DebugType | undefined): Type {
    return this.#debug?.type(type) ?? NONE;
  }

  #define(definition: CDefinition, noted?: Set<string>): void {
    noted?.add(definition.name);
    if (definition.kind === "enum") {
      if (definition.name !== "") this.#enums.set(definition.name, definition);
      const type = enumOf(definition);
      for (const constant of definition.constants) this.#constants.set(constant.name, { value: constant.value, type });
      return;
    }
    if (definition.name !== "") this.#structs.set(definition.name, definition);
    for (const field of definition.fields) if (field.type.kind === "inline") this.#define(field.type.definition, noted);
  }

  /** `struct NAME` or `union NAME`. */
  struct(name: string, tag?: "struct" | "union"): StructType | undefined {
    const known = this.#made.get(name);
    if (known) return known;
    const written = this.#structs.get(name);
    if (written) {
      const made = this.#makeStruct(name, written);
      if (made || !this.#fromHeaders.has(name)) return made;
    }
    const ofProgram = this.#debug?.struct(name, tag);
    if (ofProgram) return ofProgram;
    const type = this.#find(tag ?? "struct", name) ?? (tag ? undefined : this.#find("union", name));
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
    if (made === undefined || this.#endless.has(name)) return undefined;
    this.#made.set(name, made);
    return made;
  }

  enum(name: string): EnumType | undefined {
    const written = this.#enums.get(name);
    if (written) return enumOf(written);
    const ofProgram = this.#debug?.enum(name);
    if (ofProgram) return ofProgram;
    const type = this.#find("enum", name);
    return type?.kind === "enum" ? type : undefined;
  }

  /** An enumeration constant by its bare name. */
  constant(name: string): { value: bigint; type: EnumType } | undefined {
    const written = this.#constants.get(name);
    if (written) return written;
    const found = this.#btf?.findEnumConstant(name);
    if (!found) return undefined;
    const type = this.kernel?.type(found.typeId);
    this.facts?.note("constant", [name], String(found.value));
    return type?.kind === "enum" ? { value: found.value, type } : undefined;
  }

  /** Where a field is and of which type, for comparison with what another kernel says; empty where there is none. */
  fieldText(tag: "struct" | "union", name: string, field: string): string {
    const struct = this.struct(name, tag);
    const found = struct && findField(struct, field);
    return found === undefined ? "" : fieldText(found);
  }

  /** A type by its bare name: scalars, typedefs of the kernel, and structs (as in `(task_struct *)`). */
  named(name: string): Type | undefined {
    const typedef = this.#typedefs.get(name);
    if (typedef && !this.#resolving.has(name)) return this.#typedef(name, typedef);
    const scalar = scalarType(name);
    if (scalar) return scalar;
    const ofProgram = this.#structs.has(name) || this.#enums.has(name) ? undefined : this.#debug?.named(name);
    if (ofProgram) return ofProgram;
    return this.#find("typedef", name) ?? this.#find("int", name) ?? this.struct(name) ?? this.enum(name);
  }

  /** No typedef that is made of itself has an end. */
  #typedef(name: string, type: CType): Type | undefined {
    this.#resolving.add(name);
    const made = this.cType(type);
    this.#resolving.delete(name);
    return made;
  }

  /** Whether the script itself defines this struct or union. */
  isWritten(name: string): boolean {
    return this.#structs.has(name);
  }

  /** Whether the script defines a struct that the kernel has too: then none of its definitions is made of the kernel's. */
  get redefinesKernel(): boolean {
    this.#redefines ??= [...this.#structs.keys()].some(
      (name) => !this.#fromHeaders.has(name) && this.#btf?.findType("struct", name) !== undefined,
    );
    return this.#redefines;
  }

  /** Names near a misspelt struct, for messages. */
  suggestions(name: string): string[] {
    const names = [...this.#structs.keys()];
    if (this.#btf && name.length > 2) for (const known of this.#btf.names("struct")) names.push(known);
    return suggestionsFor(name, names);
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
        if (type.of.kind === "named" && type.of.name === "char" && (type.count ?? 0) > 0)
          return { kind: "string", size: type.count!, isArray: true };
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

  /** A struct with a field whose type is not known has no layout. */
  #layOut(definition: CStruct): StructType | undefined {
    const types: Type[] = [];
    for (const field of definition.fields) {
      const type = this.cType(field.type);
      if (type === undefined) return undefined;
      types.push(type);
    }
    const measures = types.map((type) => ({ sizeBytes: sizeOfC(type), alignBytes: alignOfC(type) }));
    const { bitOffsets, sizeBytes, alignBytes } = layOutFields(definition, measures);
    const fields = definition.fields.flatMap(({ name, bitWidth }, index): Field[] => {
      const [type, bitOffset] = [types[index], bitOffsets[index]];
      if (bitWidth === undefined) return [{ name, type, offsetBytes: bitOffset / 8 }];
      return name === "" ? [] : [bitfield(name, type, bitOffset, bitWidth)];
    });
    return { kind: "struct", tag: definition.kind, name: definition.name, sizeBytes, alignBytes, fields: () => fields };
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
    return type && derived(type, name.pointers, dimensions, space);
  }
}

/** A type with the stars and dimensions that are written after it. */
export function derived(type: Type, pointers: number, dimensions: TypeName["dimensions"], space: Space): Type {
  let result = type;
  for (let level = 0; level < pointers; level++) result = pointerTo(result, space);
  for (const count of dimensions.toReversed()) result = { kind: "array", of: result, count: Number(count ?? 0n) };
  return result;
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

/** A field by its name, looked for inside anonymous structs and unions as well. */
export function findField(type: StructType, name: string): Field | undefined {
  const found = searchField(type, name);
  if (found !== undefined) type.onField?.(found);
  return found;
}

function searchField(type: StructType, name: string): Field | undefined {
  for (const field of type.fields()) {
    if (field.name === name) return field;
    if (field.name !== "" || field.type.kind !== "struct") continue;
    const inner = searchField(field.type, name);
    if (inner) return { ...inner, offsetBytes: inner.offsetBytes + field.offsetBytes };
  }
  return undefined;
}

function fieldText({ offsetBytes, type, bitfield }: Field): string {
  const bits = bitfield === undefined ? "" : `, bits ${bitfield.shift} to ${bitfield.shift + bitfield.width - 1}`;
  return `${typeName(type)} at ${offsetBytes}${bits}`;
}

/** All names that {@link findField} finds. */
export function fieldNames(type: StructType): string[] {
  return type.fields().flatMap((field) => {
    if (field.name !== "") return [field.name];
    return field.type.kind === "struct" ? fieldNames(field.type) : [];
  });
}
