import { createHash, randomBytes } from "node:crypto";
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
  const fileOf = (kind: string, key: string) => {
    const digest = createHash("sha256").update(bootId).update("\0").update(key).digest("hex");
    return `${kind}-${digest.slice(0, 32)}.bin`;
  };
  return {
    read: (kind, key) => attempt(() => readOwned(join(directory, fileOf(kind, key)))),
    write: (kind, key, bytes) => attempt(() => replace(directory, kind, fileOf(kind, key), bytes)),
  };
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
function readOwned(path: string): Uint8Array | undefined {
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
  const unfinished = join(directory, `.${file}.${randomBytes(6).toString("hex")}`);
  try {
    writeFileSync(unfinished, bytes, { mode: 0o600, flag: "wx" });
    renameSync(unfinished, join(directory, file));
  } catch (error) {
    attempt(() => unlinkSync(unfinished));
    throw error;
  }
  const ofKind = new RegExp(`^${kind}-[0-9a-f]{32}\\.bin$`);
  for (const name of readdirSync(directory)) {
    if (name !== file && ofKind.test(name)) attempt(() => unlinkSync(join(directory, name)));
  }
}
