// Opcode maps: Intel SDM volume 2, appendix A; AMD64 APM volume 3, appendix A (3DNow!, SSE4a, XOP).

/**
 * What follows an opcode, a letter for each:
 * `.` nothing, `M` ModRM, `b` imm8, `w` imm16, `z` imm16/32, `v` imm16/32/64, `r` rel32, `o` an address, `e` imm16 and imm8,
 * `B` ModRM and imm8, `Z` ModRM and imm16/32, `g`/`G` ModRM and, for `test`, imm8 or imm16/32, `!` not in 64-bit mode.
 */
const ONE_BYTE = [
  "MMMMbz!!MMMMbz!!",
  "MMMMbz!!MMMMbz!!",
  "MMMMbz!!MMMMbz!!",
  "MMMMbz!!MMMMbz!!",
  "!!!!!!!!!!!!!!!!",
  "................",
  "!!!M!!!!zZbB....",
  "bbbbbbbbbbbbbbbb",
  "BZ!BMMMMMMMMMMMM",
  "..........!.....",
  "oooo....bz......",
  "bbbbbbbbvvvvvvvv",
  "BBw.!!BZe.w..b!.",
  "MMMM!!!.MMMMMMMM",
  "bbbbbbbbrr!b....",
  "!.!!..gG......MM",
].join("");

/** After the byte 0F. */
const TWO_BYTE = [
  "MMMM!.....!.!M.B",
  "MMMMMMMMMMMMMMMM",
  "MMMM!!!!MMMMMMMM",
  "......!.!!!!!!!!",
  "MMMMMMMMMMMMMMMM",
  "MMMMMMMMMMMMMMMM",
  "MMMMMMMMMMMMMMMM",
  "BBBBMMM.MM!!MMMM",
  "rrrrrrrrrrrrrrrr",
  "MMMMMMMMMMMMMMMM",
  "...MBMMM...MBMMM",
  "MMMMMMMMMMBMMMMM",
  "MMBMBBBM........",
  "MMMMMMMMMMMMMMMM",
  "MMMMMMMMMMMMMMMM",
  "MMMMMMMMMMMMMMMM",
].join("");

const MAX_LENGTH = 15;

/** What came before an opcode and changes what comes after it. */
interface Prefixes {
  readonly length: number;
  readonly operand16: boolean;
  readonly address32: boolean;
  /** F2 or F3. */
  readonly repeat: boolean;
  readonly wide: boolean;
}

/**
 * The length in bytes of the x86-64 instruction at `offset`. Undefined when there is none: an opcode that is not one, or an
 * instruction that goes beyond the end of the bytes.
 */
export function instructionLength(code: Uint8Array, offset: number): number | undefined {
  const prefixes = readPrefixes(code, offset);
  const at = offset + prefixes.length;
  const end = operandsEnd(code, at, prefixes);
  return end !== undefined && end <= code.length && end - offset <= MAX_LENGTH ? end - offset : undefined;
}

/** The offsets at which instructions start, from 0 up to the first byte that cannot be decoded. */
export function instructionBoundaries(code: Uint8Array): number[] {
  const offsets: number[] = [];
  let at = 0;
  while (at < code.length) {
    offsets.push(at);
    const length = instructionLength(code, at);
    if (length === undefined) break;
    at += length;
  }
  return offsets;
}

/**
 * Whether an x86-64 instruction starts at `offset`, for code that starts with one at 0.
 * False also where what comes before cannot be decoded: a probe there would be a guess.
 */
export function isInstructionBoundary(code: Uint8Array, offset: number): boolean {
  let at = 0;
  while (at < offset) {
    const length = instructionLength(code, at);
    if (length === undefined) return false;
    at += length;
  }
  return at === offset && at < code.length;
}

function readPrefixes(code: Uint8Array, offset: number): Prefixes {
  let operand16 = false;
  let address32 = false;
  let repeat = false;
  let at = offset;
  for (; ; at++) {
    const byte = code[at];
    if (byte === 0x66) operand16 = true;
    else if (byte === 0x67) address32 = true;
    else if (byte === 0xf2 || byte === 0xf3) repeat = true;
    else if (!isOtherPrefix(byte)) break;
    if (at - offset >= MAX_LENGTH) break;
  }
  // REX counts only directly before the opcode.
  const rex = code[at] >= 0x40 && code[at] <= 0x4f ? code[at++] : 0;
  return { length: at - offset, operand16, address32, repeat, wide: (rex & 8) !== 0 };
}

