import { latin1 } from "@beetrace/std";
import { allocate } from "../ffi.ts";
import { Attr, cString, succeeded } from "./attr.ts";
import { ENOENT } from "./error.ts";

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

function btfGetNextId(id: number): number | undefined {
  idAttr ??= new Attr(16);
  const result = idAttr.clear().u32(0, id).try("BPF_BTF_GET_NEXT_ID");
  if (result === -ENOENT) return undefined;
  succeeded("bpf", "BPF_BTF_GET_NEXT_ID", result);
  return idAttr.readU32(4);
}

function btfGetFdById(id: number): number {
  idAttr ??= new Attr(16);
  return idAttr.clear().u32(0, id).call("BPF_BTF_GET_FD_BY_ID");
}

/** struct bpf_btf_info: the name is written to where the caller says. */
function btfName(fd: number): string {
  const info = new Attr(32);
  const name = allocate(64); // MODULE_NAME_LEN is below
  info.pointer(16, name).u32(24, name.bytes.length);
  infoAttr ??= new Attr(16);
  infoAttr.clear().u32(0, fd).u32(4, 32).pointer(8, info.memory).call("BPF_OBJ_GET_INFO_BY_FD");
  return latin1(name.bytes.subarray(0, name.bytes.indexOf(0)));
}

/** The commands of `bpf(2)` that hold for any object; documented at `Sys`. */
export const objectCalls = { objGetInfoByFd, objPin, objGet, btfGetNextId, btfGetFdById, btfName };
