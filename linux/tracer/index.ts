/** One run of a script on the live machine. */
export { AttachError } from "./attach-error.ts";
export * from "./catalog/index.ts";
export { CommandError } from "./child.ts";
export { run } from "./compile-and-run.ts";
export { EXIT_SETUP, EXIT_USAGE } from "./explain.ts";
export { type HeaderSearch, headerReader } from "./header-files.ts";
export { readImport } from "./import-files.ts";
export type { LiveOptions } from "./live-display.ts";
export type { Printer, RuntimeFailure } from "./printer.ts";
export { type ArtefactOptions, runArtefact } from "./run-artefact.ts";
export type { Presentation, RunOptions } from "./run-options.ts";
export type { WarningLevel } from "./runtime-sites.ts";
export { ScriptError, type ScriptMistake } from "./script-error.ts";
export { type BufferMode, OutputError, OutputSink } from "./sink.ts";
export type { PictureFiles } from "./stack-pictures.ts";
export { type LiveTarget, type LiveTargetOptions, liveTarget, type SwitchableFeature } from "./target.ts";
export { type CompileForMachineOptions, compile, Trace, type TraceOptions, trace } from "./trace.ts";
export { NoSuchProcessError } from "./traced-process.ts";
