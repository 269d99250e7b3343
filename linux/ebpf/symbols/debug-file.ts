import { basename, dirname, join, resolve } from "node:path";
import { crc32 } from "node:zlib";
import { buildId, debugLink, type Elf } from "@beetrace/object";
import { parseElfFile } from "./elf-source.ts";
import { FileSource } from "./file-source.ts";

const DEBUG_DIRECTORY = "/usr/lib/debug";
const CRC_CHUNK_BYTES = 1 << 20;

/** A separate debug file. The caller disposes of the source. */
export interface DebugFile {
  readonly source: FileSource;
  readonly elf: Elf;
}

/** Where debug files are looked for. */
export interface DebugFileSearch {
  /** Put before paths to open them from here: the root of a container. */
  readonly root?: string;
  /**
   * Looked into first. One that is not absolute is meant as seen from the program's directory, as elfutils have it, or
   * else from ours.
   */
  readonly directories?: readonly string[];
}

/**
 * The debug file of a stripped one, by build id and then by debug link ("Debugging Information in Separate Files",
 * GDB manual), or as `PROGRAM.debug`. `path` is the file's path as seen below the root. A file that is not the right
 * one is passed over.
 */
export function openDebugFile(elf: Elf, path: string, search: DebugFileSearch = {}): DebugFile | undefined {
  const { root = "", directories = [] } = search;
  const id = attempt(() => buildId(elf));
  const directory = dirname(resolve(path));
  const given = directories.flatMap((each) => [...new Set([root + resolve(directory, each), resolve(each)])]);
  for (const place of [...given, root + DEBUG_DIRECTORY]) {
    if (id === undefined || id.length <= 2) break;
    const found = openIf(
      `${place}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`,
      (debug) => buildId(debug.elf) === id,
    );
    if (found) return found;
  }
  const link = attempt(() => debugLink(elf));
  const isRight = (debug: DebugFile) => (id ? buildId(debug.elf) === id : crcOf(debug.source) === link?.crc32);
  const places = [
    ...given.flatMap((each) => [each, join(each, directory)]),
    ...[directory, join(directory, ".debug"), join(DEBUG_DIRECTORY, directory)].map((each) => root + each),
  ];
  for (const name of namesOf(link?.file, path)) {
    for (const place of places) {
      const found = openIf(join(place, name), isRight);
      if (found) return found;
    }
  }
  return undefined;
}

function namesOf(linked: string | undefined, path: string): ReadonlySet<string> {
  const usable = linked === undefined || linked === "" || linked.includes("/") ? [] : [linked];
  return new Set([...usable, `${basename(path)}.debug`]);
}

function openIf(path: string, isRight: (debug: DebugFile) => boolean): DebugFile | undefined {
  const source = attempt(() => FileSource.open(path));
  if (!source) return undefined;
  const debug = attempt(() => {
    const elf = parseElfFile(source);
    return isRight({ source, elf }) ? { source, elf } : undefined;
  });
  if (!debug) source[Symbol.dispose]();
  return debug;
}

/** Missing and malformed files are all the same here: there is no debug file then. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function crcOf(source: FileSource): number {
  let crc = 0;
  for (let at = 0; at < source.sizeBytes; at += CRC_CHUNK_BYTES) {
    crc = crc32(source.read(at, Math.min(CRC_CHUNK_BYTES, source.sizeBytes - at)), crc);
  }
  return crc;
}
