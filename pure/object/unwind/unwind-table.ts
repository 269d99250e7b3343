/**
 * How to get from a frame to its caller, as a table that a BPF program can search: rows in ascending order, each good
 * from its address up to the next one's. Only what a walk needs is kept: where the canonical frame address (CFA) is, and
 * where the return address and the caller's frame pointer were saved.
 */

/** Bytes of a row. */
export const UNWIND_ROW_BYTES = 16;

/** Where the fields of a row are: little-endian, addresses unsigned, offsets signed. */
export const UNWIND_ROW = {
  /** u32, counted from the table's base. */
  address: 0,
  /** u8 of {@link CFA_RULES}. */
  cfa: 4,
  /** u8 of {@link SAVED_RULES}. */
  returnAddress: 5,
  /** u8 of {@link SAVED_RULES}. */
  framePointer: 6,
  /** u8: 1 for a frame that a signal interrupted, whose address is that of the next instruction, not of a return. */
  signalFrame: 7,
  /** i32 */
  cfaOffset: 8,
  /** i16 */
  returnAddressOffset: 12,
  /** i16 */
  framePointerOffset: 14,
} as const;

/** How the CFA is found. `unknown`: by nothing that is known here, so that a walk ends. */
export const CFA_RULES = {
  unknown: 0,
  /** Stack pointer + offset. */
  stackPointer: 1,
  /** Frame pointer + offset. */
  framePointer: 2,
  /** The word at stack pointer + offset. */
  atStackPointer: 3,
  /** The word at frame pointer + offset. */
  atFramePointer: 4,
  /** Stack pointer + 8, and + 16 once the address has passed `offset` of its 16 bytes: entries of a linkage table. */
  linkageTable: 5,
} as const;

/** Where the word of the caller is. `none`: nowhere; a frame pointer is the same, without a return address it ends. */
export const SAVED_RULES = {
  none: 0,
  /** At CFA + offset. */
  cfa: 1,
  /** At stack pointer + offset. */
  stackPointer: 2,
  /** At frame pointer + offset. */
  framePointer: 3,
} as const;

/** The name of a rule of {@link CFA_RULES}. */
export type CfaRule = keyof typeof CFA_RULES;
/** The name of a rule of {@link SAVED_RULES}. */
export type SavedRule = keyof typeof SAVED_RULES;

/** What a row says. Offsets in bytes. */
export interface UnwindRule {
  readonly cfa: CfaRule;
  readonly cfaOffset: number;
  readonly returnAddress: SavedRule;
  readonly returnAddressOffset: number;
  readonly framePointer: SavedRule;
  readonly framePointerOffset: number;
  readonly signalFrame: boolean;
}

/** Where nothing is known. */
export const UNKNOWN_RULE: UnwindRule = {
  cfa: "unknown",
  cfaOffset: 0,
  returnAddress: "none",
  returnAddressOffset: 0,
  framePointer: "none",
  framePointerOffset: 0,
  signalFrame: false,
};

const WORDS = UNWIND_ROW_BYTES / 4;
const CFA_NAMES = Object.keys(CFA_RULES) as readonly CfaRule[];
const SAVED_NAMES = Object.keys(SAVED_RULES) as readonly SavedRule[];

/** The rows of one file. */
export class UnwindTable {
  /** The file's lowest address: rows count from there. */
  readonly base: number;
  readonly #words: Int32Array;

  /** Made by an {@link UnwindTableWriter}. */
  constructor(base: number, words: Int32Array) {
    this.base = base;
    this.#words = words;
  }

  get count(): number {
    return this.#words.length / WORDS;
  }

  /** The rows as they lie in memory, little-endian as the machine is that runs this. */
  get bytes(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#words;
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  /** Where the row begins, as an address of the file. */
  addressAt(index: number): number {
    return (this.#words[index * WORDS] >>> 0) + this.base;
  }

  /** What the row says. */
  ruleAt(index: number): UnwindRule {
    const [, kinds, cfaOffset, offsets] = this.#words.subarray(index * WORDS, (index + 1) * WORDS);
    return {
      cfa: CFA_NAMES[kinds & 0xff],
      cfaOffset,
      returnAddress: SAVED_NAMES[(kinds >> 8) & 0xff],
      returnAddressOffset: (offsets << 16) >> 16,
      framePointer: SAVED_NAMES[(kinds >> 16) & 0xff],
      framePointerOffset: offsets >> 16,
      signalFrame: kinds >>> 24 !== 0,
    };
  }

  /** What holds at an address of the file. */
  find(address: number): UnwindRule {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.addressAt(middle) <= address) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? UNKNOWN_RULE : this.ruleAt(low - 1);
  }
}

const FIRST_ROWS = 1024;
const ADDRESSES = 0x1_0000_0000;

/** Collects the rows of a file in the order of their addresses. A row that says what the one before says is left out. */
export class UnwindTableWriter {
  readonly #base: number;
  #words = new Int32Array(FIRST_ROWS * WORDS);
  #length = 0;

  constructor(base: number) {
    this.#base = base;
  }

  /** Whether a row can name the address. */
  reaches(address: number): boolean {
    return address >= this.#base && address - this.#base < ADDRESSES;
  }

  /** From `address` on `rule` holds; it must not be lower than those before. */
  add(address: number, rule: UnwindRule): void {
    const { cfa, returnAddress, framePointer } = isStorable(rule) ? rule : UNKNOWN_RULE;
    const isKnown = cfa !== "unknown";
    const kinds =
      CFA_RULES[cfa] |
      (SAVED_RULES[returnAddress] << 8) |
      (SAVED_RULES[framePointer] << 16) |
      (isKnown && rule.signalFrame ? 1 << 24 : 0);
    const cfaOffset = isKnown ? rule.cfaOffset : 0;
    const offsets = isKnown ? (rule.returnAddressOffset & 0xffff) | (rule.framePointerOffset << 16) : 0;
    this.#put((address - this.#base) | 0, kinds, cfaOffset, offsets);
  }

  #put(address: number, kinds: number, cfaOffset: number, offsets: number): void {
    let at = this.#length;
    const words = this.#words;
    if (at > 0 && words[at - WORDS] === address) at -= WORDS; // its range is empty
    if (at > 0 && words[at - 3] === kinds && words[at - 2] === cfaOffset && words[at - 1] === offsets) {
      this.#length = at;
      return;
    }
    const room = at + WORDS <= words.length ? words : this.#grown();
    room[at] = address;
    room[at + 1] = kinds;
    room[at + 2] = cfaOffset;
    room[at + 3] = offsets;
    this.#length = at + WORDS;
  }

  #grown(): Int32Array<ArrayBuffer> {
    const grown = new Int32Array(this.#words.length * 2);
    grown.set(this.#words);
    this.#words = grown;
    return grown;
  }

  finish(): UnwindTable {
    return new UnwindTable(this.#base, this.#words.slice(0, this.#length));
  }
}

/** Whether the offsets fit into a row. */
function isStorable({ cfaOffset, returnAddressOffset, framePointerOffset }: UnwindRule): boolean {
  return (
    (cfaOffset | 0) === cfaOffset &&
    (returnAddressOffset << 16) >> 16 === returnAddressOffset &&
    (framePointerOffset << 16) >> 16 === framePointerOffset
  );
}
