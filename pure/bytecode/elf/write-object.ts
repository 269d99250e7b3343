/** Programs and maps as an object file that libbpf, bpftool and readelf take. */
import { ByteWriter } from "@beetrace/std";
import { BtfWriter, wordBytes } from "../btf/btf-writer.ts";
import { describeProgram, FUNC_INFO_BYTES, LINE_INFO_BYTES } from "../btf/program-btf.ts";
import type { CollectionSpec } from "../spec.ts";
import { type ElfSectionSpec, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, writeElf } from "./elf-writer.ts";
import { objectCode, type PlacedCode } from "./object-code.ts";
import { objectMaps } from "./object-maps.ts";

export { ObjectError } from "./object-code.ts";

const BTF_EXT_MAGIC = 0xeb9f;
const BTF_EXT_HEADER_BYTES = 24;

/**
 * The bytes of an ELF object: a section for each kind of program, `.text` for what they call, `.maps`, sections of data,
 * `license`, and BTF with functions and lines of source. Sections are named as libbpf expects it (its SEC() names), so
 * that it knows the type of each program; what a program is attached to is not in the file, but for BTF-typed ones.
 * Throws {@link ObjectError} for what the format cannot express.
 */
export function writeObject(collection: CollectionSpec): Uint8Array {
  const btf = new BtfWriter();
  const maps = objectMaps(collection, btf);
  const code = objectCode(collection);
  const ext = describeCode(code.placed, btf);
  const license = collection.programs[0]?.license ?? "GPL";
  const sections: ElfSectionSpec[] = [
    ...code.sections.map((section) => ({ ...section, flags: SHF_ALLOC | SHF_EXECINSTR })),
    ...maps.sections,
    { name: "license", flags: SHF_ALLOC | SHF_WRITE, contents: asciiz(license) },
    { name: ".BTF", flags: 0, contents: btf.encode() },
    { name: ".BTF.ext", flags: 0, contents: ext },
  ];
  return writeElf(sections, [...code.symbols, ...maps.symbols]);
}

function asciiz(text: string): Uint8Array {
  return Uint8Array.from([...text].map((character) => character.charCodeAt(0)).concat(0));
}

/** Records of a section: 32-bit words, the first being an offset in bytes. */
interface Records {
  readonly funcs: number[][];
  readonly lines: number[][];
}

/** `.BTF.ext`: which type each function has and which line each instruction comes from (Documentation/bpf/btf.rst). */
function describeCode(placed: readonly PlacedCode[], btf: BtfWriter): Uint8Array {
  const sections = new Map<string, Records>();
  for (const { program, place } of placed) {
    const { funcs, lines } = describeProgram(btf, program);
    for (const { slot, type } of funcs) {
      const at = place(slot);
      recordsOf(sections, at.section).funcs.push([at.offset, type]);
    }
    for (const { slot, file, text, lineCol } of lines) {
      const at = place(slot);
      recordsOf(sections, at.section).lines.push([at.offset, file, text, lineCol]);
    }
  }
  const names = new Map([...sections.keys()].map((name) => [name, btf.string(name)]));
  const funcInfo = infoSection(sections, names, FUNC_INFO_BYTES, ({ funcs }) => funcs);
  const lineInfo = infoSection(sections, names, LINE_INFO_BYTES, ({ lines }) => lines);
  const out = new ByteWriter().u16(BTF_EXT_MAGIC).u8(1).u8(0).u32(BTF_EXT_HEADER_BYTES);
  out.u32(0).u32(funcInfo.length).u32(funcInfo.length).u32(lineInfo.length);
  return out.append(funcInfo).append(lineInfo).finish();
}

function recordsOf(sections: Map<string, Records>, name: string): Records {
  let records = sections.get(name);
  if (records === undefined) {
    records = { funcs: [], lines: [] };
    sections.set(name, records);
  }
  return records;
}

/** The size of a record, then for each section its name, how many there are, and they in the order of the code. */
function infoSection(
  sections: ReadonlyMap<string, Records>,
  names: ReadonlyMap<string, number>,
  recordBytes: number,
  select: (records: Records) => readonly number[][],
): Uint8Array {
  const words = [recordBytes];
  for (const [name, records] of sections) {
    const rows = [...select(records)].sort(([a], [b]) => a - b);
    if (rows.length > 0) words.push(names.get(name) ?? 0, rows.length, ...rows.flat());
  }
  return wordBytes(words);
}
