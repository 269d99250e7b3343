import type { Elf } from "../elf.ts";
import { readingPart } from "../elf-error.ts";
import { buildId } from "../elf-notes.ts";
import { nameBytes } from "../symbol-names.ts";
import { CodeIndex } from "./code-index.ts";
import type {
  DebugFunction,
  DebugInfo,
  DebugParameter,
  InlinedCall,
  LineMatches,
  SourceFrame,
  TypeTag,
} from "./debug-info.ts";
import type { DebugType } from "./debug-type.ts";
import type { Die } from "./die.ts";
import { DwarfFile, type OpenFile } from "./dwarf-file.ts";
import { entryLocation } from "./entry-location.ts";
import { entriesTagged } from "./entry-walk.ts";
import { LineSearch } from "./line-search.ts";
import { LineTable, type SourcePlace } from "./line-table.ts";
import { DW_AT, DW_TAG } from "./names.ts";
import { rangesOf } from "./ranges.ts";
import { pathEndsWith } from "./source-path.ts";
import { SplitUnits } from "./split-units.ts";
import { TypeReader } from "./type-reader.ts";
import type { Unit, UnitFile } from "./unit.ts";
import { UnitFunctions } from "./unit-functions.ts";

/** Units whose functions and lines are kept: of a process few are looked at, of a listing all. */
const MOST_UNITS = 256;

const TAGS: Readonly<Record<TypeTag, readonly number[]>> = {
  // What C++ and Rust call a class is a struct all the same.
  struct: [DW_TAG.structure_type, DW_TAG.class_type],
  union: [DW_TAG.union_type],
  enum: [DW_TAG.enumeration_type],
  typedef: [DW_TAG.typedef],
};

/** Whether a file has debug information of its own. */
export function hasDebugInfo(elf: Elf): boolean {
  return (elf.section(".debug_info")?.sizeBytes ?? 0) > 0;
}

/**
 * The debug information of a file (DWARF 2 to 5); `undefined` where it has none. `path` is the program's, beside which
 * split units are looked for; `open` opens the other files that may have a part of it.
 */
export function readDebugInfo(elf: Elf, path: string, open: OpenFile): DebugInfo | undefined {
  return hasDebugInfo(elf) ? new DwarfInfo(elf, path, open) : undefined;
}

class DwarfInfo implements DebugInfo {
  readonly identity: string;
  readonly #file: DwarfFile;
  readonly #split: SplitUnits;
  readonly #types = new TypeReader((name, tag) => this.#definition(name, new Set([tag])));
  readonly #functions = new Map<Unit, UnitFunctions>();
  readonly #lines = new Map<Unit, LineTable | undefined>();
  readonly #byName = new Map<string, Die | undefined>();
  #code: CodeIndex | undefined;

  constructor(elf: Elf, path: string, open: OpenFile) {
    this.identity = buildId(elf) ?? elf.sections.map(({ sizeBytes }) => sizeBytes).join(" ");
    this.#file = new DwarfFile(elf, open);
    this.#split = new SplitUnits(path, open);
  }

  functionAt(address: number): DebugFunction | undefined {
    return reading(() => {
      const unit = this.#unitAt(address);
      const die = unit && this.#functionsOf(unit).at(address);
      return die && this.#function(unit, die, address);
    });
  }

  type(name: string, ...tags: readonly TypeTag[]): DebugType | undefined {
    return reading(() => {
      const die = this.#definition(name, new Set(tags.flatMap((tag) => TAGS[tag])));
      return die && this.#types.read(die);
    });
  }

  frameAt(address: number): SourceFrame | undefined {
    return reading(() => {
      const unit = this.#unitAt(address);
      if (!unit) return undefined;
      const table = this.#linesOf(unit);
      let place = table?.placeAt(address);
      const inlined: InlinedCall[] = [];
      for (const call of this.#functionsOf(unit).inlinedAt(address).toReversed()) {
        inlined.push({ ...namesOf(call), ...(place ? { place } : {}) });
        place = placeOfCall(call, table);
      }
      return { inlined, ...(place ? { place } : {}) };
    });
  }

