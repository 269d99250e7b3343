/** C's preprocessor over files: directives, conditions, nested includes. It never fails: what is wrong is passed over. */
import { evaluateConstant } from "../parser/constants.ts";
import type { Grammar } from "../parser/cursor.ts";
import { wholeExpression } from "../parser/whole-expression.ts";
import { Macros } from "./macros.ts";
import { characterValue, isName, tokenize, withoutComments } from "./tokens.ts";

/** A header's text, and the path that its own `#include "…"` lines are relative to. */
export interface IncludedFile {
  readonly path: string;
  readonly text: string;
}

/** Finds a header: `<path>` if `system`, else `"path"`, as included by the file `from` (absent: by the script). */
export type ReadInclude = (path: string, system: boolean, from: string | undefined) => IncludedFile | undefined;

/** An `#include` line that named no file. */
export interface MissingInclude {
  readonly path: string;
  /** The file that the line is in; absent for the script. */
  readonly from?: string;
}

const DEPTH_MAX = 100;
/** Of all headers of a script together; those of a whole kernel that one includes are about 20 MB. */
const TEXT_MAX = 100_000_000;

const directive = /^[ \t]*#[ \t]*([a-z_]+)[ \t]*(.*)$/;

/** A condition around the line: whether its arm is read, whether one was already. */
interface Condition {
  active: boolean;
  taken: boolean;
}

/** The preprocessor of one script: its macros outlive the files that define them. */
export class Preprocessing {
  readonly macros = new Macros();
  readonly #read: ReadInclude;
  readonly #once = new Set<string>();
  readonly #missing: MissingInclude[] = [];
  #out: string[] = [];
  #depth = 0;
  #size = 0;

  constructor(read: ReadInclude) {
    this.#read = read;
  }

  /** The declarations of a header and of all that it includes. Throws ExpansionLimitError. */
  include(path: string, system: boolean, grammar: Grammar): { text: string; missing: readonly MissingInclude[] } {
    this.#missing.length = 0;
    this.#out = [];
    this.#include(path, system, undefined, grammar);
    return { text: this.#out.join("\n"), missing: [...this.#missing] };
  }

  /** What a text of directives says. */
  readText(text: string, grammar: Grammar): void {
    this.#file({ path: "", text }, grammar);
  }

  /** The value of the condition of an `#if`; `undefined` when it is none. An unknown name is 0. */
  evaluate(text: string, grammar: Grammar): bigint | undefined {
    const known = text.replace(/\bdefined\s*(?:\(\s*([A-Za-z_]\w*)\s*\)|([A-Za-z_]\w*))/g, (_all, inner, bare) =>
      this.macros.has(inner ?? bare) ? "1" : "0",
    );
    const tokens = this.expanded(tokenize(known)).map((each) => (isName(each) ? "0" : each));
    const expression = wholeExpression(tokens.join(" "), 0, grammar);
    return expression && evaluateConstant(expression, { valueOf: () => 0n, isDefined: () => false });
  }

  /** Tokens with their macros expanded, and characters as numbers. */
  expanded(tokens: readonly string[]): string[] {
    return this.macros.expand(tokens).map((each) => (each[0] === "'" ? String(characterValue(each)) : each));
  }

  #include(path: string, system: boolean, from: string | undefined, grammar: Grammar): void {
    const file = this.#read(path, system, from);
    if (file === undefined) this.#missing.push(from === undefined ? { path } : { path, from });
    else if (!this.#once.has(file.path) && this.#depth < DEPTH_MAX) {
      this.#depth++;
      this.#file(file, grammar);
      this.#depth--;
    }
  }

  #file(file: IncludedFile, grammar: Grammar): void {
    this.#size += file.text.length;
    if (this.#size > TEXT_MAX) return;
    const conditions: Condition[] = [];
    let plain: string[] = [];
    const flush = () => {
      if (plain.length > 0) this.#out.push(this.expanded(tokenize(plain.join("\n"))).join(" "));
      plain = [];
    };
    for (const line of withoutComments(file.text).split("\n")) {
      const match = line.includes("#") ? directive.exec(line) : null;
      const active = conditions.every((each) => each.active);
      if (match === null) {
        if (active && line !== "" && !/^\s*#/.test(line)) plain.push(line);
        continue;
      }
      const [, name, rest] = match;
      if (this.#condition(name, rest, conditions, active, grammar) || !active) continue;
      flush();
      this.#directive(name, rest, file, grammar);
    }
    flush();
  }

  /** Whether the directive is one of conditions. */
  #condition(name: string, rest: string, conditions: Condition[], active: boolean, grammar: Grammar): boolean {
    const defined = () => this.macros.has(rest.trim());
    const open = (holds: () => boolean) => {
      const taken = active && holds();
      conditions.push({ active: taken, taken: taken || !active });
    };
    const last = conditions[conditions.length - 1];
    const next = (holds: () => boolean) => {
      if (last === undefined) return;
      last.active = !last.taken && holds();
      last.taken ||= last.active;
    };
    switch (name) {
      case "if":
        open(() => this.#holds(rest, grammar));
        return true;
      case "ifdef":
        open(defined);
        return true;
      case "ifndef":
        open(() => !defined());
        return true;
      case "elif":
        next(() => this.#holds(rest, grammar));
        return true;
      case "else":
        next(() => true);
        return true;
      case "endif":
        conditions.pop();
        return true;
      default:
        return false;
    }
  }

  #holds(text: string, grammar: Grammar): boolean {
    const value = this.evaluate(text, grammar);
    return value !== undefined && value !== 0n;
  }

  #directive(name: string, rest: string, file: IncludedFile, grammar: Grammar): void {
    switch (name) {
      case "define":
        return this.macros.define(rest);
      case "undef":
        return this.macros.undefine(rest.trim());
      case "pragma":
        if (rest.trim() === "once") this.#once.add(file.path);
        return;
      case "include": {
        const written = /^\s*[<"]/.test(rest) ? rest : this.expanded(tokenize(rest)).join("");
        const match = /^\s*(?:<([^>]+)>|"([^"]+)")/.exec(written);
        if (match) this.#include(match[1] ?? match[2], match[1] !== undefined, file.path, grammar);
      }
    }
  }
}
