import { closeSync, openSync, readSync } from "node:fs";

/** As the kernel's load_script() (fs/binfmt_script.c): the line's length, and how many scripts may run each other. */
const LINE_BYTES = 256;
const MOST_SCRIPTS = 5;

/** The program that runs when `path` is executed: itself, or the interpreter that its first line names (`#!`). */
export function commandProgram(path: string): string {
  let program = path;
  for (let depth = 0; depth < MOST_SCRIPTS; depth++) {
    const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(firstBytes(program))?.[1];
    if (interpreter === undefined) return program;
    program = interpreter;
  }
  return program;
}

function firstBytes(path: string): string {
  try {
    const fd = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(LINE_BYTES);
      return bytes.toString("utf8", 0, readSync(fd, bytes, 0, LINE_BYTES, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
