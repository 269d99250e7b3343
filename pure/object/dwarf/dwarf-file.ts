import type { Elf } from "../elf.ts";
import { buildId, debugAltLink } from "../elf-notes.ts";
import type { Abbreviations } from "./abbreviations.ts";
import { DebugSection } from "./debug-section.ts";
import { DW_UT } from "./names.ts";
import { type PackedUnit, readPackageIndex } from "./package-index.ts";
import { type SectionName, Unit, type UnitFile } from "./unit.ts";
import { readUnitHeaders } from "./unit-header.ts";

/** Opens a file that debug information lies in as well; `undefined` where it is not to be had. */
export type OpenFile = (path: string) => Elf | undefined;

/** The debug information of one file: its sections and the units in them, each read when it is first asked for. */
export class DwarfFile implements UnitFile {
  readonly elf: Elf;
  readonly isSplit: boolean;
  readonly abbreviations = new Map<string, Abbreviations>();
  readonly #open: OpenFile;
  readonly #sections = new Map<SectionName, DebugSection>();
  #units: readonly Unit[] | undefined;
  #typeUnits: ReadonlyMap<bigint, Unit> | undefined;
  #supplementary: { readonly file: DwarfFile | undefined } | undefined;

  constructor(elf: Elf, open: OpenFile, isSplit = false) {
    this.elf = elf;
    this.isSplit = isSplit;
    this.#open = open;
  }

  section(name: SectionName): DebugSection {
    let section = this.#sections.get(name);
    if (!section) {
      const isShared = name === "cu_index" || name === "tu_index";
      section = new DebugSection(this.elf, `.debug_${name}${this.isSplit && !isShared ? ".dwo" : ""}`);
      this.#sections.set(name, section);
    }
    return section;
  }

  /** All units of `.debug_info`, in its order. Throws `ElfError`. */
  get units(): readonly Unit[] {
    this.#units ??= this.#unitsOf("info");
    return this.#units;
  }

  unitAt(offset: number): Unit | undefined {
    const { units } = this;
    let low = 0;
    let high = units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (units[middle].offset <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = units[low - 1];
    return unit && offset < unit.offset + unit.header.sizeBytes ? unit : undefined;
  }

  /** The unit of a package with that id. */
  packedUnit(id: bigint): Unit | undefined {
    const packed = this.#index("cu_index").find((each) => each.id === id);
    return packed && this.unitAt(packed.offset);
  }

  typeUnit(signature: bigint): Unit | undefined {
    this.#typeUnits ??= new Map(
      [...this.units, ...this.#unitsOf("types")]
        .filter(({ header }) => header.type === DW_UT.type || header.type === DW_UT.split_type)
        .map((unit) => [unit.header.id, unit]),
    );
    return this.#typeUnits.get(signature);
  }

  /** All units that hold one type each. */
  get typeUnits(): Iterable<Unit> {
    this.typeUnit(0n);
    return this.#typeUnits?.values() ?? [];
  }

  supplementary(): DwarfFile | undefined {
    if (!this.#supplementary) {
      const link = debugAltLink(this.elf);
      const elf = link && this.#open(link.file);
      const isRight = elf && buildId(elf) === link.buildId;
      this.#supplementary = { file: isRight ? new DwarfFile(elf, this.#open) : undefined };
    }
    return this.#supplementary.file;
  }

  #unitsOf(name: "info" | "types"): readonly Unit[] {
    const section = this.section(name);
    const isTypes = name === "types";
    const packed = new Map(
      [...(isTypes ? [] : this.#index("cu_index")), ...this.#index("tu_index")].map((each) => [
        each.offset,
        each.contribution,
      ]),
    );
    return readUnitHeaders(section, isTypes).map(
      (header) => new Unit(this, header, section, packed.get(header.offset)),
    );
  }

  #index(name: "cu_index" | "tu_index"): readonly PackedUnit[] {
    return this.isSplit ? readPackageIndex(this.section(name)) : [];
  }
}
