import type { DebugType } from "./debug-type.ts";
import type { EntryLocation } from "./entry-location.ts";
import type { SourcePlace } from "./line-table.ts";

/** A function that has code of its own. */
export interface DebugFunction {
  readonly name: string;
  /** Its first address. */
  readonly address: number;
  readonly parameters: readonly DebugParameter[];
  /** More may follow those that are named: `...`. */
  readonly isVariadic: boolean;
  /** `undefined` is void. */
  readonly result: DebugType | undefined;
}

/** A parameter of a function. */
export interface DebugParameter {
  /** Empty where it has none. */
  readonly name: string;
  readonly type: DebugType | undefined;
  /** Where it is at the function's first address, when the compiler said so: that goes before the calling convention. */
  readonly location?: EntryLocation;
}

/** A function whose code the compiler put into another. */
export interface InlinedCall {
  readonly name: string;
  /** As in a symbol table (mangled), where it differs. */
  readonly linkageName?: string;
  readonly place?: SourcePlace;
}

/** Where in the source code an address is. */
export interface SourceFrame {
  /** Of the function that has the address; where it calls the outermost of `inlined`, if there is one. */
  readonly place?: SourcePlace;
  /** What was put into it, innermost first. */
  readonly inlined: readonly InlinedCall[];
}

/** The places in a program that a line of source code stands for. */
export interface LineMatches {
  /** The source files that the name fits, of those with a line table. */
  readonly paths: readonly string[];
  /** One for each function that the line is in. */
  readonly addresses: readonly number[];
  /** Lines of the file that do have code, rising. */
  readonly otherLines: readonly number[];
}

/** Which kinds of named types there are to look for. */
export type TypeTag = "struct" | "union" | "enum" | "typedef";

/** What debug information says of a program or library. Each question reads what it needs. All throw `ElfError`. */
export interface DebugInfo {
  /** Equal where the debug information is that of the same build: its build id, or without one its sizes. */
  readonly identity: string;
  /** The function whose code holds `address`. */
  functionAt(address: number): DebugFunction | undefined;
  /** The definition of a type of one of these kinds, by its bare name: the first that there is. */
  type(name: string, ...tags: readonly TypeTag[]): DebugType | undefined;
  /** Where in the source code the instruction at `address` is. */
  frameAt(address: number): SourceFrame | undefined;
  /** What `file:line` stands for; `file` is a whole path or the end of one. A column of 0 is any. */
  line(file: string, line: number, column: number): LineMatches;
}
