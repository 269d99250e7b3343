/** Files on disk: ELF, symbols, USDT notes, registers, demangling, perf maps. */

export { type ByteSource, bytesSource, windowSource } from "./byte-source.ts";
export { demangle } from "./demangle/demangle.ts";
export type {
  DebugFunction,
  DebugInfo,
  DebugParameter,
  InlinedCall,
  LineMatches,
  SourceFrame,
  TypeTag,
} from "./dwarf/debug-info.ts";
export { bareType, type DebugMember, type DebugStruct, type DebugType, debugTypeName } from "./dwarf/debug-type.ts";
export type { OpenFile } from "./dwarf/dwarf-file.ts";
export { hasDebugInfo, readDebugInfo } from "./dwarf/dwarf-info.ts";
export type { EntryLocation } from "./dwarf/entry-location.ts";
export type { SourcePlace } from "./dwarf/line-table.ts";
export { type DynamicLinks, dynamicLinks } from "./dynamic-links.ts";
export { type Elf, type ElfOptions, parseElf } from "./elf.ts";
export { ElfError } from "./elf-error.ts";
export {
  type ElfType,
  type Machine,
  PF_X,
  PT_LOAD,
  PT_NOTE,
  type Section,
  type Segment,
  SHF_ALLOC,
  SHF_COMPRESSED,
  SHF_EXECINSTR,
} from "./elf-headers.ts";
export { buildId, type DebugLink, debugAltLink, debugLink, type ElfNote, elfNotes } from "./elf-notes.ts";
export { type GoFunction, goFunctions, isGoProgram } from "./go-functions.ts";
export { instructionBoundaries, instructionLength, isInstructionBoundary } from "./length-decoder.ts";
export { type PerfMap, type PerfMapEntry, parsePerfMap } from "./perf-map.ts";
export {
  dwarfRegister,
  framePointerRegister,
  functionArgumentRegisters,
  instructionPointerRegister,
  type RegisterMachine,
  type RegisterSlot,
  registerFileSizeBytes,
  registerOffset,
  returnRegister,
  savedRegisterNames,
  savedRegisterOffset,
  stackPointerRegister,
  syscallArgumentRegisters,
} from "./registers.ts";
export type { ElfSymbol, SymbolBind, SymbolTable, SymbolType } from "./symbol-table.ts";
export { unwindTable } from "./unwind/eh-frame.ts";
export {
  CFA_RULES,
  type CfaRule,
  SAVED_RULES,
  type SavedRule,
  UNWIND_ROW,
  UNWIND_ROW_BYTES,
  type UnwindRule,
  UnwindTable,
} from "./unwind/unwind-table.ts";
export { type UsdtProbe, usdtProbes } from "./usdt.ts";
export { parseUsdtArgs, type UsdtArg, type UsdtLocation, type UsdtOperandContext } from "./usdt-argument.ts";
export { type ZipMember, zipMember } from "./zip.ts";
