import { lastNotAbove } from "./line-table.ts";
import { DW_UT } from "./names.ts";
import { type CodeRange, rangesOf } from "./ranges.ts";
import type { Unit } from "./unit.ts";

interface UnitCode extends CodeRange {
  readonly unit: Unit;
}

/**
 * Which unit the code at an address is of, by what each unit says of itself: `.debug_aranges`, which says the same, is
 * left out by some compilers.
 */
export class CodeIndex {
  /** In the order of their starts. */
  readonly #code: readonly UnitCode[];

  constructor(units: readonly Unit[]) {
    const code: UnitCode[] = [];
    for (const unit of units) {
      const { type } = unit.header;
      if (type === DW_UT.type || type === DW_UT.partial) continue;
      for (const range of rangesOf(unit, unit.root)) code.push({ ...range, unit });
      unit.release();
    }
    this.#code = code.sort((a, b) => a.start - b.start);
  }

  unitAt(address: number): Unit | undefined {
    const found = this.#code[lastNotAbove(this.#code.length, (index) => this.#code[index].start, address)];
    return found && address < found.end ? found.unit : undefined;
  }
}
