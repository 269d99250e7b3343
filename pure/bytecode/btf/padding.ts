const PAD_TYPES = [
  { name: "long", bits: 64 },
  { name: "int", bits: 32 },
  { name: "short", bits: 16 },
  { name: "char", bits: 8 },
] as const;

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/**
 * Unnamed bit fields (`long: 64`) that make a C compiler put the next member at `toBit`, after one that ended
 * at `fromBit`. Alignment that the compiler adds by itself (`alignment` of the next member, in bytes) is left to it.
 * The choice of types is that of libbpf's btf_dump.c.
 */
export function padding(fromBit: number, toBit: number, alignment: number, inBitfield: boolean): string[] {
  if (fromBit >= toBit) return [];
  const lines: string[] = [];
  const pad = PAD_TYPES.find(({ bits }) => roundUp(fromBit, bits) <= toBit);
  const boundary = pad === undefined ? fromBit : roundUp(fromBit, pad.bits);
  let at = fromBit;
  if (pad !== undefined && boundary > at) {
    const skipped = boundary - at;
    const compilerStopsShort = boundary === toBit && roundUp(at, alignment * 8) !== boundary;
    const restFitsBefore = boundary !== toBit && toBit - boundary <= skipped;
    if (inBitfield || compilerStopsShort || restFitsBefore) lines.push(`${pad.name}: ${inBitfield ? skipped : 0}`);
    at = boundary;
  }
  // Without a boundary on the way, all of the gap lies inside one byte.
  const whole = pad ?? PAD_TYPES[3];
  const count = Math.floor((toBit - at) / whole.bits);
  if (count > MAX_LINES) return [...lines, `char __pad[${Math.ceil((toBit - at) / 8)}]`];
  for (let i = 0; i < count; i++) lines.push(`${whole.name}: ${whole.bits}`);
  const rest = toBit - at - count * whole.bits;
  const smallest = PAD_TYPES.findLast(({ bits }) => bits >= rest);
  if (rest > 0 && smallest !== undefined) lines.push(`${smallest.name}: ${rest}`);
  return lines;
}

/** A gap that would take more lines than this is not one that a person wants to read. */
const MAX_LINES = 10_000;
