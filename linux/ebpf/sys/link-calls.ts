import { type Int, unreachable } from "@beetrace/std";
import { Attr, cString, memoryOf, u64Array } from "./attr.ts";
import type { LinkTarget } from "./sys.ts";

let linkAttr: Attr | undefined;
let rawAttr: Attr | undefined;
let iterAttr: Attr | undefined;

function rawTracepointOpen(programFd: number, name: string | undefined, cookie: Int = 0): number {
  rawAttr ??= new Attr(24);
  return rawAttr
    .clear()
    .pointer(0, name === undefined ? undefined : cString(name))
    .u32(8, programFd)
    .u64(16, cookie)
    .call("BPF_RAW_TRACEPOINT_OPEN");
}

function linkCreate(programFd: number, attachType: number, target: LinkTarget): number {
  linkAttr ??= new Attr(64);
  fillTarget(linkAttr.clear().u32(0, programFd).u32(8, attachType), target);
  return linkAttr.call("BPF_LINK_CREATE");
}

function fillTarget(attr: Attr, target: LinkTarget): void {
  switch (target.kind) {
    case "perf-event":
      attr.u32(4, target.perfFd).u64(16, target.cookie ?? 0);
      return;
    case "tracing":
      attr.u64(24, target.cookie ?? 0);
      return;
    case "iter":
      if (target.info !== undefined) attr.pointer(16, memoryOf(target.info)).u32(24, target.info.length);
      return;
    case "kprobe-multi":
      attr.u32(16, target.flags).u32(20, target.addresses.length);
      attr.pointer(32, u64Array(target.addresses)).pointer(40, u64Array(target.cookies));
      return;
    case "kprobe-multi-unreadable":
      attr.u32(20, 1).u64(32, 1);
      return;
    case "uprobe-multi":
      attr.pointer(16, cString(target.path)).pointer(24, u64Array(target.offsets));
      attr.pointer(32, u64Array(target.refCtrOffsets)).pointer(40, u64Array(target.cookies));
      attr.u32(48, target.offsets.length).u32(52, target.flags).u32(56, target.pid);
      return;
    default:
      unreachable(target, "link target");
  }
}

function iterCreate(linkFd: number): number {
  iterAttr ??= new Attr(8);
  return iterAttr.clear().u32(0, linkFd).call("BPF_ITER_CREATE");
}

/** The link commands of `bpf(2)`; documented at `Sys`. */
export const linkCalls = { rawTracepointOpen, linkCreate, iterCreate };
