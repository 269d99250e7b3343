import { utf8 } from "@beetrace/std";
import { ElfError } from "../elf-error.ts";
import type { DwarfReader } from "./dwarf-reader.ts";
import { type Encoding, plainNumber, skipForm } from "./form.ts";
import { DW_FORM } from "./names.ts";
import { joinPath } from "./source-path.ts";
import type { Unit } from "./unit.ts";
import { readInitialLength } from "./unit-header.ts";

/** What stands before the instructions of a line number program (section 6.2.4). */
export interface LineHeader {
  readonly version: number;
  /** Full paths, by their numbers in the program: from 0 in version 5, from 1 before. */
  readonly files: readonly string[];
  readonly addressBytes: number;
  readonly minimumInstructionBytes: number;
  readonly defaultIsStatement: boolean;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** How many operands a standard opcode has, by its number. */
  readonly operandCounts: readonly number[];
  /** Where the instructions start and end, from the start of what was read. */
  readonly start: number;
  readonly end: number;
}

/** Kinds of content of the tables of directories and files: `DW_LNCT_*` (section 7.22). */
const LNCT = { path: 1, directory_index: 2 } as const;

interface Name {
  readonly path: string;
  readonly directory: number;
}

/** Reads a header; `compilationDirectory` is what relative paths are relative to. Throws {@link ElfError}. */
export function readLineHeader(reader: DwarfReader, unit: Unit, compilationDirectory: string): LineHeader {
  const { length, offsetBytes } = readInitialLength(reader);
  const end = reader.offset + length;
  const version = reader.u16();
  if (version < 2 || version > 5) throw new ElfError(`.debug_line: version ${version} is not known`);
  let { addressBytes } = unit;
  if (version >= 5) {
    addressBytes = reader.u8();
    reader.skip(1);
  }
  const headerBytes = reader.unsigned(offsetBytes);
  const start = reader.offset + headerBytes;
  const minimumInstructionBytes = reader.u8();
  if (version >= 4) reader.skip(1);
  const defaultIsStatement = reader.u8() !== 0;
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0) throw new ElfError(".debug_line: a damaged header");
  const operandCounts = [0, ...reader.take(opcodeBase - 1)];
  const encoding: Encoding = { littleEndian: unit.littleEndian, version, offsetBytes, addressBytes };
  const files =
    version >= 5 ? readTables(reader, unit, encoding, compilationDirectory) : readLists(reader, compilationDirectory);
  const opcodes = { minimumInstructionBytes, defaultIsStatement, lineBase, lineRange, opcodeBase, operandCounts };
  return { version, files, addressBytes, ...opcodes, start, end };
}

/** Before version 5: texts up to an empty one. */
function readLists(reader: DwarfReader, compilationDirectory: string): readonly string[] {
  const directories = [compilationDirectory];
  for (let text = utf8Text(reader); text !== ""; text = utf8Text(reader))
    directories.push(joinPath(compilationDirectory, text));
  const files = [""];
  for (let text = utf8Text(reader); text !== ""; text = utf8Text(reader)) {
    const directory = reader.uleb();
    reader.skipLeb();
    reader.skipLeb();
    files.push(joinPath(directories[directory] ?? compilationDirectory, text));
  }
  return files;
}

function readTables(
  reader: DwarfReader,
  unit: Unit,
  encoding: Encoding,
  compilationDirectory: string,
): readonly string[] {
  const directories = readTable(reader, unit, encoding).map(({ path }) => joinPath(compilationDirectory, path));
  return readTable(reader, unit, encoding).map((file) =>
    joinPath(directories[file.directory] ?? compilationDirectory, file.path),
  );
}

/** A table that says of itself what it has of each entry, and in which form. */
function readTable(reader: DwarfReader, unit: Unit, encoding: Encoding): readonly Name[] {
  const format = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  // Each entry takes a byte at least: more of them than bytes is a lie that would only cost time.
  if (count > reader.remaining) throw new ElfError(".debug_line: a table that is larger than the section");
  const names: Name[] = [];
  for (let index = 0; index < count; index++) {
    let path = "";
    let directory = 0;
    for (const { content, form } of format) {
      if (content === LNCT.path) path = readText(reader, form, unit, encoding);
      else if (content === LNCT.directory_index) directory = plainNumber(reader, form, encoding) ?? 0;
      else skipForm(reader, form, encoding);
    }
    names.push({ path, directory });
  }
  return names;
}

function readText(reader: DwarfReader, form: number, unit: Unit, encoding: Encoding): string {
  if (form === DW_FORM.string) return utf8Text(reader);
  const value = plainNumber(reader, form, encoding);
  if (value === undefined) throw new ElfError(`.debug_line: a path in form 0x${form.toString(16)}`);
  return unit.string(form, value);
}

function utf8Text(reader: DwarfReader): string {
  const end = reader.bytes.indexOf(0, reader.offset);
  const bytes = reader.take(end - reader.offset);
  reader.skip(1);
  return utf8(bytes);
}
