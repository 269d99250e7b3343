import { DwarfFile, type OpenFile } from "./dwarf-file.ts";
import { DW_AT, DW_UT } from "./names.ts";
import { joinPath } from "./source-path.ts";
import { NO_CONTRIBUTION, Unit } from "./unit.ts";

/**
 * Finds the half of a unit that the compiler put into another file (`-gsplit-dwarf`): a `.dwo` file of its own, or a
 * package of many, `PROGRAM.dwp`.
 */
export class SplitUnits {
  readonly #path: string;
  readonly #open: OpenFile;
  readonly #found = new Map<Unit, Unit>();
  #package: { readonly file: DwarfFile | undefined } | undefined;

  /** `path` is that of the program. */
  constructor(path: string, open: OpenFile) {
    this.#path = path;
    this.#open = open;
  }

  /** The unit with everything in it; the given one where nothing is elsewhere, or that is not to be found. */
  whole(unit: Unit): Unit {
    const known = this.#found.get(unit);
    if (known) return known;
    const found = this.#find(unit) ?? unit;
    this.#found.set(unit, found);
    return found;
  }

  #find(unit: Unit): Unit | undefined {
    const { root, header } = unit;
    const name = root.text(DW_AT.dwo_name) ?? root.text(DW_AT.GNU_dwo_name);
    if (name === undefined || unit.file.isSplit) return undefined;
    const id = header.type === DW_UT.skeleton ? header.id : (root.integer(DW_AT.GNU_dwo_id) ?? 0n);
    return this.#inPackage(unit, id) ?? this.#inFile(unit, name, id);
  }

  #inFile(skeleton: Unit, name: string, id: bigint): Unit | undefined {
    const compiledIn = skeleton.root.text(DW_AT.comp_dir) ?? "";
    const beside = this.#path.slice(0, this.#path.lastIndexOf("/") + 1);
    const base = name.slice(name.lastIndexOf("/") + 1);
    for (const path of new Set([joinPath(compiledIn, name), joinPath(beside, name), beside + base])) {
      const elf = this.#open(path);
      if (!elf) continue;
      const file = new DwarfFile(elf, this.#open, true);
      for (const { header } of file.units) {
        const unit = new Unit(file, header, file.section("info"), NO_CONTRIBUTION, skeleton);
        if (isHalf(unit, id)) return unit;
      }
    }
    return undefined;
  }

  #inPackage(skeleton: Unit, id: bigint): Unit | undefined {
    if (!this.#package) {
      const elf = this.#open(`${this.#path}.dwp`);
      this.#package = { file: elf && new DwarfFile(elf, this.#open, true) };
    }
    const { file } = this.#package;
    const packed = file?.packedUnit(id);
    return file && packed && new Unit(file, packed.header, file.section("info"), packed.contribution, skeleton);
  }
}

function isHalf(unit: Unit, id: bigint): boolean {
  if (unit.header.type === DW_UT.split_compile) return unit.header.id === id;
  return unit.version < 5 && unit.root.integer(DW_AT.GNU_dwo_id) === id;
}