  line(file: string, line: number, column: number): LineMatches {
    return reading(() => {
      const search = new LineSearch(line, column);
      for (const unit of this.#file.units) {
        const table = this.#lines.get(unit) ?? LineTable.of(unit);
        const isWanted = table?.files.map((path) => pathEndsWith(path, file));
        if (table && isWanted?.includes(true)) search.add(table, isWanted, (address) => this.#scopeAt(address));
      }
      return search.matches();
    });
  }

  #function(unit: Unit, die: Die, address: number): DebugFunction {
    const start = die.address(DW_AT.low_pc) ?? rangesOf(unit, die)[0]?.start ?? address;
    const parameters: DebugParameter[] = [];
    let isVariadic = false;
    for (const child of parameterEntries(die)) {
      if (child.tag === DW_TAG.unspecified_parameters) isVariadic = true;
      if (child.tag !== DW_TAG.formal_parameter) continue;
      const location = entryLocation(unit, child, start);
      const name = child.inheriting(DW_AT.name)?.text(DW_AT.name) ?? "";
      parameters.push({ name, type: this.#types.typeOf(child), ...(location ? { location } : {}) });
    }
    return { name: namesOf(die).name, address: start, parameters, isVariadic, result: this.#types.typeOf(die) };
  }

  /** A definition of that name, in the first unit that has one. */
  #definition(name: string, tags: ReadonlySet<number>): Die | undefined {
    const key = `${[...tags]} ${name}`;
    if (!this.#byName.has(key)) this.#byName.set(key, this.#findDefinition(name, tags));
    return this.#byName.get(key);
  }

  #findDefinition(name: string, tags: ReadonlySet<number>): Die | undefined {
    if (!this.#mentions(name)) return undefined;
    for (const unit of this.#unitsWithTypes()) {
      for (const die of entriesTagged(unit, tags)) {
        if (die.text(DW_AT.name) === name && !die.flag(DW_AT.declaration)) return die;
      }
      unit.release();
    }
    return undefined;
  }

  /** Names of the kernel's types are asked for as well: to see that one is nowhere is a hundred times quicker than to look for it. */
  #mentions(name: string): boolean {
    if (this.#file.units.some((unit) => this.#split.whole(unit) !== unit)) return true;
    const places = (["str", "info", "types"] as const).map((section) => this.#file.section(section));
    const bytes = nameBytes(name);
    return places.some((section) => !section.isWhole || includesBytes(section.from(0), bytes));
  }

  *#unitsWithTypes(): Iterable<Unit> {
    const files = new Set<UnitFile>([this.#file]);
    for (const each of this.#file.units) {
      const unit = this.#split.whole(each);
      files.add(unit.file);
      yield unit;
    }
    for (const file of files) yield* file.typeUnits;
  }

  #unitAt(address: number): Unit | undefined {
    this.#code ??= new CodeIndex(this.#file);
    const unit = this.#code.unitAt(address);
    return unit && this.#split.whole(unit);
  }

  #functionsOf(unit: Unit): UnitFunctions {
    let functions = this.#functions.get(unit);
    if (!functions) {
      functions = new UnitFunctions(unit);
      if (this.#functions.size >= MOST_UNITS) this.#functions.clear();
      this.#functions.set(unit, functions);
    }
    return functions;
  }

  #linesOf(unit: Unit): LineTable | undefined {
    const owner = unit.skeleton ?? unit;
    if (!this.#lines.has(owner)) {
      if (this.#lines.size >= MOST_UNITS) this.#lines.clear();
      this.#lines.set(owner, LineTable.of(unit));
    }
    return this.#lines.get(owner);
  }

  /** What tells apart the copies of a line: the function that it is in, or the call that put it there. */
  #scopeAt(address: number): string {
    const unit = this.#unitAt(address);
    const functions = unit && this.#functionsOf(unit);
    const die = functions?.inlinedAt(address).at(-1) ?? functions?.at(address);
    return `${unit?.skeleton?.offset ?? unit?.offset} ${die?.offset}`;
  }
}

/** A copy of a function has parameters of its own; what has none continues what it was declared as. */
function parameterEntries(die: Die): readonly Die[] {
  const isParameter = ({ tag }: Die) => tag === DW_TAG.formal_parameter || tag === DW_TAG.unspecified_parameters;
  const own = [...die.children()].filter(isParameter);
  const origin =
    own.length > 0 ? undefined : (die.reference(DW_AT.abstract_origin) ?? die.reference(DW_AT.specification));
  return origin ? [...origin.children()].filter(isParameter) : own;
}

function namesOf(die: Die): { readonly name: string; readonly linkageName?: string } {
  const name = die.inheriting(DW_AT.name)?.text(DW_AT.name) ?? "";
  const linkageName =
    die.inheriting(DW_AT.linkage_name)?.text(DW_AT.linkage_name) ??
    die.inheriting(DW_AT.MIPS_linkage_name)?.text(DW_AT.MIPS_linkage_name);
  return { name, ...(linkageName === undefined ? {} : { linkageName }) };
}

function placeOfCall(call: Die, table: LineTable | undefined): SourcePlace | undefined {
  const path = table?.files[call.number(DW_AT.call_file) ?? -1];
  const line = call.number(DW_AT.call_line) ?? 0;
  return !path || line === 0 ? undefined : { path, line, column: call.number(DW_AT.call_column) ?? 0 };
}

function includesBytes(bytes: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) return true;
  }
  return false;
}

function reading<T>(read: () => T): T {
  return readingPart("debug information", read);
}
