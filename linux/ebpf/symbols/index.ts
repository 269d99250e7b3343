/** Names for addresses of the kernel and of processes, and the files they come from. */
export { type BootCache, cacheDirectory, NO_CACHE, openBootCache } from "./boot-cache.ts";
export { ElfFile, type SymbolAndOffset } from "./elf-file.ts";
export { parseElfFile } from "./elf-source.ts";
export { type FileIdentity, FileSource, NotAFileError } from "./file-source.ts";
export {
  type KernelSymbol,
  type KernelSymbolEntry,
  KernelSymbols,
  KernelSymbolsError,
  type KernelSymbolsOptions,
} from "./kernel-symbols.ts";
export { MappedFiles } from "./mapped-files.ts";
export { OpenDebugInfo } from "./open-debug-info.ts";
export { findMapping, isFileMapping, type Mapping, parseMaps } from "./process-maps.ts";
export { ProcessSpaces } from "./process-spaces.ts";
export {
  type UserFrame,
  type UserLocation,
  type UserSymbol,
  type UserSymbolCache,
  UserSymbols,
  type UserSymbolsOptions,
} from "./user-symbols.ts";
export { readVdso } from "./vdso.ts";
