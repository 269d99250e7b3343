import type { Btf } from "./btf.ts";
import { BtfError } from "./format.ts";
import type { BtfComposite } from "./type.ts";

const POINTER_BYTES = 8;
/** Structs inside structs; the deepest of the kernel are about 10. */
const MAX_NESTING = 64;

/** How a struct is laid out, as far as BTF lets one tell: the alignment in bytes, and whether it must be packed. */
export interface Alignment {
  readonly bytes: number;
  readonly packed: boolean;
}

/** Works out alignments, which BTF does not hold, by the C rules of 64-bit machines; keeps what it found. Throws {@link BtfError}. */
export class Aligner {
  readonly #btf: Btf;
  readonly #known = new Map<number, Alignment>();
  #depth = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  /** The alignment of a type: that of its widest member, or 1 when the layout shows that it is packed. */
  of(id: number): Alignment {
    let at = this.#btf.resolve(id);
    // Arrays of arrays; the walk ends early on a type that contains itself.
    for (let hops = 0; hops < 64; hops++) {
      const type = this.#btf.type(at);
      if (type.kind !== "array") break;
      at = this.#btf.resolve(type.element);
    }
    const type = this.#btf.type(at);
    if (type.kind === "ptr") return { bytes: POINTER_BYTES, packed: false };
    if (type.kind === "struct" || type.kind === "union") return this.#ofComposite(at, type);
    if (type.kind !== "int" && type.kind !== "enum" && type.kind !== "float") return { bytes: 1, packed: false };
    return { bytes: Math.max(1, Math.min(POINTER_BYTES, type.size)), packed: false };
  }

  #ofComposite(id: number, type: BtfComposite): Alignment {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // A struct inside itself is malformed; this answer ends the recursion.
    this.#known.set(id, { bytes: 1, packed: false });
    if (this.#depth >= MAX_NESTING) throw new BtfError("structs are nested too deep");
    this.#depth++;
    let widest = 1;
    let packed = false;
    for (const member of type.members) {
      const { bytes } = this.of(member.type);
      widest = Math.max(widest, bytes);
      if (member.bitfieldSize === undefined && member.bitOffset % (8 * bytes) !== 0) packed = true;
    }
    this.#depth--;
    if (type.size % widest !== 0) packed = true;
    const alignment = { bytes: packed ? 1 : widest, packed };
    this.#known.set(id, alignment);
    return alignment;
  }
}
