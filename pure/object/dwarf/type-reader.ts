import { ElfError, readingPart } from "../elf-error.ts";
import type { DebugMember, DebugStruct, DebugType } from "./debug-type.ts";
import type { Die } from "./die.ts";
import { DW_AT, DW_ATE, DW_TAG } from "./names.ts";

type Base = Extract<DebugType, { kind: "base" }>;

const ENCODINGS: Readonly<Record<number, Base["encoding"]>> = {
  [DW_ATE.boolean]: "boolean",
  [DW_ATE.signed]: "signed",
  [DW_ATE.signed_char]: "signed-char",
  [DW_ATE.unsigned]: "unsigned",
  [DW_ATE.unsigned_char]: "unsigned-char",
  [DW_ATE.UTF]: "unsigned",
  [DW_ATE.float]: "float",
  [DW_ATE.complex_float]: "other",
};

const QUALIFIERS: Readonly<Record<number, Extract<DebugType, { kind: "qualified" }>["qualifier"]>> = {
  [DW_TAG.const_type]: "const",
  [DW_TAG.volatile_type]: "volatile",
  [DW_TAG.restrict_type]: "restrict",
  [DW_TAG.atomic_type]: "_Atomic",
};

const REFERENCES: Readonly<Record<number, "" | "&" | "&&">> = {
  [DW_TAG.pointer_type]: "",
  [DW_TAG.reference_type]: "&",
  [DW_TAG.rvalue_reference_type]: "&&",
};

/** `DW_CC_pass_by_reference` */
const PASS_BY_REFERENCE = 4;

/** Makes types of entries; each entry is one type, however often it is met. */
export class TypeReader {
  readonly #definition: (name: string, tag: number) => Die | undefined;
  readonly #known = new Map<Die["unit"], Map<number, DebugType>>();

  /** `definition` finds what an entry that only declares a name stands for. */
  constructor(definition: (name: string, tag: number) => Die | undefined) {
    this.#definition = definition;
  }

  /** The type that an entry says it has; `undefined` is void. */
  typeOf(die: Die): DebugType | undefined {
    const target = die.inheriting(DW_AT.type)?.reference(DW_AT.type);
    if (target) return this.read(target);
    // What it refers to may be in a file that is not there: that is not void.
    return die.inheriting(DW_AT.type) ? { kind: "unknown", name: "" } : undefined;
  }

  /** The type that an entry describes. */
  read(die: Die): DebugType {
    let ofUnit = this.#known.get(die.unit);
    if (!ofUnit) {
      ofUnit = new Map();
      this.#known.set(die.unit, ofUnit);
    }
    const known = ofUnit.get(die.offset);
    if (known) return known;
    const type = this.#read(die);
    ofUnit.set(die.offset, type);
    return type;
  }

  #read(die: Die): DebugType {
    const elsewhere = die.reference(DW_AT.signature);
    if (elsewhere && !elsewhere.has(DW_AT.signature)) return this.read(elsewhere);
    const name = die.text(DW_AT.name) ?? "";
    const to = lazily(() => this.typeOf(die));
    switch (die.tag) {
      case DW_TAG.base_type: {
        const encoding = ENCODINGS[die.number(DW_AT.encoding) ?? 0] ?? "other";
        return { kind: "base", name, sizeBytes: sizeOf(die), encoding };
      }
      case DW_TAG.typedef:
        return {
          kind: "typedef",
          name,
          get to() {
            return to();
          },
        };
      case DW_TAG.const_type:
      case DW_TAG.volatile_type:
      case DW_TAG.restrict_type:
      case DW_TAG.atomic_type:
        return {
          kind: "qualified",
          qualifier: QUALIFIERS[die.tag],
          get to() {
            return to();
          },
        };
      case DW_TAG.pointer_type:
      case DW_TAG.reference_type:
      case DW_TAG.rvalue_reference_type:
        return {
          kind: "pointer",
          reference: REFERENCES[die.tag],
          get to() {
            return to();
          },
        };
      case DW_TAG.structure_type:
      case DW_TAG.class_type:
      case DW_TAG.union_type:
        return this.#struct(die, name);
      case DW_TAG.enumeration_type:
        return enumOf(die, name, to());
      case DW_TAG.array_type:
        return {
          kind: "array",
          counts: countsOf(die),
          get of() {
            return to();
          },
        };
      case DW_TAG.subroutine_type:
        return this.#function(die, to);
      default:
        return { kind: "unknown", name };
    }
  }

  #struct(die: Die, name: string): DebugStruct {
    const keyword = die.tag === DW_TAG.union_type ? "union" : die.tag === DW_TAG.class_type ? "class" : "struct";
    const whole = lazily(() => (die.flag(DW_AT.declaration) ? this.#defined(die, name) : die));
    const members = lazily(() => this.#members(whole()));
    return {
      kind: "struct",
      keyword,
      name,
      get sizeBytes() {
        return sizeOf(whole());
      },
      get isPassedByAddress() {
        return whole().number(DW_AT.calling_convention) === PASS_BY_REFERENCE;
      },
      get members() {
        return members();
      },
    };
  }

  #defined(die: Die, name: string): Die {
    return (name === "" ? undefined : this.#definition(name, die.tag)) ?? die;
  }

  #members(die: Die): readonly DebugMember[] {
    const members: DebugMember[] = [];
    for (const child of die.children()) {
      // A static member is declared here and defined elsewhere: it is in no object.
      if ((child.tag !== DW_TAG.member && child.tag !== DW_TAG.inheritance) || child.flag(DW_AT.declaration)) continue;
      const type = this.typeOf(child);
      const name = child.tag === DW_TAG.inheritance ? "" : (child.text(DW_AT.name) ?? "");
      members.push({ name, type, ...placeOf(child, type) });
    }
    return members;
  }

  #function(die: Die, result: () => DebugType | undefined): DebugType {
    const parameters = lazily(() =>
      [...die.children()].filter((child) => child.tag === DW_TAG.formal_parameter).map((child) => this.typeOf(child)),
    );
    return {
      kind: "function",
      get parameters() {
        return parameters();
      },
      get result() {
        return result();
      },
    };
  }
}

