/** A 64-bit integer of the kernel: a `number` where it is exact (|n| < 2^53), a `bigint` beyond. */
export type Int = number | bigint;

const TWO_32 = 4294967296;

/** The integer of two little-endian 32-bit words; `hi` is taken as signed when `signed` is set. */
export function intFromWords(lo: number, hi: number, signed: boolean): Int {
  if (signed) {
    const high = hi | 0;
    if (high >= -0x200000 && high < 0x200000) return high * TWO_32 + (lo >>> 0);
    return (BigInt(high) << 32n) | BigInt(lo >>> 0);
  }
  const high = hi >>> 0;
  if (high < 0x200000) return high * TWO_32 + (lo >>> 0);
  return (BigInt(high) << 32n) | BigInt(lo >>> 0);
}

/** Wraps `value` to `bits` bits, as C does when it stores into an integer of that width. */
export function wrapInt(value: bigint, bits: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** The same integer as a `number` where that is exact. */
export function narrowInt(value: bigint): Int {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

/** The smallest multiple of `align` that is not below `value`. */
export function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}
