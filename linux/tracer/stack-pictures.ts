import { closeSync, openSync, writeFileSync } from "node:fs";
import {
  countsStacks,
  type FoldedStack,
  flameGraph,
  foldEntries,
  foldedText,
  type MapEntry,
  type MapLayout,
  mergeStacks,
  type Resolver,
} from "@beetrace/output";
import { errnoText } from "@beetrace/std";
import type { MapPrinter } from "./printer.ts";
import type { OutputSink } from "./sink.ts";

/** Pictures that a run is asked for: paths, or `-` for where its output goes. */
export interface PictureFiles {
  /** An SVG. */
  readonly flame?: string;
  /** Folded stacks, as text. */
  readonly folded?: string;
}

/** What pictures are drawn of, and by whom. */
export interface PictureOptions extends PictureFiles {
  readonly layouts: readonly MapLayout[];
  readonly title: string;
  /** Every map is cleared once it was printed (`--every`): files have all that was counted, the output what is new. */
  readonly accumulate: boolean;
  readonly out: OutputSink;
}

/** A picture cannot be written. */
export class PictureError extends Error {
  override readonly name = "PictureError";
}

/** The path that stands for the run's output. */
const OUTPUT = "-";

/** Whether a run is asked for any. */
export function wantsPictures({ flame, folded }: PictureFiles = {}): boolean {
  return flame !== undefined || folded !== undefined;
}

/**
 * Takes the maps that count stacks when they are printed, and keeps them for pictures in place of their text: files always hold the
 * newest picture. Where a script has several such maps, their names are the roots.
 */
export class StackPictures {
  readonly #options: PictureOptions;
  /** By map: what files have of it, and what was printed since the last picture. */
  readonly #stacks = new Map<string, FoldedStack[]>();
  readonly #newest = new Map<string, FoldedStack[]>();
  readonly #unit: string;
  readonly #severalMaps: boolean;

  /** Throws {@link PictureError} where a file cannot be written: better before the run than after it. */
  constructor(options: PictureOptions) {
    this.#options = options;
    const drawn = options.layouts.filter(countsStacks);
    this.#severalMaps = drawn.length > 1;
    this.#unit = drawn.every(({ value }) => value.kind === "count") ? "samples" : "";
    for (const path of [options.flame, options.folded]) {
      if (path !== undefined && path !== OUTPUT) attempt(path, () => closeSync(openSync(path, "a")));
    }
  }

  /** A picture goes where the output goes: a reader wants nothing before it. */
  get areOutput(): boolean {
    return this.#options.flame === OUTPUT || this.#options.folded === OUTPUT;
  }

  /** Shows maps that count stacks as pictures, the others by `printer`. */
  over(printer: MapPrinter, resolver: Resolver): MapPrinter {
    return {
      map: (layout, entries, options) => {
        if (countsStacks(layout)) this.#take(layout, entries, resolver);
        else printer.map(layout, entries, options);
      },
      cleared: (name) => printer.cleared?.(name),
    };
  }

  #take(layout: MapLayout, entries: readonly MapEntry[], resolver: Resolver): void {
    const { accumulate } = this.#options;
    const stacks = foldEntries(layout, entries, resolver);
    const before = accumulate ? (this.#stacks.get(layout.name) ?? []) : [];
    this.#stacks.set(layout.name, mergeStacks([...before, ...stacks]));
    this.#newest.set(layout.name, stacks);
  }

  /** Draws the maps that were printed since the last time. */
  draw(): void {
    if (this.#newest.size === 0) return;
    const { flame, folded, title } = this.#options;
    if (folded !== undefined) this.#write(folded, foldedText);
    if (flame !== undefined) this.#write(flame, (stacks) => flameGraph(stacks, { title, unit: this.#unit }));
    this.#newest.clear();
  }

  /** What was drawn, a line a file. */
  summary(): string {
    const stacks = this.#joined(this.#stacks);
    const counted = stacks.reduce((sum, { count }) => sum + count, 0).toLocaleString("en");
    const { flame, folded } = this.#options;
    const files = [flame, folded].filter((path) => path !== undefined && path !== OUTPUT);
    const unit = this.#unit === "" ? "counted" : this.#unit;
    return files.map((path) => `${path}: ${counted} ${unit} in ${stacks.length} stacks\n`).join("");
  }

  #joined(stacks: ReadonlyMap<string, readonly FoldedStack[]>): readonly FoldedStack[] {
    const maps = [...stacks].sort(([a], [b]) => (a < b ? -1 : 1));
    return maps.flatMap(([name, stacks]) =>
      this.#severalMaps ? stacks.map(({ frames, count }) => ({ frames: [name, ...frames], count })) : stacks,
    );
  }

  #write(path: string, picture: (stacks: readonly FoldedStack[]) => string): void {
    if (path === OUTPUT) this.#options.out.writeUnicode(picture(this.#joined(this.#newest)));
    else attempt(path, () => writeFileSync(path, picture(this.#joined(this.#stacks))));
  }
}

function attempt(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    if (!(cause instanceof Error && "errno" in cause && typeof cause.errno === "number")) throw cause;
    throw new PictureError(`failed to write file '${path}': ${errnoText(-cause.errno)}`, { cause });
  }
}
