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
  /** Tells a file from an earlier one with its inode number, where that is known (/proc does not say). */
  readonly inodeGeneration?: number;
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
  const found = mappings[indexAfter(mappings, address)];
  return found && found.start <= address ? found : undefined;
}

/** The index of the first mapping that ends beyond `address`. */
function indexAfter(mappings: readonly Mapping[], address: number): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (mappings[middle].end <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Mappings in ascending order with one more, which takes the place of what it overlaps. The same array where it says
 * nothing new.
 */
export function withMapping(mappings: readonly Mapping[], added: Mapping): readonly Mapping[] {
  const from = indexAfter(mappings, added.start);
  if (coversMapping(mappings[from], added)) return mappings;
  let to = from;
  while (to < mappings.length && mappings[to].start < added.end) to++;
  const rest: Mapping[] = [];
  if (from < to) {
    const [first, last] = [mappings[from], mappings[to - 1]];
    if (first.start < added.start) rest.push({ ...first, end: added.start });
    rest.push(added);
    if (last.end > added.end) rest.push(startingAt(last, added.end));
  } else rest.push(added);
  return [...mappings.slice(0, from), ...rest, ...mappings.slice(to)];
}

function startingAt(mapping: Mapping, start: number): Mapping {
  return { ...mapping, start, fileOffset: mapping.fileOffset + start - mapping.start };
}

/** Whether `mapping` shows all of `other` at the same addresses. */
export function coversMapping(mapping: Mapping | undefined, other: Mapping): boolean {
  if (!mapping || mapping.start > other.start || mapping.end < other.end) return false;
  const isSameFile = mapping.path === other.path && mapping.inode === other.inode && mapping.device === other.device;
  const distance = mapping.fileOffset - mapping.start - (other.fileOffset - other.start);
  return isSameFile && (other.inode === 0 || distance === 0);
}

/** Whether the mapping shows a file of a file system (not `[heap]`, not anonymous memory). */
export function isFileMapping(mapping: Mapping): boolean {
  return mapping.inode !== 0 && mapping.path.startsWith("/");
}
