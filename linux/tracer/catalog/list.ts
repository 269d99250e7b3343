import { existsSync } from "node:fs";
import { printCType } from "@beetrace/bytecode";
import { CatalogError } from "@beetrace/compiler/target";
import { LISTED_FAMILIES, type ListedProbe, type ProbeFamily } from "./listed-families.ts";
import type { MachineCatalog } from "./machine-catalog.ts";
import { hasWildcard, matcher } from "./wildcard.ts";

/** How much `-l` shows; without options one line for each probe, and of types the names only. */
export interface ListOptions {
  /** Also the parameters of each probe, and whole definitions of types. */
  readonly verbose?: boolean;
}

/**
 * The lines of `-l`: every probe that `search` matches, sorted within its family. `search` is a comma list of
 * `name`, `*name*`, `family:pattern` with `*` in either part, or `struct x`, `union x`, `enum x`; empty is all.
 */
export function* listProbes(search: string, options: ListOptions, catalog: MachineCatalog): Iterable<string> {
  for (const piece of search.split(",")) {
    const wanted = piece.trim().replace(/\s+/g, " ");
    const keyword = TYPE_KEYWORDS.find((each) => wanted.startsWith(`${each} `));
    if (keyword) yield* listTypes(keyword, wanted.slice(keyword.length + 1), options, catalog);
    else yield* listFamilies(wanted, options, catalog);
  }
}

function* listFamilies(wanted: string, options: ListOptions, catalog: MachineCatalog): Iterable<string> {
  const colon = wanted.indexOf(":");
  const family = colon < 0 ? "*" : wanted.slice(0, colon);
  const pattern = wanted.slice(colon + 1);
  for (const each of familiesMatching(family, pattern, catalog)) {
    for (const probe of probesOf(each, pattern, catalog)) {
      yield `${each.name}:${probe.text}`;
      if (!options.verbose) continue;
      for (const parameter of probe.parameters()) yield `    ${parameter}`;
    }
  }
}

/**
 * A family by its name or alias; by a wildcard those that are listed unasked: the kernel's, and with a process those of
 * user space. Sorted by name.
 */
function familiesMatching(wanted: string, pattern: string, catalog: MachineCatalog): readonly ProbeFamily[] {
  if (!hasWildcard(wanted)) {
    const lower = wanted.toLowerCase();
    return LISTED_FAMILIES.filter(
      (family) => family.name === lower || family.aliases.includes(wanted) || family.aliases.includes(lower),
    );
  }
  const isFamily = matcher(wanted.toLowerCase());
  const [target] = pattern.split(":", 1);
  const namesFile = target.includes("/") && (hasWildcard(target) || existsSync(target));
  const withUser = catalog.pid !== undefined || namesFile;
  return LISTED_FAMILIES.filter(
    (family) => isFamily(family.name) && (family.unasked === "kernel" || (family.unasked === "user" && withUser)),
  );
}

/** Nothing to be found there (no tracefs, no such file) is an empty list, not a fault. */
function probesOf(family: ProbeFamily, pattern: string, catalog: MachineCatalog): Iterable<ListedProbe> {
  try {
    return [...family.probes(catalog, pattern === "" ? "*" : pattern)];
  } catch (error) {
    if (error instanceof CatalogError) return [];
    throw error;
  }
}

const TYPE_KEYWORDS = ["struct", "union", "enum"] as const;
type TypeKeyword = (typeof TYPE_KEYWORDS)[number];

function* listTypes(
  keyword: TypeKeyword,
  pattern: string,
  options: ListOptions,
  catalog: MachineCatalog,
): Iterable<string> {
  const isMatch = matcher(pattern);
  const found: { readonly name: string; readonly module: string }[] = [];
  if (hasWildcard(pattern)) {
    for (const type of catalog.types.names(keyword)) if (isMatch(type.name)) found.push(type);
  } else {
    for (const { module, btf } of catalog.types.all()) {
      if (btf.findType(keyword, pattern) === undefined) continue;
      found.push({ name: pattern, module });
      break;
    }
  }
  for (const { name, module } of found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) {
    const btf = catalog.types.of(module);
    const id = btf?.findType(keyword, name);
    if (btf && id !== undefined) yield options.verbose ? `${module}: ${printCType(btf, id)}\n` : `${keyword} ${name}`;
  }
}
