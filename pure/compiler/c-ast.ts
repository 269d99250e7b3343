/** The C part of the syntax tree: definitions of types in a script, or in a header that it includes. */
import type { Node, Span } from "./span.ts";

/** `struct x { … };`, `union x { … };`, `enum x { … };` of C. */
export type CDefinition = CStruct | CEnum;

/** `struct x { … } __attribute__((packed));` or a union. Offsets are worked out later, when all types are known. */
export interface CStruct extends Node {
  readonly kind: "struct" | "union";
  /** Empty for an anonymous one inside another. */
  readonly name: string;
  readonly fields: readonly CField[];
  readonly packed: boolean;
  readonly alignedBytes?: number;
}

/** `u32 pid;`, `char comm[16];`, `unsigned flag : 1;`. Each name of `int a, b;` is one. */
export interface CField extends Node {
  /** Empty for an anonymous struct or union, or an unnamed bitfield. */
  readonly name: string;
  readonly type: CType;
  readonly bitWidth?: number;
  readonly packed?: boolean;
  readonly alignedBytes?: number;
}

/** `enum x { A, B = 5 };`; constants that have no value written have theirs worked out. */
export interface CEnum extends Node {
  readonly kind: "enum";
  readonly name: string;
  readonly constants: readonly { readonly name: string; readonly value: bigint; readonly span: Span }[];
}

/** A C type of a field. `name` is in canonical words: `unsigned long long`, `u32`, `struct x`. */
export type CType =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "struct" | "union" | "enum"; readonly name: string }
  | { readonly kind: "inline"; readonly definition: CDefinition }
  | { readonly kind: "pointer"; readonly to: CType }
  | { readonly kind: "array"; readonly of: CType /** `undefined`: a flexible array. */; readonly count?: number }
  | { readonly kind: "function" };
