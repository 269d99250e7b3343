/** What `import … from "beetrace"` gives: tracing from a program. */

export { SyscallError, UnsupportedError, VerifierError } from "@beetrace/ebpf";
export type {
  JsonBucket,
  JsonInt,
  JsonInterval,
  JsonPlace,
  JsonStats,
  JsonValue,
  OutputRecord,
} from "@beetrace/output";
export {
  AttachError,
  CommandError,
  type CompileForMachineOptions,
  compile,
  NoSuchProcessError,
  ScriptError,
  type ScriptMistake,
  Trace,
  type TraceOptions,
  trace,
} from "@beetrace/tracer";
