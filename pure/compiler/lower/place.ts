import type { Base, Operand } from "../ir/ir.ts";
import type { Space } from "../semantics/types.ts";

/** Where a value in memory is. */
export interface Place {
  readonly base: Base;
  readonly offset: number;
  readonly space: Space;
}

/** What lowering an expression gives. Scalars are in registers, extended to 64 bits by their own sign. */
export type Value =
  | { readonly kind: "none" }
  | { readonly kind: "scalar"; readonly operand: Operand }
  | { readonly kind: "place"; readonly place: Place };

/** What lowering gives for an expression that only has an effect. */
export const NO_VALUE: Value = { kind: "none" };

/** A value that is in a register, or known already. */
export function scalar(operand: Operand): Value {
  return { kind: "scalar", operand };
}

/** The place `bytes` further on. */
export function shifted(place: Place, bytes: number): Place {
  return bytes === 0 ? place : { ...place, offset: place.offset + bytes };
}
