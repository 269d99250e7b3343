import {
  type BtfIndex,
  buildBtfIndex,
  findIndexedConstant,
  findIndexedType,
  KIND_NUMBERS,
  namedKindOf,
} from "./btf-index.ts";
import { decodeType } from "./decode-type.ts";
import { BtfError, type BtfSections, btfSections } from "./format.ts";
import { type BtfStrings, stringReader } from "./strings.ts";
import type { BtfNamedKind, BtfType } from "./type.ts";

/** Types that stand in each other's way (typedefs, modifiers, arrays) are followed this far; real chains are below 10. */
const MAX_CHAIN = 64;
const POINTER_BYTES = 8;
const VOID: BtfType = { kind: "void" };

/** What {@link Btf.parse} may be given. */
export interface BtfParseOptions {
  /** The BTF that a split BTF (a kernel module's) extends. */
  readonly base?: Btf;
  /** The index of these bytes, when it was kept; else they are scanned. */
  readonly index?: BtfIndex;
}

/** The types of a kernel, module or object file. A type is decoded when it is first asked for. */
export class Btf {
  /** Type ids are below this; those of the base and void (0) are counted. */
  readonly typeCount: number;
  readonly index: BtfIndex;
  readonly #base: Btf | undefined;
  readonly #sections: BtfSections;
  readonly #decoded = new Map<number, BtfType>();

  private constructor(sections: BtfSections, index: BtfIndex, base: Btf | undefined) {
    this.#sections = sections;
    this.#base = base;
    this.index = index;
    this.typeCount = index.firstId + index.offsets.length;
  }

  /** Reads BTF. Throws {@link BtfError} when it is malformed, or when `index` is not of these bytes. */
  static parse(bytes: Uint8Array, options: BtfParseOptions = {}): Btf {
    const { base } = options;
    const index = options.index ?? buildBtfIndex(bytes, base);
    if (index.sizeBytes !== bytes.length || index.firstId !== (base?.typeCount ?? 1)) {
      throw new BtfError("index belongs to other types");
    }
    return new Btf(btfSections(bytes, base?.strings), index, base);
  }

  /** The string section, for {@link buildBtfIndex} of a split BTF. */
  get strings(): BtfStrings {
    return this.#sections.strings;
  }

  /** The id of the first type of this kind and name; a base comes before what extends it. */
  findType(kind: BtfNamedKind, name: string): number | undefined {
    return this.#base?.findType(kind, name) ?? this.findOwnType(kind, name);
  }

  /** As {@link findType}, and of a base nothing: what a module has by itself. */
  findOwnType(kind: BtfNamedKind, name: string): number | undefined {
    return name === "" ? undefined : findIndexedType(this.#sections, this.index, KIND_NUMBERS[kind], name);
  }

  /** The value of an enumerator, and the enum that has it. */
  findEnumConstant(name: string): { readonly typeId: number; readonly value: bigint } | undefined {
    const inherited = this.#base?.findEnumConstant(name);
    if (inherited !== undefined) return inherited;
    const typeId = findIndexedConstant(this.#sections, this.index, name);
    if (typeId === undefined) return undefined;
    const type = this.type(typeId);
    const constant = type.kind === "enum" ? type.constants.find((each) => each.name === name) : undefined;
    return constant && { typeId, value: constant.value };
  }

  /** The type of an id. Throws {@link BtfError} when there is none, or when it is malformed. */
  type(id: number): BtfType {
    if (id === 0) return VOID;
    if (id < this.index.firstId && this.#base !== undefined) return this.#base.type(id);
    const known = this.#decoded.get(id);
    if (known !== undefined) return known;
    const at = this.index.offsets[id - this.index.firstId];
    if (at === undefined) throw new BtfError(`no type has id ${id}`);
    const type = decodeType(this.#sections, at);
    this.#decoded.set(id, type);
    return type;
  }

  /** The id behind typedefs, const, volatile, restrict and type tags. Throws {@link BtfError} on a cycle. */
  resolve(id: number): number {
    let at = id;
    for (let hops = 0; hops < MAX_CHAIN; hops++) {
      const type = this.type(at);
      switch (type.kind) {
        case "typedef":
        case "const":
        case "volatile":
        case "restrict":
        case "type_tag":
          at = type.type;
          break;
        default:
          return at;
      }
    }
    throw new BtfError(`type ${id} is defined by itself`);
  }

  /** Size in bytes; 0 for what has none (void, functions, declared structs). Throws {@link BtfError} on a cycle. */
  sizeOf(id: number): number {
    let count = 1;
    let at = id;
    for (let hops = 0; hops < MAX_CHAIN; hops++) {
      const type = this.type(this.resolve(at));
      switch (type.kind) {
        case "array":
          count *= type.count;
          at = type.element;
          break;
        case "var":
          at = type.type;
          break;
        case "ptr":
          return checkedSize(count * POINTER_BYTES, id);
        default:
          return "size" in type ? checkedSize(count * type.size, id) : 0;
      }
    }
    throw new BtfError(`type ${id} is made of itself`);
  }

  /** The names of all types of a kind, each once, in the order of their ids. */
  *names(kind: BtfNamedKind): Generator<string> {
    if (this.#base !== undefined) yield* this.#base.names(kind);
    const { words, strings } = this.#sections;
    const { offsets, typeSlots, firstId } = this.index;
    // Of several types with one name, the hash table has the first alone.
    const isFirst = new Uint8Array(this.typeCount);
    for (const id of typeSlots) isFirst[id] = 1;
    const nameAt = stringReader(strings);
    for (let i = 0; i < offsets.length; i++) {
      const at = offsets[i];
      if (isFirst[firstId + i] === 0 || namedKindOf(words[at + 1]) !== KIND_NUMBERS[kind]) continue;
      const name = nameAt(words[at]);
      if (name !== "" && this.#base?.findType(kind, name) === undefined) yield name;
    }
  }
}

function checkedSize(sizeBytes: number, id: number): number {
  if (!Number.isSafeInteger(sizeBytes)) throw new BtfError(`type ${id} is too large`);
  return sizeBytes;
}
