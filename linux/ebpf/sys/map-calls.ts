import type { Memory } from "../ffi.ts";
import { Attr, objectName, succeeded } from "./attr.ts";
import type { BpfCommand } from "./command.ts";
import { ENOENT } from "./error.ts";
import type { BatchBuffers, BatchResult, MapCreateOptions } from "./sys.ts";

// union bpf_attr of include/uapi/linux/bpf.h: the anonymous structs of the map commands.
let createAttr: Attr | undefined;
let elementAttr: Attr | undefined;
let batchAttr: Attr | undefined;

function mapCreate(options: MapCreateOptions): number {
  createAttr ??= new Attr(80);
  return createAttr
    .clear()
    .u32(0, options.type)
    .u32(4, options.keySize)
    .u32(8, options.valueSize)
    .u32(12, options.maxEntries)
    .u32(16, options.flags)
    .u32(20, options.innerMapFd ?? 0)
    .bytesAt(28, objectName(options.name))
    .call("BPF_MAP_CREATE");
}

/** Every field is written on every call, so nothing needs clearing. The caller owns `key` and `value`. */
function element(fd: number, key: Memory | undefined, valueAddress: number, flags: number): Attr {
  elementAttr ??= new Attr(32);
  // Maps without keys (queues, stacks) want a null pointer.
  const keyAddress = key === undefined || key.bytes.length === 0 ? 0 : key.address;
  return elementAttr.u32(0, fd).u64(8, keyAddress).u64(16, valueAddress).u64(24, flags);
}

function foundOrThrow(command: BpfCommand, result: number): boolean {
  if (result === -ENOENT) return false;
  succeeded("bpf", command, result);
  return true;
}

function batch(command: BpfCommand, attr: Attr): BatchResult {
  const result = attr.try(command);
  return { count: attr.readU32(32), errno: result < 0 ? -result : 0 };
}

function batchOf(fd: number, keys: Memory, values: Memory | undefined, count: number): Attr {
  batchAttr ??= new Attr(56);
  return batchAttr.clear().pointer(16, keys).pointer(24, values).u32(32, count).u32(36, fd);
}

function walk(command: BpfCommand, fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult {
  const attr = batchOf(fd, buffers.keys, buffers.values, count);
  return batch(command, attr.pointer(0, first ? undefined : buffers.position).pointer(8, buffers.position));
}

/** The map commands of `bpf(2)`; documented at `Sys`. */
export const mapCalls = {
  mapCreate,
  mapLookupElem: (fd: number, key: Memory, value: Memory): boolean =>
    foundOrThrow("BPF_MAP_LOOKUP_ELEM", element(fd, key, value.address, 0).try("BPF_MAP_LOOKUP_ELEM")),
  mapUpdateElem: (fd: number, key: Memory, value: Memory, flags: number): void => {
    element(fd, key, value.address, flags).call("BPF_MAP_UPDATE_ELEM");
  },
  mapDeleteElem: (fd: number, key: Memory): boolean =>
    foundOrThrow("BPF_MAP_DELETE_ELEM", element(fd, key, 0, 0).try("BPF_MAP_DELETE_ELEM")),
  mapLookupAndDeleteElem: (fd: number, key: Memory, value: Memory): boolean =>
    foundOrThrow(
      "BPF_MAP_LOOKUP_AND_DELETE_ELEM",
      element(fd, key, value.address, 0).try("BPF_MAP_LOOKUP_AND_DELETE_ELEM"),
    ),
  mapGetNextKey: (fd: number, key: Memory | undefined, nextKey: Memory): boolean =>
    foundOrThrow("BPF_MAP_GET_NEXT_KEY", element(fd, key, nextKey.address, 0).try("BPF_MAP_GET_NEXT_KEY")),
  mapLookupBatch: (fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult =>
    walk("BPF_MAP_LOOKUP_BATCH", fd, buffers, count, first),
  mapLookupAndDeleteBatch: (fd: number, buffers: BatchBuffers, count: number, first: boolean): BatchResult =>
    walk("BPF_MAP_LOOKUP_AND_DELETE_BATCH", fd, buffers, count, first),
  mapUpdateBatch: (fd: number, keys: Memory, values: Memory, count: number): BatchResult =>
    batch("BPF_MAP_UPDATE_BATCH", batchOf(fd, keys, values, count)),
  mapDeleteBatch: (fd: number, keys: Memory, count: number): BatchResult =>
    batch("BPF_MAP_DELETE_BATCH", batchOf(fd, keys, undefined, count)),
  mapFreeze: (fd: number): void => {
    element(fd, undefined, 0, 0).call("BPF_MAP_FREEZE");
  },
};
