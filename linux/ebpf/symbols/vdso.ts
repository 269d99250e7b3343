import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { bytesSource, type Elf, parseElf } from "@beetrace/object";
import { parseMaps } from "./process-maps.ts";

/**
 * The library that the kernel maps into every process. It has no file; all 64-bit processes of a machine have the same
 * image, so it is read from our own memory. `undefined` where there is none.
 */
export function readVdso(): Elf | undefined {
  try {
    const own = parseMaps(readFileSync("/proc/self/maps", "latin1")).find((mapping) => mapping.path === "[vdso]");
    if (!own) return undefined;
    const image = new Uint8Array(own.end - own.start);
    const fd = openSync("/proc/self/mem", "r");
    try {
      readSync(fd, image, 0, image.length, own.start);
    } finally {
      closeSync(fd);
    }
    return parseElf(bytesSource(image));
  } catch {
    return undefined;
  }
}
