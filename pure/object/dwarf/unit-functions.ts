import { readingPart } from "../elf-error.ts";
import type { Die } from "./die.ts";
import { entriesTagged } from "./entry-walk.ts";
import { lastNotAbove } from "./line-table.ts";
import { DW_AT, DW_TAG } from "./names.ts";
import { type CodeRange, holdsAddress, rangesOf } from "./ranges.ts";
import type { Unit } from "./unit.ts";

const FUNCTION_TAGS: ReadonlySet<number> = new Set([DW_TAG.subprogram]);
/** What may hold code that was put into a function. */
const BLOCK_TAGS: ReadonlySet<number> = new Set([DW_TAG.lexical_block, DW_TAG.try_block, DW_TAG.catch_block]);

interface FunctionPart extends CodeRange {
  readonly die: Die;
}

/** The functions of a unit that have code, by their addresses. */
export class UnitFunctions {
  readonly #unit: Unit;
  /** In the order of their starts. A function may have several parts. */
  readonly #parts: readonly FunctionPart[];

  constructor(unit: Unit) {
    this.#unit = unit;
    this.#parts = readingPart(".debug_info", () => partsOf(unit));
  }

  /** The function whose code holds `address`. */
  at(address: number): Die | undefined {
    const index = lastNotAbove(this.#parts.length, (each) => this.#parts[each].start, address);
    const part = this.#parts[index];
    return part && address < part.end ? part.die : undefined;
  }

  /** What was put into the function at `address`: from the outermost call to the innermost. */
  inlinedAt(address: number): readonly Die[] {
    const chain: Die[] = [];
    for (let scope = this.at(address); scope; ) {
      scope = this.#scopeIn(scope, address);
      if (scope?.tag === DW_TAG.inlined_subroutine) chain.push(scope);
    }
    return chain;
  }

  #scopeIn(outer: Die, address: number): Die | undefined {
    for (const die of outer.children()) {
      if (die.tag !== DW_TAG.inlined_subroutine && !BLOCK_TAGS.has(die.tag)) continue;
      if (holdsAddress(rangesOf(this.#unit, die), address)) return die;
    }
    return undefined;
  }
}

function partsOf(unit: Unit): readonly FunctionPart[] {
  const parts: FunctionPart[] = [];
  for (const die of entriesTagged(unit, FUNCTION_TAGS)) {
    if (!die.has(DW_AT.low_pc) && !die.has(DW_AT.ranges)) continue;
    for (const range of rangesOf(unit, die)) parts.push({ ...range, die });
  }
  return parts.sort((a, b) => a.start - b.start);
}