/** Reads once, when it is asked for; a damaged file shows itself only then. */
function lazily<T>(read: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: readingPart(".debug_info", read) };
    return done.value;
  };
}

function sizeOf(die: Die): number {
  return die.number(DW_AT.byte_size) ?? 0;
}

/**
 * Where a member is. Bit fields count from the start of the struct (`data_bit_offset`), or before version 4 from the
 * highest bit of the integer that they are in, as machines with the highest byte first do (section 5.7.6).
 */
function placeOf(member: Die, type: DebugType | undefined): Pick<DebugMember, "bitOffset" | "bitWidth"> {
  const bitWidth = member.number(DW_AT.bit_size);
  const bits = member.number(DW_AT.data_bit_offset);
  const bytes = member.number(DW_AT.data_member_location) ?? offsetOf(member.block(DW_AT.data_member_location));
  if (bitWidth === undefined) return { bitOffset: bits ?? bytes * 8 };
  if (bits !== undefined) return { bitOffset: bits, bitWidth };
  const fromHighest = member.number(DW_AT.bit_offset) ?? 0;
  const sizeBytes = member.number(DW_AT.byte_size) ?? storageBytes(type);
  return { bitOffset: bytes * 8 + (sizeBytes * 8 - fromHighest - bitWidth), bitWidth };
}

/** `DW_OP_plus_uconst` */
const PLUS_UCONST = 0x23;

/** Version 2 says the offset of a member as an expression that adds it. */
function offsetOf(expression: Uint8Array | undefined): number {
  if (expression?.[0] !== PLUS_UCONST) return 0;
  let value = 0;
  for (let at = 1, scale = 1; at < expression.length; at++, scale *= 128) value += (expression[at] & 0x7f) * scale;
  return value;
}

function storageBytes(type: DebugType | undefined, depth = 0): number {
  if (type === undefined || depth > 64) return 4;
  if (type.kind === "typedef" || type.kind === "qualified") return storageBytes(type.to, depth + 1);
  return "sizeBytes" in type ? type.sizeBytes : 4;
}

function enumOf(die: Die, name: string, underlying: DebugType | undefined): DebugType {
  const sizeBytes = sizeOf(die) || storageBytes(underlying);
  const constants: { name: string; value: bigint }[] = [];
  for (const child of die.children()) {
    if (child.tag !== DW_TAG.enumerator) continue;
    const value = child.integer(DW_AT.const_value) ?? 0n;
    constants.push({ name: child.text(DW_AT.name) ?? "", value });
  }
  const isSigned =
    underlying?.kind === "base" ? underlying.encoding.startsWith("signed") : constants.some(({ value }) => value < 0n);
  const bits = sizeBytes * 8;
  if (bits > 64) throw new ElfError(`.debug_info: enum ${name} of ${sizeBytes} bytes`);
  const wrap = (value: bigint) => (isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
  return {
    kind: "enum",
    name,
    sizeBytes,
    signed: isSigned,
    constants: constants.map((each) => ({ ...each, value: wrap(each.value) })),
  };
}

/** How many elements each dimension has, the outermost first; 0 where that is not known. */
function countsOf(die: Die): readonly number[] {
  const counts: number[] = [];
  for (const child of die.children()) {
    if (child.tag !== DW_TAG.subrange_type) continue;
    const last = child.number(DW_AT.upper_bound);
    const count = child.number(DW_AT.count) ?? (last === undefined ? 0 : last + 1);
    // A bound that is not written as a number is worked out when the program runs; the largest one is that of `[]`.
    counts.push(count > 0 && count <= 0x7fffffff ? count : 0);
  }
  return counts;
}
