import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ElfFile } from "@beetrace/ebpf/symbols";
import { dynamicLinks } from "@beetrace/object";
import { findLibrary, LD_CACHE_FLAGS, type LdCacheEntry, parseLdCache } from "../catalog/ld-cache.ts";

const LD_CACHE = "/etc/ld.so.cache";
/** Where the loader looks last: ld.so(8). */
const DEFAULT_FOLDERS = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
/** A program with more libraries is beyond what is looked at before it starts. */
const MOST_FILES = 512;

/**
 * The files that a program consists of once it has started: itself, the dynamic loader and the libraries that it is linked
 * with. What cannot be found or read is left out: the program may load it all the same, and then it is seen.
 */
export function linkedFiles(program: string, libraryPath = ""): readonly string[] {
  const cache = readCache();
  const found = new Set([program]);
  for (const path of found) {
    if (found.size >= MOST_FILES) break;
    const links = readLinks(path);
    if (links?.interpreter !== undefined) found.add(links.interpreter);
    const folders = [...folderList(libraryPath, path), ...folderList(links?.searchPath ?? "", path)];
    for (const name of links?.needed ?? []) {
      const library = findNeeded(name, folders, cache);
      if (library !== undefined) found.add(library);
    }
  }
  return [...found];
}

function readLinks(path: string): ReturnType<typeof dynamicLinks> | undefined {
  try {
    using file = ElfFile.open(path);
    return dynamicLinks(file.elf);
  } catch {
    return undefined;
  }
}

function readCache(): readonly LdCacheEntry[] {
  try {
    return parseLdCache(readFileSync(LD_CACHE)) ?? [];
  } catch {
    return [];
  }
}

function folderList(text: string, path: string): readonly string[] {
  const origin = dirname(path);
  const folders = text.split(":").filter((folder) => folder !== "");
  return folders.map((folder) => folder.replaceAll(/\$ORIGIN|\$\{ORIGIN\}/g, origin));
}

function findNeeded(name: string, folders: readonly string[], cache: readonly LdCacheEntry[]): string | undefined {
  if (name.includes("/")) return name;
  const inFolders = (among: readonly string[]) =>
    among.map((folder) => join(folder, name)).find((at) => existsSync(at));
  return (
    inFolders(folders) ?? findLibrary(cache, name, LD_CACHE_FLAGS[process.arch] ?? 0) ?? inFolders(DEFAULT_FOLDERS)
  );
}
