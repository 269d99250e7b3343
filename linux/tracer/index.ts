/** One run of a script on the live machine. */
export { AttachError } from "./attach-error.ts";
export * from "./catalog/index.ts";
export { CommandError } from "./child.ts";
export { EXIT_SETUP, EXIT_USAGE } from "./explain.ts";
export { type HeaderSearch, headerReader } from "./header-files.ts";
export { readImport } from "./import-files.ts";
export type { LiveOptions } from "./live-display.ts";
export { run } from "./run.ts";
export type { RunOptions } from "./run-options.ts";
export type { WarningLevel } from "./runtime-sites.ts";
export { type BufferMode, OutputError, OutputSink } from "./sink.ts";
export type { PictureFiles } from "./stack-pictures.ts";
export { type LiveTarget, type LiveTargetOptions, liveTarget, type SwitchableFeature } from "./target.ts";
export { NoSuchProcessError } from "./traced-process.ts";
