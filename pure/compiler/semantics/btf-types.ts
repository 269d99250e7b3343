/** The types of one BTF, the kernel's or a module's, as types of the language. */
import type { Btf } from "@beetrace/bytecode";
import {
  BOOL,
  bitfield,
  type EnumType,
  type Field,
  floatType,
  intType,
  NONE,
  type StructType,
  type Type,
} from "./types.ts";

/** What stands around the types of one BTF. */
export interface BtfSurroundings {
  /** The module that they are of; the kernel itself has none. */
  readonly module?: string;
  /** Looks up elsewhere what is only declared here. */
  readonly findStruct: (name: string, tag: "struct" | "union") => StructType | undefined;
  /** Hears of every field of a named struct that is looked up. */
  readonly onField?: (struct: Pick<StructType, "tag" | "name">, field: Field) => void;
}

/** A function's parameters and result. Pointers in them have no space yet. */
export interface Prototype {
  readonly params: readonly { readonly name: string; readonly type: Type }[];
  readonly result: Type;
}

/** Each type is made when it is first asked for, once. */
export class BtfTypes {
  readonly btf: Btf;
  readonly #around: BtfSurroundings;
  readonly #made = new Map<number, Type>();

  constructor(btf: Btf, around: BtfSurroundings) {
    this.btf = btf;
    this.#around = around;
  }

  /** The name of the module, as the end of a list of words: none for the kernel itself. */
  get moduleName(): readonly string[] {
    return this.#around.module === undefined ? [] : [this.#around.module];
  }

  /** The prototype of a function. A module's own comes before one of the kernel's that has its name. */
  prototype(name: string): Prototype | undefined {
    const { btf } = this;
    const id = btf.findOwnType("func", name) ?? btf.findType("func", name);
    const func = id === undefined ? undefined : btf.type(id);
    return func?.kind === "func" ? this.#prototypeOf(func.proto) : undefined;
  }

  /** Whether a struct is the first of its name here, and not one of another source. */
  has(struct: StructType): boolean {
    const id = this.btf.findType(struct.tag, struct.name);
    return id !== undefined && this.type(id) === struct;
  }

  /** The prototype that a typedef of a pointer to a function gives its name to. */
  functionTypedef(name: string): Prototype | undefined {
    const { btf } = this;
    const id = btf.findType("typedef", name);
    const pointer = id === undefined ? undefined : btf.type(btf.resolve(id));
    return pointer?.kind === "ptr" ? this.#prototypeOf(pointer.to) : undefined;
  }

  #prototypeOf(id: number): Prototype | undefined {
    const proto = this.btf.type(id);
    if (proto.kind !== "func_proto") return undefined;
    const params = proto.params.map((param) => ({ name: param.name, type: this.type(param.type) }));
    return { params, result: this.type(proto.result) };
  }

  /** The type of an id. Pointers in it have no space yet: they take that of what holds them. */
  type(id: number): Type {
    const known = this.#made.get(id);
    if (known) return known;
    const type = this.#convert(id);
    this.#made.set(id, type);
    return type;
  }

  #convert(id: number): Type {
    const type = this.btf.type(id);
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
        return this.#pointer(type.to);
      case "array":
        return this.#array(type.element, type.count);
      case "struct":
      case "union":
        return this.#struct(id, type.kind, type.name, type.size);
      case "fwd":
        return this.#around.findStruct(type.name, type.union ? "union" : "struct") ?? NONE;
      case "typedef":
      case "const":
      case "volatile":
      case "restrict":
      case "type_tag":
        return this.type(type.type);
      case "float":
        return floatType(type.name, type.size);
      default:
        return NONE;
    }
  }

  /** What a pointer points to is converted only when it is asked for: kernel types refer to each other in circles. */
  #pointer(to: number): Type {
    let pointee: Type | undefined;
    const convert = () => this.type(to);
    return {
      kind: "pointer",
      space: this.#isUser(to) ? "user" : "none",
      get to() {
        pointee ??= convert();
        return pointee;
      },
    };
  }

  #isUser(id: number): boolean {
    let type = this.btf.type(id);
    while (type.kind === "const" || type.kind === "volatile" || type.kind === "type_tag") {
      if (type.kind === "type_tag" && type.name === "user") return true;
      type = this.btf.type(type.type);
    }
    return false;
  }

  #array(element: number, count: number): Type {
    const of = this.btf.type(this.btf.resolve(element));
    if (of.kind === "int" && of.name === "char" && count > 0) return { kind: "string", size: count, isArray: true };
    return { kind: "array", of: this.type(element), count };
  }

  #struct(id: number, tag: "struct" | "union", name: string, sizeBytes: number): StructType {
    const { onField } = this.#around;
    let fields: Field[] | undefined;
    return {
      kind: "struct",
      tag,
      name,
      sizeBytes,
      alignBytes: sizeBytes % 8 === 0 ? 8 : sizeBytes % 4 === 0 ? 4 : sizeBytes % 2 === 0 ? 2 : 1,
      onField: onField && name !== "" ? (field) => onField({ tag, name }, field) : undefined,
      fields: () => {
        fields ??= this.#fields(id);
        return fields;
      },
    };
  }

  #fields(id: number): Field[] {
    const type = this.btf.type(id);
    if (type.kind !== "struct" && type.kind !== "union") return [];
    return type.members.map((member) => {
      const memberType = this.type(member.type);
      if (member.bitfieldSize === undefined) {
        return { name: member.name, type: memberType, offsetBytes: member.bitOffset / 8 };
      }
      return bitfield(member.name, memberType, member.bitOffset, member.bitfieldSize);
    });
  }
}
