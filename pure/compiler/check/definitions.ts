import type { CDefinition, CField, CType } from "../c-ast.ts";
import type { Diagnostics } from "../diagnostic.ts";
import type { CTypes } from "../semantics/c-types.ts";

/** Says what clang says of C that it is given, at the place of the text that clang would name. */
export type ClangError = (span: CField["span"], message: string) => void;

/** Tells of fields whose size is not known: their type is nowhere defined, or it is the struct that they stand in. */
export function checkDefinitions(
  definitions: readonly CDefinition[],
  types: CTypes,
  diagnostics: Diagnostics,
  clangError: ClangError,
): void {
  for (const definition of definitions) {
    if (definition.kind === "enum") continue;
    for (const { type, span, name } of definition.fields) {
      const missing = unknownType(type, types);
      const incomplete = missing === undefined ? kernelsOwn(type, types) : undefined;
      if (missing !== undefined) diagnostics.error(span, `Field '${name}' has the unknown type '${missing}'`);
      if (incomplete !== undefined) clangError(span, `field has incomplete type '${incomplete}'`);
      if (type.kind === "inline") checkDefinitions([type.definition], types, diagnostics, clangError);
    }
  }
}

/** The name of a type without a size. */
function unknownType(type: CType, types: CTypes): string | undefined {
  if (type.kind === "array") return unknownType(type.of, types);
  if (type.kind !== "named" && type.kind !== "struct" && type.kind !== "union") return undefined;
  const found = types.cType(type);
  if (found !== undefined && found.kind !== "none") return undefined;
  return type.kind === "named" ? type.name : `${type.kind} ${type.name}`;
}

/** A struct of the kernel in a script that writes another of the kernel's anew: the two would be mixed up. */
function kernelsOwn(type: CType, types: CTypes): string | undefined {
  if (type.kind === "array") return kernelsOwn(type.of, types);
  if (type.kind !== "struct" && type.kind !== "union") return undefined;
  return !types.isWritten(type.name) && types.redefinesKernel ? `${type.kind} ${type.name}` : undefined;
}
