/** A library that the dynamic loader knows. */
export interface LdCacheEntry {
  /** As programs ask for it: `libc.so.6`. */
  readonly soname: string;
  readonly path: string;
  /** Type and architecture (FLAG_* of glibc's elf/ldconfig.h). */
  readonly flags: number;
  /** Not zero for a library that only some CPUs can run. */
  readonly hwcap: bigint;
}

const NEW_MAGIC = "glibc-ld.so.cache1.1";
const NEW_HEADER_BYTES = 48;
const NEW_ENTRY_BYTES = 24;
const OLD_MAGIC = "ld.so-1.7.0\0";
const OLD_HEADER_BYTES = 16;
const OLD_ENTRY_BYTES = 12;

/** Library of glibc 2 for the architecture: FLAG_ELF_LIBC6 with FLAG_X8664_LIB64 or FLAG_AARCH64_LIB64. */
export const LD_CACHE_FLAGS: Readonly<Record<string, number>> = { x64: 0x0303, arm64: 0x0a03 };

/**
 * Parses /etc/ld.so.cache (struct cache_file_new in glibc's sysdeps/generic/dl-cache.h; older systems put that after
 * a struct cache_file). `undefined` when it is none; entries that point outside are left out.
 */
export function parseLdCache(bytes: Uint8Array): readonly LdCacheEntry[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = newCacheStart(bytes, view);
  if (start === undefined || start + NEW_HEADER_BYTES > bytes.length) return undefined;
  const count = view.getUint32(start + 20, true);
  const first = start + NEW_HEADER_BYTES;
  if (first + count * NEW_ENTRY_BYTES > bytes.length) return undefined;
  const entries: LdCacheEntry[] = [];
  for (let at = first; at < first + count * NEW_ENTRY_BYTES; at += NEW_ENTRY_BYTES) {
    const soname = stringAt(bytes, start + view.getUint32(at + 4, true));
    const path = stringAt(bytes, start + view.getUint32(at + 8, true));
    if (soname === undefined || path === undefined) continue;
    entries.push({ soname, path, flags: view.getUint32(at, true), hwcap: view.getBigUint64(at + 16, true) });
  }
  return entries;
}

function newCacheStart(bytes: Uint8Array, view: DataView): number | undefined {
  if (startsWith(bytes, 0, NEW_MAGIC)) return 0;
  if (!startsWith(bytes, 0, OLD_MAGIC) || bytes.length < OLD_HEADER_BYTES) return undefined;
  const end = OLD_HEADER_BYTES + view.getUint32(12, true) * OLD_ENTRY_BYTES;
  const aligned = Math.ceil(end / 8) * 8;
  return startsWith(bytes, aligned, NEW_MAGIC) ? aligned : undefined;
}

function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
}

function stringAt(bytes: Uint8Array, at: number): string | undefined {
  const end = at < bytes.length ? bytes.indexOf(0, at) : -1;
  return end < 0 ? undefined : Buffer.from(bytes.subarray(at, end)).toString("utf8");
}

/**
 * The library that `name` means: `libc`, `libc.so` or `libc.so.6`. The cache has the newest version first, and a
 * build for every CPU is preferred.
 */
export function findLibrary(entries: readonly LdCacheEntry[], name: string, flags: number): string | undefined {
  const prefix = name.includes(".so") ? name : `${name}.so`;
  const fits = entries.filter((entry) => entry.flags === flags && isVersionOf(entry.soname, prefix));
  const exact = fits.filter((entry) => entry.soname === name);
  const among = exact.length > 0 ? exact : fits;
  return (among.find((entry) => entry.hwcap === 0n) ?? among[0])?.path;
}

function isVersionOf(soname: string, prefix: string): boolean {
  return soname === prefix || soname.startsWith(`${prefix}.`);
}
