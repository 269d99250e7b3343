import { allocate } from "../ffi.ts";
import { Attr, cString, memoryOf, objectName } from "./attr.ts";
import { EAGAIN } from "./error.ts";
import type { ProgLoadOptions, ProgLoadResult, TestRunOptions, TestRunResult } from "./sys.ts";

const FUNC_INFO_BYTES = 8; // struct bpf_func_info
const LINE_INFO_BYTES = 16; // struct bpf_line_info
const BPF_F_TEST_RUN_ON_CPU = 1;
const EAGAIN_TRIES = 5; // the verifier gives up with EAGAIN when a signal is pending; libbpf tries as often

let loadAttr: Attr | undefined;
let runAttr: Attr | undefined;
let btfAttr: Attr | undefined;
let statsAttr: Attr | undefined;

function fillLoadAttr(options: ProgLoadOptions): Attr {
  loadAttr ??= new Attr(152);
  const { types, log } = options;
  const attr = loadAttr
    .clear()
    .u32(0, options.type)
    .u32(4, options.code.length >>> 3)
    .pointer(8, memoryOf(options.code))
    .pointer(16, cString(options.license))
    .u32(44, options.flags)
    .bytesAt(48, objectName(options.name))
    .u32(68, options.expectedAttachType)
    .u32(108, options.attachBtfId)
    .u32(112, options.attachObjectFd);
  if (types !== undefined) {
    attr.u32(72, types.btfFd);
    attr
      .u32(76, FUNC_INFO_BYTES)
      .pointer(80, memoryOf(types.funcInfo))
      .u32(88, types.funcInfo.length / FUNC_INFO_BYTES);
    attr
      .u32(92, LINE_INFO_BYTES)
      .pointer(96, memoryOf(types.lineInfo))
      .u32(104, types.lineInfo.length / LINE_INFO_BYTES);
  }
  if (log !== undefined) attr.u32(24, log.level).u32(28, log.buffer.bytes.length).pointer(32, log.buffer);
  return attr;
}

function progLoad(options: ProgLoadOptions): ProgLoadResult {
  const attr = fillLoadAttr(options);
  let result = attr.try("BPF_PROG_LOAD");
  for (let tries = 1; result === -EAGAIN && tries < EAGAIN_TRIES; tries++) result = attr.try("BPF_PROG_LOAD");
  return result < 0 ? { errno: -result, logSizeBytes: attr.readU32(140) } : { fd: result, errno: 0 };
}

function progTestRun(fd: number, options: TestRunOptions): TestRunResult {
  runAttr ??= new Attr(80);
  const { ctx, data, cpu } = options;
  const attr = runAttr
    .clear()
    .u32(0, fd)
    .u32(32, options.repeat ?? 0);
  if (ctx !== undefined) attr.u32(40, ctx.length).pointer(48, memoryOf(ctx));
  if (cpu !== undefined) attr.u32(64, BPF_F_TEST_RUN_ON_CPU).u32(68, cpu);
  if (data === undefined) {
    attr.call("BPF_PROG_TEST_RUN");
    return { returnValue: attr.readU32(4), durationNs: attr.readU32(36) };
  }
  const out = allocate(options.dataOutBytes ?? data.length + 256); // XDP may move the head 256 bytes forward
  attr.u32(8, data.length).pointer(16, memoryOf(data)).u32(12, out.bytes.length).pointer(24, out);
  attr.call("BPF_PROG_TEST_RUN");
  return {
    returnValue: attr.readU32(4),
    durationNs: attr.readU32(36),
    data: out.bytes.slice(0, attr.readU32(12)),
  };
}

function btfLoad(bytes: Uint8Array): number {
  btfAttr ??= new Attr(40);
  return btfAttr.clear().pointer(0, memoryOf(bytes)).u32(16, bytes.length).call("BPF_BTF_LOAD");
}

function enableStats(): number {
  statsAttr ??= new Attr(8);
  return statsAttr.clear().call("BPF_ENABLE_STATS"); // BPF_STATS_RUN_TIME is 0
}

/** The program commands of `bpf(2)`; documented at `Sys`. */
export const programCalls = { progLoad, progTestRun, btfLoad, enableStats };
