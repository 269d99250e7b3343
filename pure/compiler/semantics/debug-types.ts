/** Types of a traced program, as its debug information describes them. */
import {
  bareType,
  type DebugInfo,
  type DebugMember,
  type DebugStruct,
  type DebugType,
  ElfError,
} from "@beetrace/object";
import {
  BOOL,
  bitfield,
  type EnumType,
  type Field,
  floatType,
  intType,
  NONE,
  type StructType,
  stringOf,
  type Type,
  UINT64,
} from "./types.ts";

/** How deep types that hold each other are followed: damaged ones go in circles. */
const DEEPEST = 64;

/** Makes types of the language of what debug information says; each once. What is damaged is as if it were not there. */
export class DebugTypes {
  readonly #info: () => DebugInfo | undefined;
  readonly #made = new Map<DebugType, Type>();

  /** The debug information is read when the script asks for a type. */
  constructor(info: () => DebugInfo | undefined) {
    this.#info = info;
  }

  struct(name: string, tag?: "struct" | "union"): StructType | undefined {
    return readable(() => {
      const found = tag ? this.#info()?.type(name, tag) : this.#info()?.type(name, "struct", "union");
      return found?.kind === "struct" ? this.#struct(found) : undefined;
    });
  }

  enum(name: string): EnumType | undefined {
    const found = readable(() => this.#info()?.type(name, "enum"));
    return found?.kind === "enum" ? enumOf(found) : undefined;
  }

  /** A type by a name without `struct` or its like. */
  named(name: string): Type | undefined {
    const found = readable(() => this.#info()?.type(name, "typedef", "struct", "union", "enum"));
    return found && this.type(found);
  }

  /** Pointers in it have no space yet: they take that of what holds them. */
  type(of: DebugType | undefined): Type {
    return readable(() => this.#type(of, 0)) ?? NONE;
  }

  #type(of: DebugType | undefined, depth: number): Type {
    const bare = bareType(of);
    if (!bare || depth > DEEPEST) return NONE;
    const known = this.#made.get(bare);
    if (known) return known;
    const type = this.#convert(bare, depth);
    this.#made.set(bare, type);
    return type;
  }

  #convert(type: DebugType, depth: number): Type {
    switch (type.kind) {
      case "base":
        return baseType(type);
      case "pointer":
        return this.#pointer(type);
      case "struct":
        return this.#struct(type);
      case "enum":
        return enumOf(type);
      case "array":
        return this.#array(type, depth);
      default:
        return NONE;
    }
  }

  #pointer(type: Extract<DebugType, { kind: "pointer" }>): Type {
    const to = () => readable(() => this.type(type.to)) ?? NONE;
    return {
      kind: "pointer",
      space: "none",
      get to() {
        return to();
      },
    };
  }

  #struct(type: DebugStruct): StructType {
    const known = this.#made.get(type);
    if (known?.kind === "struct") return known;
    let fields: readonly Field[] | undefined;
    const { sizeBytes } = type;
    const made: StructType = {
      kind: "struct",
      tag: type.keyword === "union" ? "union" : "struct",
      name: type.name,
      sizeBytes,
      alignBytes: sizeBytes % 8 === 0 ? 8 : sizeBytes % 4 === 0 ? 4 : sizeBytes % 2 === 0 ? 2 : 1,
      fields: () => {
        fields ??= readable(() => type.members.flatMap((member) => this.#field(member))) ?? [];
        return fields;
      },
    };
    this.#made.set(type, made);
    return made;
  }

  #field({ name, type, bitOffset, bitWidth }: DebugMember): readonly Field[] {
    const of = this.type(type);
    if (bitWidth !== undefined) return name === "" ? [] : [bitfield(name, of, bitOffset, bitWidth)];
    return [{ name, type: of, offsetBytes: bitOffset / 8 }];
  }

  #array({ of, counts }: Extract<DebugType, { kind: "array" }>, depth: number): Type {
    // As with the kernel's types, an array of characters is text, and one of what is called something else is not.
    const element = of?.kind === "qualified" ? bareQualified(of) : of;
    const isText = element?.kind === "base" && element.encoding.endsWith("-char");
    const inner = counts.at(-1) ?? 0;
    let type: Type =
      isText && inner > 0 ? stringOf(inner) : { kind: "array", of: this.#type(of, depth + 1), count: inner };
    for (const count of counts.slice(0, -1).reverse()) type = { kind: "array", of: type, count };
    return type;
  }
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

function bareQualified(type: DebugType | undefined): DebugType | undefined {
  return type?.kind === "qualified" && type.to?.kind !== "typedef" ? bareType(type) : type;
}

function baseType({ name, sizeBytes, encoding }: Extract<DebugType, { kind: "base" }>): Type {
  if (encoding === "boolean") return BOOL;
  if (encoding === "float") return floatType(name, sizeBytes);
  if (sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4 || sizeBytes === 8)
    return intType(sizeBytes * 8, encoding === "signed" || encoding === "signed-char");
  // __int128: shown as what they are made of.
  return sizeBytes > 0 && sizeBytes % 8 === 0 ? { kind: "array", of: UINT64, count: sizeBytes / 8 } : NONE;
}

function enumOf({ name, sizeBytes, signed, constants }: Extract<DebugType, { kind: "enum" }>): EnumType {
  const size = sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 8 ? sizeBytes : 4;
  return { kind: "enum", name, sizeBytes: size, signed, variants: constants.map((each) => [each.value, each.name]) };
}
