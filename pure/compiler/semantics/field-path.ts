import { findField } from "./c-types.ts";
import { type StructType, type Type, typeName } from "./types.ts";

/** How far a field lies from the start of a struct, through the structs on the path; or what is wrong with the path. */
export function offsetOfPath(
  outer: Type,
  path: readonly string[],
): { readonly offsetBytes: number; readonly type: Type } | { readonly problem: string } {
  let type = outer;
  let offsetBytes = 0;
  for (const name of path) {
    if (type.kind !== "struct") return { problem: `'${typeName(type)}' has no fields` };
    const field = findField(type as StructType, name);
    if (!field) return { problem: `'${typeName(type)}' has no field '${name}'` };
    if (field.bitfield) return { problem: `'${name}' is a bitfield` };
    offsetBytes += field.offsetBytes;
    type = field.type;
  }
  return { offsetBytes, type };
}
