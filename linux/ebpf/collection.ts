import type { CollectionSpec, MapSpec } from "@beetrace/bytecode";
import { invariant } from "@beetrace/std";
import { BpfMap } from "./map.ts";
import { openPinnedMap } from "./pinned-map.ts";
import { BpfProgram, type ProgramOptions } from "./program.ts";

/** Options of {@link Collection.load}. */
export interface CollectionOptions extends Omit<ProgramOptions, "maps"> {
  /** Maps that exist already, in place of those of the same name in the spec. They are not disposed with the rest. */
  readonly maps?: ReadonlyMap<string, BpfMap>;
  /** How many entries these maps have, in place of what the spec says. */
  readonly entries?: ReadonlyMap<string, number>;
}

/** All maps and programs of a script or object file, in the kernel. */
export class Collection implements Disposable {
  readonly maps: ReadonlyMap<string, BpfMap>;
  readonly programs: ReadonlyMap<string, BpfProgram>;
  readonly #owned: readonly Disposable[];

  private constructor(maps: Map<string, BpfMap>, programs: Map<string, BpfProgram>, owned: readonly Disposable[]) {
    this.maps = maps;
    this.programs = programs;
    this.#owned = owned;
  }

  /** Makes all maps, or opens those that are pinned, then loads all programs. When one of them fails, none is left. Throws as those do. */
  static load(spec: CollectionSpec, options: CollectionOptions = {}): Collection {
    const maps = new Map(options.maps);
    const programs = new Map<string, BpfProgram>();
    const owned: Disposable[] = [];
    try {
      for (const mapSpec of spec.maps) {
        if (maps.has(mapSpec.name)) continue;
        const map = mapOf(mapSpec, options);
        owned.push(map);
        maps.set(mapSpec.name, map);
      }
      for (const programSpec of spec.programs) {
        invariant(!programs.has(programSpec.name), `two programs are named ${programSpec.name}`);
        const program = BpfProgram.load(programSpec, { ...options, maps });
        owned.push(program);
        programs.set(programSpec.name, program);
      }
      return new Collection(maps, programs, owned);
    } catch (error) {
      disposeBackwards(owned);
      throw error;
    }
  }

  /** The map of that name; its absence is a bug of the caller. */
  map(name: string): BpfMap {
    const map = this.maps.get(name);
    invariant(map !== undefined, `there is no map ${name}`);
    return map;
  }

  /** The program of that name; its absence is a bug of the caller. */
  program(name: string): BpfProgram {
    const program = this.programs.get(name);
    invariant(program !== undefined, `there is no program ${name}`);
    return program;
  }

  [Symbol.dispose](): void {
    disposeBackwards(this.#owned);
  }
}

function mapOf(spec: MapSpec, { entries, sys }: CollectionOptions): BpfMap {
  if (spec.pinnedAt !== undefined) return openPinnedMap(spec.pinnedAt, spec, sys);
  return BpfMap.create({ ...spec, maxEntries: entries?.get(spec.name) ?? spec.maxEntries }, { sys });
}

function disposeBackwards(owned: readonly Disposable[]): void {
  for (let index = owned.length - 1; index >= 0; index--) owned[index][Symbol.dispose]();
}
