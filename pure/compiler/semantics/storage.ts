/** How values of the language's types lie in memory. */
import { alignOf, sizeOf, type ValueType } from "@beetrace/output";
import { alignUp, invariant } from "@beetrace/std";
import { BUILD_ID_FRAME_BYTES } from "../stack-maps.ts";
import type { Field, StackType, StructType, Type } from "./types.ts";

/** The maps that hold stack traces, one a kind of frame. */
export function stackMapName({ mode }: StackType): string {
  return mode === "build_id" ? "stacks_build_id" : "stacks";
}

/** Bytes of a frame in such a map. */
export function frameBytes({ mode }: StackType): number {
  return mode === "build_id" ? BUILD_ID_FRAME_BYTES : 8;
}

/** The layout of a value of this type in a map, an event or on the BPF stack. */
export function layoutOf(type: Type): ValueType {
  switch (type.kind) {
    case "int":
      return { kind: "int", size: (type.bits / 8) as 1 | 2 | 4 | 8, signed: type.signed };
    case "enum":
      return { kind: "enum", size: type.sizeBytes, signed: type.signed, name: type.name, variants: type.variants };
    case "string":
      return { kind: "string", size: type.size, ...(type.isArray ? { isArray: true } : {}) };
    case "buffer":
      return { kind: "buffer", capacity: type.capacity };
    case "pointer":
      return { kind: "pointer" };
    case "array": {
      const element = layoutOf(type.of);
      return { kind: "array", element, count: type.count, stride: sizeOf(element) };
    }
    case "struct":
      return structLayout(type);
    case "tuple":
      return tupleLayout(type.elements);
    case "record": {
      const tuple = tupleLayout(type.fields.map((field) => field.type));
      invariant(tuple.kind === "tuple", "a tuple's layout is a tuple");
      const fields = tuple.fields.map((field, index) => ({ ...field, name: type.fields[index].name }));
      return { kind: "record", size: tuple.size, fields };
    }
    case "kstack":
    case "ustack":
      return { kind: type.kind, map: stackMapName(type), mode: type.mode, limit: type.limit };
    case "lhist":
      return { kind: "lhist", min: Number(type.min), max: Number(type.max), step: Number(type.step) };
    case "probe":
      return { kind: "probe" };
    case "float":
      return { kind: "none", size: type.sizeBytes };
    case "decimal":
      return { kind: "none" };
    default:
      return type;
  }
}

/** Elements in order at their natural alignment, as a C compiler would lay a struct. */
export function tupleLayout(elements: readonly Type[]): ValueType & { kind: "tuple" } {
  let at = 0;
  let align = 1;
  const fields = elements.map((element) => {
    const type = layoutOf(element);
    const own = alignOf(type);
    align = Math.max(align, own);
    const offset = alignUp(at, own);
    at = offset + sizeOf(type);
    return { offset, type };
  });
  return { kind: "tuple", size: alignUp(at, align), fields };
}

function structLayout(type: StructType): ValueType {
  const fields = type.fields().map((field) => ({
    name: field.name,
    offset: field.offsetBytes,
    type: fieldLayout(field),
    ...(field.bitfield ? { bitfield: field.bitfield } : {}),
  }));
  return { kind: "record", size: type.sizeBytes, fields };
}

function fieldLayout(field: Field): ValueType {
  return layoutOf(field.type);
}

/** Bytes that a value of this type takes in a map, an event or on the BPF stack, its padding included. */
export function storageSize(type: Type): number {
  return sizeOf(layoutOf(type));
}

/** What the address of a value of this type must be a multiple of, in bytes. */
export function storageAlign(type: Type): number {
  return alignOf(layoutOf(type));
}

/** What sizeof() gives. */
export function sizeInBytes(type: Type): number {
  return type.kind === "struct" ? type.sizeBytes : sizeOf(layoutOf(type));
}
