import { readlinkSync } from "node:fs";
import { MAP_TYPES, type MapSpec, type MapType } from "@beetrace/bytecode";
import { BpfMap } from "./map.ts";
import { ENOENT, SyscallError } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { Sys } from "./sys/sys.ts";

/** There is no fitting map where one is said to be pinned. */
export class PinnedMapError extends Error {
  override readonly name = "PinnedMapError";
}

/** Where struct bpf_map_info of include/uapi/linux/bpf.h has what is asked for: all u32. */
const INFO = { type: 0, keySize: 8, valueSize: 12, maxEntries: 16, bytes: 20 } as const;

/**
 * The map pinned at a path of a BPF file system; it has its own type, size of values and number of entries. Throws
 * {@link PinnedMapError} where there is none, or where its keys are not of the size that `spec` says.
 */
export function openPinnedMap(path: string, spec: MapSpec, sys: Sys = kernel): BpfMap {
  const info = pinnedInfo(path, sys);
  const keySize = info.getUint32(INFO.keySize, true);
  if (keySize !== spec.keySize)
    throw new PinnedMapError(`the map pinned at ${path} has keys of ${keySize} bytes; ${spec.keySize} are needed`);
  const valueSize = info.getUint32(INFO.valueSize, true);
  const maxEntries = info.getUint32(INFO.maxEntries, true);
  const type = typeOf(info.getUint32(INFO.type, true)) ?? spec.type;
  return BpfMap.openPinned(path, { ...spec, type, valueSize, maxEntries }, sys);
}

function pinnedInfo(path: string, sys: Sys): DataView {
  let fd: number;
  try {
    fd = sys.objGet(path);
  } catch (cause) {
    if (!(cause instanceof SyscallError)) throw cause;
    const what = cause.errno === ENOENT ? "there is no map pinned at" : "this is no map pinned in a BPF file system:";
    throw new PinnedMapError(`${what} ${path}`, { cause });
  }
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`) !== "anon_inode:bpf-map")
      throw new PinnedMapError(`what is pinned at ${path} is no map`);
    const { buffer, byteOffset, byteLength } = sys.objGetInfoByFd(fd, INFO.bytes);
    return new DataView(buffer, byteOffset, byteLength);
  } finally {
    sys.close(fd);
  }
}

function typeOf(number: number): MapType | undefined {
  const found = Object.entries(MAP_TYPES).find(([, value]) => value === number);
  return found?.[0] as MapType | undefined;
}
