/** From the text of a script to what is compiled of it: what it imports is read, what it calls is expanded. */
import type { Import, Item, Script } from "./ast.ts";
import { BUILTINS } from "./builtins/index.ts";
import { Diagnostics } from "./diagnostic.ts";
import { Expander } from "./macros/expand.ts";
import { type Definition, Library } from "./macros/library.ts";
import { movedBy } from "./macros/tree.ts";
import { parseScript } from "./parser/parser.ts";
import type { IncludedHeaders } from "./parser/preprocessor.ts";
import { nextBase, type SourceFile, type Sources } from "./sources.ts";
import { StandardLibrary } from "./stdlib/standard.ts";

/** A file that an import names, or one of a directory that it names. */
export interface ImportedFile {
  /** What tells it from others, and stands in messages: its path. */
  readonly name: string;
  readonly text: string;
}

/** Reads what `import "path"` names in the file `from`; a text is the reason why it cannot. */
export type ReadImport = (path: string, from: string) => readonly ImportedFile[] | string;

/** How a script is read. */
export interface ReadOptions {
  readonly sourceName: string;
  readonly params: readonly string[];
  /** Absent: imports are refused. */
  readonly readImport?: ReadImport;
  /** Reads the headers that the script and what it imports include. */
  readonly headers?: IncludedHeaders;
  /** Headers that are included before the first line. */
  readonly includeFiles?: readonly string[];
}

/** A script with all that it imports and calls in place. `written` is its own tree, as it stands in the text. */
export interface ReadScript {
  readonly written: Script;
  readonly script: Script;
  readonly sources: Sources;
  readonly diagnostics: Diagnostics;
}

/** Parses a script and what it imports, and expands the macros and functions that it calls. */
export function readScript(text: string, options: ReadOptions): ReadScript {
  const reader = new Reader(options);
  const { script: written, diagnostics } = parseScript(text, options);
  reader.diagnostics.addAll(diagnostics);
  reader.sources.push({ name: options.sourceName, text, base: 0 });
  const imported = reader.imports(written.imports, options.sourceName);
  const all = { ...written, items: [...imported.items, ...written.items] };
  const whole = { ...all, definitions: [...imported.definitions, ...written.definitions] };
  const script = reader.diagnostics.hasErrors ? whole : reader.expanded(whole);
  return { written, script, sources: reader.sources, diagnostics: reader.diagnostics };
}

/** What an imported file adds to a script. */
type Imported = Pick<Script, "items" | "definitions">;

class Reader {
  readonly diagnostics = new Diagnostics();
  readonly sources: SourceFile[] = [];
  readonly #options: ReadOptions;
  readonly #seen = new Set<string>();

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  /** Everything that these imports name, each file once. */
  imports(list: readonly Import[], from: string): Imported {
    const found = list.flatMap((each) => this.#files(each, from).map((file) => this.#parse(file)));
    return { items: found.flatMap(({ items }) => items), definitions: found.flatMap((each) => each.definitions) };
  }

  #files({ path, span }: Import, from: string): readonly ImportedFile[] {
    const files = this.#options.readImport?.(path, from) ?? "this script cannot import others";
    if (typeof files !== "string") return files.filter(({ name }) => !this.#seen.has(name));
    this.diagnostics.error(span, `Cannot import '${path}': ${files}`);
    return [];
  }

  #parse({ name, text }: ImportedFile): Imported {
    this.#seen.add(name);
    const base = nextBase(this.sources);
    this.sources.push({ name, text, base });
    const { params, headers } = this.#options;
    const parsed = parseScript(text, { params, headers, library: true });
    for (const each of parsed.diagnostics.all) this.diagnostics.add(movedBy(each, base));
    const script = movedBy(parsed.script, base);
    if (script.configSpan)
      this.diagnostics.error(script.configSpan, "A config block stands in the script itself, not in what it imports");
    const { items, definitions } = this.imports(script.imports, name);
    return { items: [...items, ...script.items], definitions: [...definitions, ...script.definitions] };
  }

  /** The script without macros and functions: their bodies stand where they were called. */
  expanded(script: Script): Script {
    const library = new Library();
    const items: Item[] = [];
    for (const item of script.items) {
      if (item.kind === "macro" || item.kind === "function") this.#define(library, item);
      else items.push(item);
    }
    const standard = new StandardLibrary(this.sources);
    const libraries = {
      script: library,
      standard: (name: string) => standard.find(name),
      isBuiltin: (name: string) => BUILTINS.has(name),
    };
    const expander = new Expander(libraries, this.diagnostics);
    const expanded = items.map((item) => (item.kind === "probe" ? expander.probe(item) : item));
    for (const func of library.functions) {
      if (!expander.called.has(func)) this.diagnostics.warning(func.span, `Unused function: ${func.name}`);
    }
    return { ...script, items: expanded };
  }

  #define(library: Library, definition: Definition): void {
    const { kind, name, span } = definition;
    if (kind === "function" && BUILTINS.has(name)) {
      this.diagnostics.error(
        span,
        `${name}() is a function of the language: a function of a script needs another name`,
      );
    }
    library.add(definition, this.diagnostics);
  }
}
