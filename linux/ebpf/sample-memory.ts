/** The same bytes in the widths that decoders load. */
export interface SampleMemory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly u64: BigUint64Array;
  readonly view: DataView;
}

/** Views of `sizeBytes` (a multiple of 8) from `offset` (likewise). */
export function sampleMemory(buffer: ArrayBuffer, offset: number, sizeBytes: number): SampleMemory {
  return {
    u8: new Uint8Array(buffer, offset, sizeBytes),
    u16: new Uint16Array(buffer, offset, sizeBytes >>> 1),
    u32: new Uint32Array(buffer, offset, sizeBytes >>> 2),
    i32: new Int32Array(buffer, offset, sizeBytes >>> 2),
    u64: new BigUint64Array(buffer, offset, sizeBytes >>> 3),
    view: new DataView(buffer, offset, sizeBytes),
  };
}
