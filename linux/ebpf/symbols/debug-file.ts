import { dirname, join } from "node:path";
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

/**
 * The debug file of a stripped one, by build id and then by debug link ("Debugging Information in Separate Files",
 * GDB manual). `path` is the file's path as seen below `root`. A file that is not the right one is passed over.
 */
export function openDebugFile(elf: Elf, path: string, root = ""): DebugFile | undefined {
  const id = attempt(() => buildId(elf));
  const byId = id && id.length > 2 ? [`${DEBUG_DIRECTORY}/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`] : [];
  for (const candidate of byId) {
    const found = openIf(root + candidate, (debug) => buildId(debug.elf) === id);
    if (found) return found;
  }
  const link = attempt(() => debugLink(elf));
  if (!link || link.file === "" || link.file.includes("/")) return undefined;
  const directory = dirname(path);
  const isRight = (debug: DebugFile) => (id ? buildId(debug.elf) === id : crcOf(debug.source) === link.crc32);
  for (const place of [directory, join(directory, ".debug"), join(DEBUG_DIRECTORY, directory)]) {
    const found = openIf(root + join(place, link.file), isRight);
    if (found) return found;
  }
  return undefined;
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
