/** One mapping of a process: a line of /proc/PID/maps (Documentation/filesystems/proc.rst, 1.1). Addresses and offsets in bytes. */
export interface Mapping {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly executable: boolean;
  readonly fileOffset: number;
  /** `major:minor` in hexadecimal. */
  readonly device: string;
  /** Zero without a file. */
  readonly inode: number;
  /** A path, a name in brackets such as `[vdso]`, or empty. */
  readonly path: string;
  /** The file's path is gone. */
  readonly deleted: boolean;
}

const LINE = /^([0-9a-f]+)-([0-9a-f]+) (....) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+)(?: +(.*))?$/;
const DELETED = " (deleted)";

/** Parses the text of /proc/PID/maps. Lines of another form, and the vsyscall page above 2^53, are left out. */
export function parseMaps(text: string): readonly Mapping[] {
  const mappings: Mapping[] = [];
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, start, end, permissions, offset, device, inode, rawPath = ""] = match;
    const deleted = rawPath.endsWith(DELETED);
    const mapping = {
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      executable: permissions[2] === "x",
      fileOffset: Number.parseInt(offset, 16),
      device,
      inode: Number(inode),
      path: unescapePath(deleted ? rawPath.slice(0, -DELETED.length) : rawPath),
      deleted,
    };
    if (Number.isSafeInteger(mapping.end) && mapping.start < mapping.end) mappings.push(mapping);
  }
  return mappings.sort((a, b) => a.start - b.start);
}

/** The kernel writes a newline of a path as `\012`. */
function unescapePath(path: string): string {
  return path.includes("\\012") ? path.replaceAll("\\012", "\n") : path;
}

/** The mapping that holds `address`, of mappings in ascending order. */
export function findMapping(mappings: readonly Mapping[], address: number): Mapping | undefined {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mappings[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  const found = mappings[low];
  return found && found.start <= address ? found : undefined;
}

/** Whether the mapping shows a file of a file system (not `[heap]`, not anonymous memory). */
export function isFileMapping(mapping: Mapping): boolean {
  return mapping.inode !== 0 && mapping.path.startsWith("/");
}
