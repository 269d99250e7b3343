/** Sizes of the types that headers declare, for the `sizeof` in their array bounds and constants. */
import type { Expression, TypeName } from "../ast.ts";
import type { CStruct, CType } from "../c-ast.ts";
import { layOutFields, type Measure } from "../semantics/c-layout.ts";
import { alignOfC, scalarType, sizeOfC } from "../semantics/c-scalars.ts";
import type { Declarations } from "./declarations.ts";

const POINTER: Measure = { sizeBytes: 8, alignBytes: 8 };
const ENUM: Measure = { sizeBytes: 4, alignBytes: 4 };
/** A type that is made of more levels than this is made of itself. */
const DEPTH_MAX = 64;

/** Measures types by what is declared so far. */
export class Measuring {
  readonly #declared: Declarations;
  readonly #structs = new Map<string, CStruct>();
  #seen = 0;

  constructor(declared: Declarations) {
    this.#declared = declared;
  }

  /** Bytes of a `sizeof`'s operand, or its alignment; `undefined` for a value, or a type that is not known. */
  measure(operand: Expression | TypeName, what: keyof Measure): bigint | undefined {
    if (operand.kind === "string") return BigInt(what === "sizeBytes" ? operand.value.length + 1 : 1);
    const measure = operand.kind === "identifier" ? this.#named(operand.name, 0) : this.#written(operand);
    return measure && BigInt(measure[what]);
  }

  #written(operand: Expression | TypeName): Measure | undefined {
    if (operand.kind !== "type-name" || operand.base.kind === "typeof") return undefined;
    const { base, pointers, dimensions } = operand;
    const own = pointers > 0 ? POINTER : this.#measure(base, 0);
    const count = dimensions.reduce((product: number, each) => product * Number(each ?? 0n), 1);
    return own && { ...own, sizeBytes: own.sizeBytes * count };
  }

  #measure(type: CType, depth: number): Measure | undefined {
    if (depth > DEPTH_MAX) return undefined;
    switch (type.kind) {
      case "named":
        return this.#named(type.name, depth);
      case "pointer":
        return POINTER;
      case "enum":
        return ENUM;
      case "array": {
        const of = this.#measure(type.of, depth + 1);
        return of && { ...of, sizeBytes: of.sizeBytes * (type.count ?? 0) };
      }
      case "inline":
        return type.definition.kind === "enum" ? ENUM : this.#struct(type.definition, depth);
      case "function":
        return undefined;
      default: {
        const definition = this.#definition(type.name);
        return definition && this.#struct(definition, depth);
      }
    }
  }

  #named(name: string, depth: number): Measure | undefined {
    const type = this.#declared.typedefs.get(name);
    if (type) return this.#measure(type, depth + 1);
    const scalar = scalarType(name);
    return scalar && { sizeBytes: sizeOfC(scalar), alignBytes: alignOfC(scalar) };
  }

  #struct(definition: CStruct, depth: number): Measure | undefined {
    const measures: Measure[] = [];
    for (const { type } of definition.fields) {
      const measure = this.#measure(type, depth + 1);
      if (measure === undefined) return undefined;
      measures.push(measure);
    }
    return layOutFields(definition, measures);
  }

  #definition(name: string): CStruct | undefined {
    const { definitions } = this.#declared;
    for (; this.#seen < definitions.length; this.#seen++) {
      const definition = definitions[this.#seen];
      if (definition.kind !== "enum") this.#structs.set(definition.name, definition);
    }
    return this.#structs.get(name);
  }
}
