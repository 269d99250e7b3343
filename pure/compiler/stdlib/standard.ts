/** The part of the language that is written in itself: a file of macros is parsed when a script first names one of them. */
import { invariant } from "@beetrace/std";
import { Diagnostics } from "../diagnostic.ts";
import { Library } from "../macros/library.ts";
import { movedBy } from "../macros/tree.ts";
import { parseScript } from "../parser/parser.ts";
import { nextBase, type SourceFile } from "../sources.ts";
import { STANDARD_FILES } from "./files.ts";

const MACRO = /^macro (\w+)/gm;

/** Which file has the macros of a name. */
const FILE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(STANDARD_FILES).flatMap(([file, text]) => [...text.matchAll(MACRO)].map(([, name]) => [name, file])),
);

/** Whether the standard library has a macro of this name. */
export function isStandardMacro(name: string): boolean {
  return FILE_OF.has(name);
}

/** Names of all macros of the standard library. */
export function standardNames(): Iterable<string> {
  return FILE_OF.keys();
}

/** The standard library as one compilation reads it; files that are read join `sources`. */
export class StandardLibrary {
  readonly #sources: SourceFile[];
  readonly #files = new Map<string, Library>();

  constructor(sources: SourceFile[]) {
    this.#sources = sources;
  }

  /** The file that has the macros of this name. */
  find(name: string): Library | undefined {
    const file = FILE_OF.get(name);
    if (file === undefined) return undefined;
    const library = this.#files.get(file) ?? this.#read(file);
    this.#files.set(file, library);
    return library;
  }

  #read(file: string): Library {
    const text = STANDARD_FILES[file];
    const base = nextBase(this.#sources);
    this.#sources.push({ name: `stdlib/${file}`, text, base });
    const { script, diagnostics } = parseScript(text, { params: [] });
    invariant(!diagnostics.hasErrors, `${file} of the standard library parses`);
    const library = new Library();
    for (const item of movedBy(script.items, base)) {
      if (item.kind === "macro" || item.kind === "function") library.add(item, new Diagnostics());
    }
    return library;
  }
}
