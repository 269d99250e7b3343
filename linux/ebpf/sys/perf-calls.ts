import { type Mapping, syscall, viewAt } from "../ffi.ts";
import { Attr, cString, succeeded } from "./attr.ts";
import type { PerfEventAttr, PerfEventTarget } from "./sys.ts";

const ATTR_BYTES = 128; // PERF_ATTR_SIZE_VER7; older kernels accept it as long as the tail is zero
const PERF_FLAG_FD_CLOEXEC = 8;

// Bits of the flag word of struct perf_event_attr (include/uapi/linux/perf_event.h).
const DISABLED = 1 << 0;
const INHERIT = 1 << 1;
const EXCLUDE_USER = 1 << 4;
const EXCLUDE_KERNEL = 1 << 5;
const MMAP = 1 << 8;
const COMM = 1 << 9;
const FREQ = 1 << 10;
const TASK = 1 << 13;
const SAMPLE_ID_ALL = 1 << 18;
const MMAP2 = 1 << 23;
const COMM_EXEC = 1 << 24;
const USE_CLOCKID = 1 << 25;

const IOCTLS = {
  PERF_EVENT_IOC_ENABLE: 0x2400,
  PERF_EVENT_IOC_DISABLE: 0x2401,
  PERF_EVENT_IOC_SET_BPF: 0x40042408,
} as const;

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;

let perfAttr: Attr | undefined;

function flagsOf(attr: PerfEventAttr): number {
  return (
    (attr.disabled ? DISABLED : 0) |
    (attr.inherit ? INHERIT : 0) |
    (attr.excludeUser ? EXCLUDE_USER : 0) |
    (attr.excludeKernel ? EXCLUDE_KERNEL : 0) |
    (attr.mmap ? MMAP : 0) |
    (attr.comm ? COMM : 0) |
    (attr.freq ? FREQ : 0) |
    (attr.task ? TASK : 0) |
    (attr.sampleIdAll ? SAMPLE_ID_ALL : 0) |
    (attr.mmap2 ? MMAP2 : 0) |
    (attr.commExec ? COMM_EXEC : 0) |
    (attr.clockid === undefined ? 0 : USE_CLOCKID)
  );
}

/** See `Sys.perfEventOpen`. */
export function perfEventOpen(event: PerfEventAttr, target: PerfEventTarget): number {
  perfAttr ??= new Attr(ATTR_BYTES);
  const attr = perfAttr
    .clear()
    .u32(0, event.type)
    .u32(4, ATTR_BYTES)
    .u64(8, event.config)
    .u64(16, event.samplePeriod ?? 0)
    .u64(24, event.sampleType ?? 0)
    .u64(40, flagsOf(event))
    .u32(48, event.wakeupEvents ?? 0)
    .u32(52, event.bpType ?? 0)
    .u64(64, event.config2 ?? 0)
    .u32(92, event.clockid ?? 0);
  if (typeof event.config1 === "string") attr.pointer(56, cString(event.config1));
  else attr.u64(56, event.config1 ?? 0);
  const fd = syscall("perf_event_open", attr.memory.address, target.pid, target.cpu, -1, PERF_FLAG_FD_CLOEXEC);
  return succeeded("perf_event_open", undefined, fd);
}

/** See `Sys.ioctl`. */
export function ioctl(fd: number, request: keyof typeof IOCTLS, arg: number): void {
  succeeded("ioctl", request, syscall("ioctl", fd, IOCTLS[request], arg));
}

/** See `Sys.mmap`. */
export function mmap(fd: number, offset: number, sizeBytes: number, writable: boolean): Mapping {
  const protection = PROT_READ | (writable ? PROT_WRITE : 0);
  const address = succeeded("mmap", undefined, syscall("mmap", 0, sizeBytes, protection, MAP_SHARED, fd, offset));
  return { buffer: viewAt(address, sizeBytes), address, sizeBytes };
}

/** See `Sys.mmapFile`. */
export function mmapFile(fd: number, sizeBytes: number): Mapping {
  const address = succeeded("mmap", undefined, syscall("mmap", 0, sizeBytes, PROT_READ, MAP_PRIVATE, fd, 0));
  return { buffer: viewAt(address, sizeBytes), address, sizeBytes };
}

/** See `Sys.munmap`. */
export function munmap(mapping: Mapping): void {
  succeeded("munmap", undefined, syscall("munmap", mapping.address, mapping.sizeBytes));
}

/** See `Sys.close`. */
export function close(fd: number): void {
  succeeded("close", undefined, syscall("close", fd));
}
