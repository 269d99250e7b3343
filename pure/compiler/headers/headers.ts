/** The headers that a script includes: what they declare and define, for the script to use. */
import type { CDefinition, CType } from "../c-ast.ts";
import { evaluateConstant } from "../parser/constants.ts";
import type { Grammar } from "../parser/cursor.ts";
import { decodeString } from "../parser/literals.ts";
import { wholeExpression } from "../parser/whole-expression.ts";
import type { Arch } from "../target.ts";
import { isBuiltInHeader, isKernelHeader, predefinedMacros } from "./built-in-headers.ts";
import { type Declarations, readDeclarations } from "./declarations.ts";
import { knownConstant } from "./known-constants.ts";
import { ExpansionLimitError } from "./macros.ts";
import { Measuring } from "./measure.ts";
import { Preprocessing, type ReadInclude } from "./preprocess.ts";

/** What headers are read for. */
export interface HeadersTarget {
  readonly arch: Arch;
  /** The kernel's own types, in place of headers that declare them. */
  readonly btf: unknown;
}

/** It exists in the trees of kernels only, and says how theirs was configured. */
const KERNEL_CONFIG = "linux/kconfig.h";
/** What all of the kernel's own sources are compiled with (LINUXINCLUDE of its makefile). */
const KERNEL_COMPILER = "linux/compiler_types.h";

/** All headers of one script. Nothing is read, and nothing prepared, before the first one. */
export class Headers implements Declarations {
  readonly definitions: CDefinition[] = [];
  readonly typedefs = new Map<string, CType>();
  /** Those of enumerations. */
  readonly constants = new Map<string, bigint>();
  readonly #read: ReadInclude;
  readonly #target: HeadersTarget;
  readonly #measuring = new Measuring(this);
  readonly #values = new Map<string, bigint | undefined>();
  readonly #early: string[] = [];
  #preprocessing: Preprocessing | undefined;
  #grammar: Grammar | undefined;

  constructor(read: ReadInclude, target: HeadersTarget) {
    this.#read = read;
    this.#target = target;
  }

  /** Reads a header and all that it includes. Says what is wrong, if anything is. */
  include(path: string, system: boolean, grammar: Grammar): string | undefined {
    try {
      const preprocessing = this.#started(grammar);
      const { text, missing } = preprocessing.include(path, system, grammar);
      readDeclarations(text, grammar, this, this);
      this.#values.clear();
      const lost = missing.find((each) => !this.#canDoWithout(each.path));
      if (lost === undefined) return undefined;
      return `'${lost.path}' file not found${lost.from === undefined ? "" : ` (included by ${lost.from})`}`;
    } catch (error) {
      if (error instanceof ExpansionLimitError) return `'${path}' is too large: ${error.message}`;
      throw error;
    }
  }

  define(text: string): void {
    if (this.#preprocessing) this.#preprocessing.macros.define(text);
    else this.#early.push(`#define ${text}`);
    this.#values.clear();
  }

  undefine(name: string): void {
    if (this.#preprocessing) this.#preprocessing.macros.undefine(name);
    else this.#early.push(`#undef ${name}`);
    this.#values.clear();
  }

  /** The value of an `#if`'s condition. */
  evaluate(text: string, grammar: Grammar): bigint | undefined {
    try {
      return this.#started(grammar).evaluate(text, grammar);
    } catch (error) {
      if (error instanceof ExpansionLimitError) return undefined;
      throw error;
    }
  }

  isDefined = (name: string): boolean => this.#preprocessing?.macros.has(name) ?? false;

  measure = this.#measuring.measure.bind(this.#measuring);

  /** The value of a macro or of an enumeration's constant. */
  valueOf = (name: string): bigint | undefined => {
    if (this.#preprocessing === undefined) return undefined;
    if (this.#values.has(name)) return this.#values.get(name);
    const value = this.constants.get(name) ?? this.#macroValue(name);
    this.#values.set(name, value);
    return value;
  };

  /** What a name stands for in the script: a number, or byte text; what no header says may be known anyway. */
  meaningOf(name: string): bigint | string | undefined {
    if (this.#preprocessing === undefined) return undefined;
    return this.valueOf(name) ?? this.#text(name) ?? knownConstant(name, this.#target.arch);
  }

  #started(grammar: Grammar): Preprocessing {
    if (this.#preprocessing) return this.#preprocessing;
    this.#grammar = grammar;
    this.#preprocessing = new Preprocessing(this.#read);
    this.#preprocessing.readText(predefinedMacros(this.#target.arch), grammar);
    this.#preprocessing.readText(this.#early.join("\n"), grammar);
    if (this.#read(KERNEL_CONFIG, true, undefined) !== undefined) {
      this.#preprocessing.macros.define("__KERNEL__ 1");
      for (const path of [KERNEL_CONFIG, KERNEL_COMPILER]) this.#preprocessing.include(path, true, grammar);
    }
    return this.#preprocessing;
  }

  #canDoWithout(path: string): boolean {
    return isBuiltInHeader(path) || (isKernelHeader(path) && this.#target.btf !== undefined);
  }

  #expansion(name: string): readonly string[] {
    const macro = this.#preprocessing?.macros.get(name);
    if (!this.#preprocessing || !macro || macro.params) return [];
    try {
      return this.#preprocessing.expanded([name]);
    } catch (error) {
      if (error instanceof ExpansionLimitError) return [];
      throw error;
    }
  }

  #macroValue(name: string): bigint | undefined {
    const tokens = this.#expansion(name);
    if (tokens.length === 0 || !this.#grammar) return undefined;
    const expression = wholeExpression(tokens.join(" "), 0, this.#grammar);
    const scope = {
      valueOf: (each: string) => this.constants.get(each),
      isDefined: this.isDefined,
      measure: this.measure,
    };
    return expression && evaluateConstant(expression, scope);
  }

  #text(name: string): string | undefined {
    const tokens = this.#expansion(name);
    if (tokens.length === 0 || tokens.some((each) => each[0] !== '"')) return undefined;
    return tokens.map((each) => decodeString(each).value).join("");
  }
}
