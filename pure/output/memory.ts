/**
 * Typed views on one buffer of event or map bytes. Offsets given to readers are byte offsets from the buffer's
 * start; a typed-array load costs a fifth of a `DataView` one.
 */
export interface Memory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
}

/**
 * Views on `bytes`, offset 0 being its first byte. Shares the memory when `bytes` starts 8-aligned in its buffer
 * and is a whole number of words long (or its buffer goes on for the rest of the word), else copies.
 */
export function memoryOf(bytes: Uint8Array): Memory {
  const paddedBytes = (bytes.length + 7) & ~7;
  if (bytes.byteOffset % 8 === 0 && bytes.byteOffset + paddedBytes <= bytes.buffer.byteLength) {
    return viewsOn(bytes.buffer, bytes.byteOffset, paddedBytes);
  }
  const copy = new Uint8Array(paddedBytes);
  copy.set(bytes);
  return viewsOn(copy.buffer, 0, paddedBytes);
}

function viewsOn(buffer: ArrayBufferLike, from: number, sizeBytes: number): Memory {
  return {
    u8: new Uint8Array(buffer, from, sizeBytes),
    u16: new Uint16Array(buffer, from, sizeBytes >>> 1),
    u32: new Uint32Array(buffer, from, sizeBytes >>> 2),
    i32: new Int32Array(buffer, from, sizeBytes >>> 2),
  };
}
