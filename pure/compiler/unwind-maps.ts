/** The maps that stacks are unwound with: programs search them, the loader fills them. All numbers are little-endian. */
import { BPF_F_MMAPABLE, type MapSpec } from "@beetrace/bytecode";
import { UNWIND_ROW_BYTES } from "@beetrace/object";

/** An array of the rows of all files, those of a file together. The loader makes it as large as is needed. */
export const UNWIND_ROWS_MAP = "unwind_rows";
/** A hash of files: see {@link UNWIND_FILE}. */
export const UNWIND_FILES_MAP = "unwind_files";
/** A hash of processes: their pid, a u32, gives a list of {@link UNWIND_MAPPING}. */
export const UNWIND_PROCESSES_MAP = "unwind_processes";

/** Which rows are a file's, and where they begin. */
export const UNWIND_FILE = {
  /** The key: u64 inode number, u64 size of the file. What a device is called depends on who asks. */
  keyBytes: 16,
  /** u32 index of its first row. */
  first: 0,
  /** u32 number of rows. */
  count: 4,
  /** i64: a row's address is that of its byte in the file and this. */
  distance: 8,
  bytes: 16,
} as const;

/** Where a file is mapped so that it can be executed. */
export const UNWIND_MAPPING = {
  /** u64 address. */
  start: 0,
  /** u64, exclusive. */
  end: 8,
  /** u64: an address in the process is that of a row and this. */
  bias: 16,
  /** u32, as of {@link UNWIND_FILE}. */
  first: 24,
  /** u32, 0 for what has no rows. */
  count: 28,
  bytes: 32,
} as const;

/** Mappings that a process may have. A power of two. */
export const UNWIND_MAPPINGS_MAX = 512;
/** The list of a process: u32 number of mappings, u32 zero, then they, in ascending order. */
export const UNWIND_PROCESS = { count: 0, mappings: 8, bytes: 8 + UNWIND_MAPPINGS_MAX * UNWIND_MAPPING.bytes } as const;

/** Processes that are known at a time. */
export const UNWIND_PROCESSES_MAX = 64;
/** Files that are known at a time. */
export const UNWIND_FILES_MAX = 4096;
/** Rows that all files may have together: a gigabyte of them. */
export const UNWIND_ROWS_MAX = 2 ** 30 / UNWIND_ROW_BYTES;

/** The maps, with room for one row. */
export const UNWIND_MAP_SPECS: readonly MapSpec[] = [
  {
    name: UNWIND_ROWS_MAP,
    type: "BPF_MAP_TYPE_ARRAY",
    keySize: 4,
    valueSize: UNWIND_ROW_BYTES,
    maxEntries: 1,
    flags: BPF_F_MMAPABLE,
  },
  {
    name: UNWIND_FILES_MAP,
    type: "BPF_MAP_TYPE_HASH",
    keySize: UNWIND_FILE.keyBytes,
    valueSize: UNWIND_FILE.bytes,
    maxEntries: UNWIND_FILES_MAX,
  },
  {
    name: UNWIND_PROCESSES_MAP,
    type: "BPF_MAP_TYPE_HASH",
    keySize: 4,
    valueSize: UNWIND_PROCESS.bytes,
    maxEntries: UNWIND_PROCESSES_MAX,
  },
];
