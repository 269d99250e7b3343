import { closeSync, openSync, readSync } from "node:fs";
import { errnoText } from "@beetrace/std";

/** The first bytes of a file as byte text, or why there are none. `path` is byte text. */
export function fileStart(path: string, bytesMax: number): { readonly text: string } | { readonly problem: string } {
  const bytes = Buffer.allocUnsafe(bytesMax);
  try {
    const fd = openSync(Buffer.from(path, "latin1"), "r");
    try {
      return { text: bytes.toString("latin1", 0, readUpTo(fd, bytes)) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof Error && "errno" in error) return { problem: errnoText(-Number(error.errno)) };
    throw error;
  }
}

/** Files of /proc give a piece at a time. */
function readUpTo(fd: number, bytes: Buffer): number {
  let length = 0;
  while (length < bytes.length) {
    const got = readSync(fd, bytes, length, bytes.length - length, null);
    if (got === 0) break;
    length += got;
  }
  return length;
}
