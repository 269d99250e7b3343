/** A BPF program on paper: instructions, types, and what is to be loaded. */

export * from "./asm.ts";
export { Btf, type BtfParseOptions } from "./btf/btf.ts";
export { type BtfIndex, buildBtfIndex, decodeBtfIndex, encodeBtfIndex } from "./btf/btf-index.ts";
export { BtfWriter } from "./btf/btf-writer.ts";
export { BtfError } from "./btf/format.ts";
export { cTypeName, printCType } from "./btf/print-c.ts";
export { FUNC_INFO_BYTES, LINE_INFO_BYTES, type ProgramBtf, programBtf } from "./btf/program-btf.ts";
export type * from "./btf/type.ts";
export { type DisassembleOptions, disassemble, disassembleProgram } from "./disasm.ts";
export { ObjectError, writeObject } from "./elf/write-object.ts";
export { HELPER_NAMES, helperId, helperName } from "./helper-names.ts";
export * from "./insn.ts";
export * from "./spec.ts";
export { defaultEnvironment, type VmEnvironment } from "./vm/environment.ts";
export { VmError, VmFault } from "./vm/error.ts";
export { STANDARD_HELPERS, STANDARD_KFUNCS } from "./vm/helpers.ts";
export { indexKey, type KeyedMap } from "./vm/keyed-map.ts";
export type { VmHelper, VmMachine } from "./vm/machine.ts";
export type { OpaqueMap, PerfMap, RingMap, StackTraceMap, VmMap } from "./vm/maps.ts";
export type { Memory, Segment, SegmentOptions } from "./vm/memory.ts";
export { Vm, type VmOptions, type VmResult } from "./vm/vm.ts";
