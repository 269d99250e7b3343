import { debugTypeName, ElfError } from "@beetrace/object";
import type { MachineCatalog } from "./machine-catalog.ts";

/** `type name` of each parameter of a function that is listed as `path:function`, by its debug information. */
export function userParameters(catalog: MachineCatalog, listed: string): readonly string[] {
  const [path, name, quoted] = parts(listed);
  const language = quoted ? "cpp" : undefined;
  const [func] = catalog.binaries.functions(path, name, { language });
  try {
    const found = func && catalog.debugInfo(path)?.functionAt(func.address);
    return found?.parameters.map((parameter) => `${debugTypeName(parameter.type)} ${parameter.name}`.trimEnd()) ?? [];
  } catch (error) {
    if (error instanceof ElfError) return [];
    throw error;
  }
}

/** `path:function`, or `path:cpp:"function(parameters)"`. */
function parts(listed: string): readonly [path: string, name: string, isCpp: boolean] {
  const cpp = listed.indexOf(':cpp:"');
  if (cpp >= 0) return [listed.slice(0, cpp), listed.slice(cpp + 6, -1), true];
  const colon = listed.lastIndexOf(":");
  return [listed.slice(0, colon), listed.slice(colon + 1), false];
}