/** Segments and LOCK. */
function isOtherPrefix(byte: number): boolean {
  return (
    byte === 0x2e || byte === 0x36 || byte === 0x3e || byte === 0x26 || byte === 0x64 || byte === 0x65 || byte === 0xf0
  );
}

function operandsEnd(code: Uint8Array, at: number, prefixes: Prefixes): number | undefined {
  switch (code[at]) {
    case undefined:
      return undefined;
    case 0x0f:
      return escapedEnd(code, at + 1, prefixes);
    case 0xc5:
      return vectorEnd(code, at + 2, 1);
    case 0xc4:
      return vectorEnd(code, at + 3, code[at + 1] & 31);
    case 0x62:
      return vectorEnd(code, at + 4, code[at + 1] & 7);
    case 0x8f:
      // POP, unless its ModRM byte is one that POP does not have: then XOP.
      return (code[at + 1] & 31) >= 8
        ? vectorEnd(code, at + 3, code[at + 1] & 31)
        : formEnd("M", code, at + 1, prefixes);
    default:
      return formEnd(ONE_BYTE[code[at]], code, at + 1, prefixes);
  }
}

function escapedEnd(code: Uint8Array, at: number, prefixes: Prefixes): number | undefined {
  const opcode = code[at];
  if (opcode === 0x38) return formEnd("M", code, at + 2, prefixes);
  if (opcode === 0x3a) return formEnd("B", code, at + 2, prefixes);
  const end = formEnd(TWO_BYTE[opcode], code, at + 1, prefixes);
  // EXTRQ and INSERTQ of SSE4a have two bytes after the operands; VMREAD, without the prefix, none.
  const isInsert = opcode === 0x78 && (prefixes.operand16 || prefixes.repeat);
  return end !== undefined && isInsert ? end + 2 : end;
}

/** VEX, EVEX and XOP: the map, told by a field of the prefix, decides about the immediate. */
function vectorEnd(code: Uint8Array, opcodeAt: number, map: number): number | undefined {
  const opcode = code[opcodeAt];
  if (opcode === undefined) return undefined;
  // VZEROUPPER and VZEROALL alone have no operands.
  if (map === 1 && opcode === 0x77) return opcodeAt + 1;
  const end = modrmEnd(code, opcodeAt + 1);
  if (end === undefined) return undefined;
  switch (map) {
    case 1:
      return TWO_BYTE[opcode] === "B" ? end + 1 : end;
    case 2:
    case 5:
    case 6:
    case 9:
      return end;
    case 3:
    case 8:
      return end + 1;
    case 10:
      return end + 4;
    default:
      return undefined;
  }
}

function formEnd(form: string | undefined, code: Uint8Array, at: number, prefixes: Prefixes): number | undefined {
  const sizeZ = prefixes.operand16 && !prefixes.wide ? 2 : 4;
  switch (form) {
    case ".":
      return at;
    case "b":
      return at + 1;
    case "w":
      return at + 2;
    case "e":
      return at + 3;
    case "r":
      return at + 4;
    case "z":
      return at + sizeZ;
    case "v":
      return at + (prefixes.wide ? 8 : sizeZ);
    case "o":
      return at + (prefixes.address32 ? 4 : 8);
    case undefined:
    case "!":
      return undefined;
  }
  const end = modrmEnd(code, at);
  if (end === undefined || form === "M") return end;
  if (form === "B") return end + 1;
  if (form === "Z") return end + sizeZ;
  // Group 3: only TEST, the first two of the eight, has an immediate.
  if (((code[at] >> 3) & 7) > 1) return end;
  return end + (form === "g" ? 1 : sizeZ);
}

/** The end of a ModRM byte with its SIB byte and displacement. */
function modrmEnd(code: Uint8Array, at: number): number | undefined {
  const modrm = code[at];
  if (modrm === undefined) return undefined;
  const mode = modrm >> 6;
  const register = modrm & 7;
  if (mode === 3) return at + 1;
  const hasSib = register === 4;
  const base = hasSib ? code[at + 1] & 7 : register;
  const displacement = mode === 1 ? 1 : mode === 2 || base === 5 ? 4 : 0;
  return at + 1 + (hasSib ? 1 : 0) + displacement;
}
