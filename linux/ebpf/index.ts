/** BPF programs alive: loading, maps, attachments, events, features. Needs Linux. */
export { Collection, type CollectionOptions } from "./collection.ts";
export { onlineCpus, parseCpuList, possibleCpuCount } from "./cpus.ts";
export { DatagramSocket } from "./datagram-socket.ts";
export { type FeatureName, type Features, probeFeatures } from "./features/features.ts";
export {
  CAPABILITIES,
  type Capability,
  effectiveCapabilities,
  isAtLeast,
  type KernelVersion,
  kernelVersion,
  type Lockdown,
  lockdown,
  parseCapabilities,
  parseKernelVersion,
  parseLockdown,
} from "./features/machine.ts";
export { FEATURES, type Feature } from "./features/table.ts";
export { type HandleKind, type OpenHandle, openHandles } from "./handle.ts";
export { loadKernelBtf, loadModuleBtf } from "./kernel-btf.ts";
export { closeLinks, leaveLinks } from "./link/close-links.ts";
export { attachIterator, type IteratorScope, pinIterator, runIterator } from "./link/iter.ts";
export { attachKprobe, type KprobeTarget } from "./link/kprobe.ts";
export { attachKprobeMulti, type KprobeMultiTarget } from "./link/kprobe-multi.ts";
export { Link, type LinkKind } from "./link/link.ts";
export {
  attachInterval,
  attachPerfEvent,
  attachProfile,
  attachWatchpoint,
  PERF_COUNT_SW_CPU_CLOCK,
  PERF_TYPES,
  type PerfEvent,
  type PerfScope,
  type SampleRate,
  type Watchpoint,
} from "./link/perf-event.ts";
export { attachRawTracepoint, type RawTracepointTarget } from "./link/raw-tracepoint.ts";
export { attachTracepoint, type TracepointTarget } from "./link/tracepoint.ts";
export { attachTracing, type TracingTarget } from "./link/tracing.ts";
export { attachUprobe, type UprobeTarget } from "./link/uprobe.ts";
export { attachUprobeMulti, type UprobeMultiTarget } from "./link/uprobe-multi.ts";
export { functionsOf, type LoadedFunction, loadedFunctions } from "./loaded-functions.ts";
export {
  BPF_ANY,
  BPF_EXIST,
  BPF_NOEXIST,
  BpfMap,
  type MapEntries,
  type MapOptions,
  type MappedValues,
} from "./map.ts";
export { PerfBuffer, type PerfBufferOptions } from "./perf-buffer.ts";
export type { OnPerfSample } from "./perf-ring.ts";
export { PinnedMapError } from "./pinned-map.ts";
export type { ProcessEvent } from "./process-event.ts";
export { ProcessEvents } from "./process-events.ts";
export { BpfProgram, enableRunTimeStats, type ProgramInfo, type ProgramOptions } from "./program.ts";
export type { KernelTypes } from "./relocate.ts";
export { type OnSample, RingBuffer } from "./ringbuf.ts";
export { raiseOpenFilesLimit } from "./rlimit.ts";
export type { SampleMemory } from "./sample-memory.ts";
export { SyscallError } from "./sys/error.ts";
export { type FakeOptions, type FakeSys, fakeSys } from "./sys/fake.ts";
export { kernel } from "./sys/kernel.ts";
export type { Sys, TestRunOptions, TestRunResult } from "./sys/sys.ts";
export { tracefsRoot, tracepointId } from "./tracefs.ts";
export { UnsupportedError } from "./unsupported-error.ts";
export { LogTooSmallError, VerifierError } from "./verifier-error.ts";
export { summariseVerifierLog, type VerifierSummary } from "./verifier-log.ts";
