import { CatalogError } from "@beetrace/compiler/target";
import { demangle } from "@beetrace/object";
import type { MachineCatalog } from "./machine-catalog.ts";
import { hasWildcard, matcher } from "./wildcard.ts";

/**
 * `path:function` of `BIN:pattern`, `BIN`, or with a process `pattern` in all its files; of `BIN:cpp:pattern`
 * `path:cpp:"function(parameters)"`, as an attach point is written; sorted.
 */
export function userFunctionList(catalog: MachineCatalog, text: string): readonly string[] {
  const { paths, rest } = filesOf(catalog, text);
  const isCpp = rest.startsWith("cpp:");
  const pattern = isCpp ? rest.slice(4) : rest;
  return listed(paths, (path) => {
    const found = catalog.binaries.functions(path, pattern, { language: isCpp ? "cpp" : undefined });
    return found.map(({ name }) => (isCpp ? `${path}:cpp:"${demangle(name)}"` : `${path}:${name}`));
  });
}

/** `path:provider:name` of `BIN:provider:name`, `BIN:name`, `BIN`, or with a process `name` in all its files; sorted. */
export function usdtList(catalog: MachineCatalog, text: string): readonly string[] {
  const { paths, rest } = filesOf(catalog, text);
  const isWhole = matcher(rest);
  const isName = rest.includes(":") ? () => false : isWhole;
  return listed(paths, (path) => {
    const sites = catalog.binaries.usdtSites(path);
    const found = sites.filter((site) => isName(site.name) || isWhole(`${site.provider}:${site.name}`));
    return found.map((site) => `${path}:${site.provider}:${site.name}`);
  });
}

/** The files that the first part names, and the pattern after it. Without a process, one part alone is a file. */
function filesOf(catalog: MachineCatalog, text: string): { readonly paths: readonly string[]; readonly rest: string } {
  const colon = text.indexOf(":");
  if (colon >= 0) {
    const file = text.slice(0, colon);
    const found = catalog.userFiles(file);
    // Of several programs of a name the first on $PATH is meant, as in an attach point.
    return { paths: hasWildcard(file) ? found : found.slice(0, 1), rest: text.slice(colon + 1) };
  }
  if (catalog.pid !== undefined && !text.includes("/")) return { paths: catalog.userFiles("*"), rest: text };
  return { paths: text === "*" ? [] : catalog.userFiles(text), rest: "*" };
}

function listed(paths: readonly string[], read: (path: string) => readonly string[]): readonly string[] {
  const lines = new Set<string>();
  for (const path of paths) {
    try {
      for (const line of read(path)) lines.add(line);
    } catch (error) {
      // One damaged file of many does not hide the others.
      if (!(error instanceof CatalogError)) throw error;
    }
  }
  return [...lines].sort();
}
