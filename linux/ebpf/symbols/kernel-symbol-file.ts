import type { KernelSymbolTable } from "./kernel-symbol-table.ts";

/**
 * The bytes of a {@link KernelSymbolTable} on disk, in the byte order of the machine (they never leave it):
 * five u32 (magic, symbols, bytes of names, bytes of module names, hash slots), u32 zero, then
 * u64 addresses, u32 slots, u32 name starts, u16 owners, names, module names joined by newlines.
 */
const MAGIC = 0x3153_4b42;
const HEADER_BYTES = 24;

/** Encodes a table. */
export function encodeKernelSymbols(table: KernelSymbolTable): Uint8Array {
  const modules = Buffer.from(table.modules.join("\n"), "latin1");
  const count = table.addresses.length;
  const header = Uint32Array.of(MAGIC, count, table.names.length, modules.length, table.slots.length, 0);
  const parts = [header, table.addresses, table.slots, table.nameStarts, table.owners, table.names, modules];
  return Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)));
}

/** The table, as views on `bytes` where they are aligned; `undefined` when they are no such table. */
export function decodeKernelSymbols(bytes: Uint8Array): KernelSymbolTable | undefined {
  const own = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  if (own.length < HEADER_BYTES) return undefined;
  const [magic, count, nameBytes, moduleBytes, capacity] = new Uint32Array(own.buffer, own.byteOffset, 5);
  const sizeBytes = HEADER_BYTES + 8 * count + 4 * capacity + 4 * (count + 1) + 2 * count + nameBytes + moduleBytes;
  const powerOfTwo = capacity > count && (capacity & (capacity - 1)) === 0;
  if (magic !== MAGIC || sizeBytes !== own.length || !powerOfTwo) return undefined;
  let at = own.byteOffset + HEADER_BYTES;
  const after = (size: number) => {
    at += size;
    return at - size;
  };
  const addresses = new BigUint64Array(own.buffer, after(8 * count), count);
  const slots = new Uint32Array(own.buffer, after(4 * capacity), capacity);
  const nameStarts = new Uint32Array(own.buffer, after(4 * (count + 1)), count + 1);
  const owners = new Uint16Array(own.buffer, after(2 * count), count);
  const names = Buffer.from(own.buffer, after(nameBytes), nameBytes);
  const modules = Buffer.from(own.buffer, after(moduleBytes), moduleBytes).toString("latin1");
  return { addresses, slots, nameStarts, owners, names, modules: modules === "" ? [] : modules.split("\n") };
}
