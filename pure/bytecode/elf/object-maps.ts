/** How maps stand in an object file: as libbpf's BTF-defined maps and its data sections (libbpf.c, parse_btf_map_def). */
import type { BtfWriter } from "../btf/btf-writer.ts";
import { BPF_F_MMAPABLE, BPF_F_RDONLY_PROG, type CollectionSpec, MAP_TYPES, type MapSpec } from "../spec.ts";
import { type ElfSectionSpec, type ElfSymbolSpec, SHF_ALLOC, SHF_WRITE, STT_OBJECT } from "./elf-writer.ts";

/** The sections and symbols of all maps. A relocation names a map's symbol, which is its name. */
export interface ObjectMaps {
  readonly sections: readonly ElfSectionSpec[];
  readonly symbols: readonly ElfSymbolSpec[];
}

const POINTER_BYTES = 8;

/** Adds the maps' types to the BTF. */
export function objectMaps(collection: CollectionSpec, btf: BtfWriter): ObjectMaps {
  const direct = directlyRead(collection);
  const int = btf.add({ kind: "int", name: "int", size: 4, bits: 32, signed: true, bool: false, char: false });
  const byte = btf.add({ kind: "int", name: "__u8", size: 1, bits: 8, signed: false, bool: false, char: false });
  const data = collection.maps.filter(({ name }) => direct.has(name)).map((map) => dataSection(map, btf, byte, int));
  const defined = definedMaps(
    collection.maps.filter(({ name }) => !direct.has(name)),
    btf,
    int,
  );
  return {
    sections: [...defined.sections, ...data.flatMap(({ sections }) => sections)],
    symbols: [...defined.symbols, ...data.flatMap(({ symbols }) => symbols)],
  };
}

/** Maps whose value a program reads by its address: to libbpf they are sections of data. */
function directlyRead({ programs }: CollectionSpec): ReadonlySet<string> {
  const relocations = programs.flatMap((program) => program.relocations);
  return new Set(relocations.flatMap((each) => (each.kind === "map-value" ? [each.map] : [])));
}

/** `.data.NAME`, or `.rodata.NAME` where programs may not write. */
function dataSection(map: MapSpec, btf: BtfWriter, byte: number, index: number): ObjectMaps {
  const isReadOnly = ((map.flags ?? 0) & BPF_F_RDONLY_PROG) !== 0;
  const name = `${isReadOnly ? ".rodata" : ".data"}.${map.name}`;
  const contents = new Uint8Array(map.valueSize);
  contents.set(map.contents?.[0] ?? []);
  const type = btf.add({ kind: "array", element: byte, index, count: map.valueSize });
  const variable = btf.add({ kind: "var", name: map.name, type, linkage: "global" });
  const variables = [{ type: variable, offset: 0, size: map.valueSize }];
  btf.add({ kind: "datasec", name, size: map.valueSize, variables });
  return {
    sections: [{ name, flags: SHF_ALLOC | (isReadOnly ? 0 : SHF_WRITE), contents }],
    symbols: [symbol(map, name, 0, map.valueSize)],
  };
}

/** The section `.maps`: a variable for each, whose type says all about it. */
function definedMaps(maps: readonly MapSpec[], btf: BtfWriter, int: number): ObjectMaps {
  if (maps.length === 0) return { sections: [], symbols: [] };
  let offset = 0;
  const placed = maps.map((map) => {
    const numbers = mapNumbers(map);
    const size = numbers.length * POINTER_BYTES;
    const type = numbersType(numbers, btf, int);
    const variable = btf.add({ kind: "var", name: map.name, type, linkage: "global" });
    offset += size;
    return { map, type: variable, offset: offset - size, size };
  });
  btf.add({ kind: "datasec", name: ".maps", size: offset, variables: placed });
  return {
    sections: [{ name: ".maps", flags: SHF_ALLOC | SHF_WRITE, contents: new Uint8Array(offset) }],
    symbols: placed.map((each) => symbol(each.map, ".maps", each.offset, each.size)),
  };
}

/** What libbpf's `__uint(key, value)` says of a map; zeros are left out, as a ring buffer has neither key nor value. */
function mapNumbers(map: MapSpec): readonly (readonly [string, number])[] {
  const numbers: readonly (readonly [string, number])[] = [
    ["type", MAP_TYPES[map.type]],
    ["key_size", map.keySize],
    ["value_size", map.valueSize],
    ["max_entries", map.maxEntries],
    ["map_flags", (map.flags ?? 0) & ~(map.type === "BPF_MAP_TYPE_ARRAY" ? 0 : BPF_F_MMAPABLE)],
  ];
  return numbers.filter(([, value]) => value !== 0);
}

/** `struct { int (*type)[BPF_MAP_TYPE_X]; … }`: the numbers are lengths of arrays that are never there. */
function numbersType(numbers: readonly (readonly [string, number])[], btf: BtfWriter, int: number): number {
  const members = numbers.map(([name, count], at) => {
    const array = btf.add({ kind: "array", element: int, index: int, count });
    return { name, type: btf.add({ kind: "ptr", to: array }), bitOffset: at * POINTER_BYTES * 8 };
  });
  return btf.add({ kind: "struct", name: "", size: numbers.length * POINTER_BYTES, members });
}

function symbol({ name }: MapSpec, section: string, value: number, sizeBytes: number): ElfSymbolSpec {
  return { name, section, value, sizeBytes, hidden: false, type: STT_OBJECT };
}
