import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * What was computed about the running kernel, kept on disk until the next boot.
 * Neither reading nor writing ever fails: a cache that is not there is only slower.
 */
export interface BootCache {
  /** The bytes kept for `kind` under the same `key` since this boot. */
  read(kind: string, key: string): Uint8Array | undefined;
  /** Keeps `bytes`, in place of whatever was kept for `kind`. */
  write(kind: string, key: string, bytes: Uint8Array): void;
}

/** Keeps nothing. */
export const NO_CACHE: BootCache = { read: () => undefined, write: () => {} };

/** `$XDG_CACHE_HOME/beetrace`; else `/var/cache/beetrace` for root and `~/.cache/beetrace` for others. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = environment.XDG_CACHE_HOME;
  if (home?.startsWith("/")) return join(home, "beetrace");
  return process.geteuid?.() === 0 ? "/var/cache/beetrace" : join(homedir(), ".cache", "beetrace");
}

/** The cache in `directory`, for the boot named by `bootId` (by default the running kernel's). */
export function openBootCache(
  directory: string = cacheDirectory(),
  bootId: string | undefined = readBootId(),
): BootCache {
  if (bootId === undefined) return NO_CACHE;
  const fileOf = (kind: string) => `${kind}.${bootId}.bin`;
  return {
    read: (kind, key) => attempt(() => withoutKey(readOwned(join(directory, fileOf(kind))), key)),
    write: (kind, key, bytes) => attempt(() => replace(directory, kind, fileOf(kind), withKey(key, bytes))),
  };
}

/** The key (its length as u32, then its UTF-8 bytes) stands before what is kept, which begins at a multiple of 8. */
const KEY_AT = 4;

function withKey(key: string, bytes: Uint8Array): Uint8Array {
  const keyBytes = Buffer.from(key);
  const start = payloadStart(keyBytes.length);
  const file = Buffer.alloc(start + bytes.length);
  file.writeUInt32LE(keyBytes.length);
  file.set(keyBytes, KEY_AT);
  file.set(bytes, start);
  return file;
}

function withoutKey(file: Buffer | undefined, key: string): Uint8Array | undefined {
  const keyBytes = Buffer.from(key);
  if (file?.readUInt32LE() !== keyBytes.length) return undefined;
  const isSame = file.subarray(KEY_AT, KEY_AT + keyBytes.length).equals(keyBytes);
  return isSame ? file.subarray(payloadStart(keyBytes.length)) : undefined;
}

function payloadStart(keyLength: number): number {
  return (KEY_AT + keyLength + 7) & ~7;
}

function readBootId(): string | undefined {
  return attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Only a file of our own that no one else may write is believed: the tracer runs as root. */
function readOwned(path: string): Buffer | undefined {
  const fd = openSync(path, "r");
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.uid !== process.geteuid?.() || (stat.mode & 0o022) !== 0) return undefined;
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes beside and renames, so that a reader sees the old bytes or the new; then drops what older boots left. */
function replace(directory: string, kind: string, file: string, bytes: Uint8Array): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const unfinished = join(directory, `.${file}.${process.pid}`);
  try {
    writeFileSync(unfinished, bytes, { mode: 0o600, flag: "wx" });
    renameSync(unfinished, join(directory, file));
  } catch (error) {
    attempt(() => unlinkSync(unfinished));
    throw error;
  }
  for (const name of readdirSync(directory)) {
    const isOfKind = name.startsWith(`${kind}.`) && name.endsWith(".bin");
    if (isOfKind && name !== file) attempt(() => unlinkSync(join(directory, name)));
  }
}
