import { latin1 } from "@beetrace/std";
import { allocate } from "../ffi.ts";
import { Attr, cString, succeeded } from "./attr.ts";
import { ENOENT } from "./error.ts";

/** Sizes and offsets of struct bpf_prog_info as of Linux 5.5, bpf_func_info and bpf_btf_info. */
const PROG_INFO_BYTES = 200;
const PROG_INFO_FUNC_INFO_REC_SIZE = 132;
const PROG_INFO_FUNC_INFO = 136;
const PROG_INFO_NR_FUNC_INFO = 144;
const FUNC_INFO_BYTES = 8;
const BTF_INFO_BYTES = 32;

let infoAttr: Attr | undefined;
let pinAttr: Attr | undefined;
let idAttr: Attr | undefined;

function objGetInfoByFd(fd: number, sizeBytes: number): Uint8Array {
  infoAttr ??= new Attr(16);
  const info = allocate(sizeBytes);
  infoAttr.clear().u32(0, fd).u32(4, sizeBytes).pointer(8, info).call("BPF_OBJ_GET_INFO_BY_FD");
  return info.bytes.subarray(0, infoAttr.readU32(4));
}

function objPin(fd: number, path: string): void {
  pinAttr ??= new Attr(24);
  pinAttr.clear().pointer(0, cString(path)).u32(8, fd).call("BPF_OBJ_PIN");
}

function objGet(path: string): number {
  pinAttr ??= new Attr(24);
  return pinAttr.clear().pointer(0, cString(path)).call("BPF_OBJ_GET");
}

function nextId(command: "BPF_BTF_GET_NEXT_ID" | "BPF_PROG_GET_NEXT_ID", id: number): number | undefined {
  idAttr ??= new Attr(16);
  const result = idAttr.clear().u32(0, id).try(command);
  if (result === -ENOENT) return undefined;
  succeeded("bpf", command, result);
  return idAttr.readU32(4);
}

function btfGetNextId(id: number): number | undefined {
  return nextId("BPF_BTF_GET_NEXT_ID", id);
}

function progGetNextId(id: number): number | undefined {
  return nextId("BPF_PROG_GET_NEXT_ID", id);
}

function progGetFdById(id: number): number {
  idAttr ??= new Attr(16);
  return idAttr.clear().u32(0, id).call("BPF_PROG_GET_FD_BY_ID");
}

function btfGetFdById(id: number): number {
  idAttr ??= new Attr(16);
  return idAttr.clear().u32(0, id).call("BPF_BTF_GET_FD_BY_ID");
}

/** Asks twice, as the kernel's description tells how many functions there are. */
function progFunctions(fd: number): { readonly info: Uint8Array; readonly typeIds: readonly number[] } {
  const info = objGetInfoByFd(fd, PROG_INFO_BYTES);
  const count = new Uint32Array(info.buffer, info.byteOffset + PROG_INFO_NR_FUNC_INFO, 1)[0];
  if (count === 0) return { info, typeIds: [] };
  const records = allocate(count * FUNC_INFO_BYTES);
  const wanted = new Attr(PROG_INFO_BYTES)
    .u32(PROG_INFO_FUNC_INFO_REC_SIZE, FUNC_INFO_BYTES)
    .pointer(PROG_INFO_FUNC_INFO, records)
    .u32(PROG_INFO_NR_FUNC_INFO, count);
  fillInfo(fd, wanted);
  const words = new Uint32Array(records.bytes.buffer, records.bytes.byteOffset, count * 2);
  return { info, typeIds: Array.from({ length: count }, (_, index) => words[index * 2 + 1]) };
}

/** Asks for what the pointers in `info` have room for. */
function fillInfo(fd: number, info: Attr): void {
  infoAttr ??= new Attr(16);
  infoAttr.clear().u32(0, fd).u32(4, info.memory.bytes.length).pointer(8, info.memory).call("BPF_OBJ_GET_INFO_BY_FD");
}

/** struct bpf_btf_info: the bytes are written to where the caller says, once their size is known. */
function btfBytes(fd: number): Uint8Array {
  const sized = new Attr(BTF_INFO_BYTES);
  fillInfo(fd, sized);
  const bytes = allocate(sized.readU32(8));
  fillInfo(fd, new Attr(BTF_INFO_BYTES).pointer(0, bytes).u32(8, bytes.bytes.length));
  return bytes.bytes;
}

/** struct bpf_btf_info: the name is written to where the caller says. */
function btfName(fd: number): string {
  const name = allocate(64); // MODULE_NAME_LEN is below
  fillInfo(fd, new Attr(BTF_INFO_BYTES).pointer(16, name).u32(24, name.bytes.length));
  return latin1(name.bytes.subarray(0, name.bytes.indexOf(0)));
}

/** The commands of `bpf(2)` that hold for any object; documented at `Sys`. */
export const objectCalls = {
  objGetInfoByFd,
  objPin,
  objGet,
  progGetNextId,
  progGetFdById,
  progFunctions,
  btfGetNextId,
  btfGetFdById,
  btfName,
  btfBytes,
};
