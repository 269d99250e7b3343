import { allocate, closeConcurrently, pageSizeBytes, poll } from "../ffi.ts";
import { linkCalls } from "./link-calls.ts";
import { mapCalls } from "./map-calls.ts";
import { objectCalls } from "./object-calls.ts";
import { close, ioctl, mmap, mmapFile, munmap, perfEventOpen } from "./perf-calls.ts";
import { programCalls } from "./program-calls.ts";
import { datagramSocket } from "./socket-calls.ts";
import type { Sys } from "./sys.ts";

/** The running kernel. */
export const kernel: Sys = {
  allocate,
  get pageSizeBytes() {
    return pageSizeBytes();
  },
  ...mapCalls,
  ...programCalls,
  ...linkCalls,
  ...objectCalls,
  perfEventOpen,
  ioctl,
  mmap,
  mmapFile,
  munmap,
  datagramSocket,
  close,
  closeConcurrently,
  poll,
};
