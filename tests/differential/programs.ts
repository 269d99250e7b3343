/** The grammar of whole programs: what a probe does. */
import type { ArithmeticOperator, Callee, Expression, Place } from "./expressions.ts";
import type { IntType, Type } from "./types.ts";

export const AGGREGATIONS = ["count", "sum", "min", "max", "avg", "stats"] as const;
export type Aggregation = (typeof AGGREGATIONS)[number] | "hist" | "lhist";

/** `@x` or `@x[key]`, whose values are aggregates. */
export interface AggregateMap {
  readonly name: string;
  readonly aggregation: Aggregation;
  /** Some argument is signed: then the whole is. */
  readonly signed: boolean;
  readonly keyType?: Type;
}

export type Statement =
  /** `let $x: T = value;`, or `$x = value;` where the type is inferred: it is the value's. */
  | { readonly kind: "declare"; readonly name: string; readonly fixed?: Type; readonly value: Expression }
  | {
      readonly kind: "assign";
      readonly place: Place;
      readonly stored: Type;
      readonly keyType?: Type;
      readonly operator?: ArithmeticOperator;
      readonly value: Expression;
    }
  | { readonly kind: "evaluate"; readonly value: Expression }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly else: readonly Statement[];
    }
  /** `for $name : from..to` */
  | {
      readonly kind: "range";
      readonly name: string;
      readonly from: Expression;
      readonly to: Expression;
      readonly body: readonly Statement[];
    }
  /** `for $name : @map`; in any order, so the body must come to the same in each. */
  | { readonly kind: "each"; readonly name: string; readonly map: string; readonly body: readonly Statement[] }
  /** `name` counts up from 0 to below `count`, at the start of the body. */
  | { readonly kind: "while"; readonly name: string; readonly count: number; readonly body: readonly Statement[] }
  | { readonly kind: "unroll"; readonly count: number; readonly body: readonly Statement[] }
  | { readonly kind: "leave"; readonly how: "break" | "continue"; readonly condition: Expression }
  | { readonly kind: "print"; readonly values: readonly Expression[] }
  | {
      readonly kind: "aggregate";
      readonly map: AggregateMap;
      readonly key?: Expression;
      readonly value: Expression;
    }
  | { readonly kind: "delete"; readonly map: string; readonly keyType: Type; readonly key: Expression };

export interface Program {
  readonly callees: readonly Callee[];
  readonly body: readonly Statement[];
}

/** The bounds of every lhist() that programs have. */
export const LHIST = { min: 0n, max: 100n, step: 10n } as const;

/** What an aggregate reads as. */
export function aggregateType({ signed, aggregation }: AggregateMap): IntType {
  return { kind: "int", bits: 64, signed: signed && aggregation !== "count", flexible: false };
}
