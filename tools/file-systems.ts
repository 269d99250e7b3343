/** The file systems whose operations tools time: what they are called, and the functions that do their work. */
import { readFileSync } from "node:fs";
import { ToolError } from "./tool.ts";

/** What is timed of a file; scripts know each by its place here. */
export const OPERATIONS = ["read", "write", "open", "fsync", "getattr"] as const;

/** One of {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** Functions of the kernel that do an operation: all of them that are there. */
export type OperationFunctions = Readonly<Partial<Record<Operation, readonly string[]>>>;

/** A file system. */
export interface FileSystem {
  /** As `-t` takes it. */
  readonly name: string;
  /** As headings have it. */
  readonly title: string;
  /** In /proc/filesystems. */
  readonly types: readonly string[];
  /** `s_magic` of its superblocks: include/uapi/linux/magic.h, and the sources of those that keep theirs to themselves. */
  readonly magic: number;
  /** What its own tools time; `-t` all that it has functions for. */
  readonly operations: readonly Operation[];
  readonly functions: OperationFunctions;
}

const FOUR = ["read", "write", "open", "fsync"] as const;

/** Functions that are named alike. */
function named(read: string, write: string, open: string, fsync: string): OperationFunctions {
  return { read: [read], write: [write], open: [open], fsync: [fsync] };
}

/** The functions are those of the file_operations of regular files: fs/ext4/file.c, fs/xfs/xfs_file.c, and so on. */
export const FILE_SYSTEMS = {
  btrfs: {
    name: "btrfs",
    title: "btrfs",
    types: ["btrfs"],
    magic: 0x9123683e,
    operations: FOUR,
    functions: named("btrfs_file_read_iter", "btrfs_file_write_iter", "btrfs_file_open", "btrfs_sync_file"),
  },
  ext4: {
    name: "ext4",
    title: "ext4",
    types: ["ext4"],
    magic: 0xef53,
    operations: FOUR,
    functions: {
      ...named("ext4_file_read_iter", "ext4_file_write_iter", "ext4_file_open", "ext4_sync_file"),
      getattr: ["ext4_file_getattr"],
    },
  },
  f2fs: {
    name: "f2fs",
    title: "F2FS",
    types: ["f2fs"],
    magic: 0xf2f52010,
    operations: FOUR,
    functions: {
      ...named("f2fs_file_read_iter", "f2fs_file_write_iter", "f2fs_file_open", "f2fs_sync_file"),
      getattr: ["f2fs_getattr"],
    },
  },
  nfs: {
    name: "nfs",
    title: "NFS",
    types: ["nfs", "nfs4"],
    magic: 0x6969,
    operations: OPERATIONS,
    functions: {
      ...named("nfs_file_read", "nfs_file_write", "nfs_file_open", "nfs_file_fsync"),
      open: ["nfs_file_open", "nfs4_file_open"],
      getattr: ["nfs_getattr"],
    },
  },
  xfs: {
    name: "xfs",
    title: "XFS",
    types: ["xfs"],
    magic: 0x58465342,
    operations: FOUR,
    functions: named("xfs_file_read_iter", "xfs_file_write_iter", "xfs_file_open", "xfs_file_fsync"),
  },
  zfs: {
    name: "zfs",
    title: "ZFS",
    types: ["zfs"],
    magic: 0x2fc12fc1,
    operations: FOUR,
    functions: named("zpl_iter_read", "zpl_iter_write", "zpl_open", "zpl_fsync"),
  },
} as const satisfies Readonly<Record<string, FileSystem>>;

/** The file system that `-t` names. Throws {@link ToolError}. */
export function fileSystemOf(name: string | undefined): FileSystem {
  const known = Object.keys(FILE_SYSTEMS).join(", ");
  if (name === undefined) throw new ToolError("-t is needed: which file system", `known are ${known}`);
  const found = Object.entries<FileSystem>(FILE_SYSTEMS).find(([each]) => each === name);
  if (found === undefined) throw new ToolError(`there is no file system '${name}' here`, `known are ${known}`);
  return found[1];
}

/** Whether the kernel knows it at this moment: a module may not be loaded. */
export function isKnown({ types }: FileSystem): boolean {
  const lines = readFileSync("/proc/filesystems", "latin1").split("\n");
  return lines.some((line) => types.includes(line.split("\t")[1]));
}

/** Throws {@link ToolError} for a file system that the kernel does not know. */
export function checkKnown(fileSystem: FileSystem): void {
  if (isKnown(fileSystem)) return;
  const hint = "its module is loaded when the first one is mounted";
  throw new ToolError(`the kernel has no ${fileSystem.title} now`, hint);
}
