/** What a process has mapped: the files of its code, and the names of its variables. */
import { existsSync, readFileSync } from "node:fs";
import { bytesSource, demangle, type Elf, ElfError, parseElf } from "@beetrace/object";
import { errnoText } from "@beetrace/std";
import { ToolError } from "./tool.ts";

/** A file where it is mapped: the beginning of a part of it. */
interface Mapping {
  readonly path: string;
  readonly start: number;
  readonly fileOffset: number;
  readonly isCode: boolean;
}

/** The files whose code a process runs, as others see them. Throws {@link ToolError} where there is no such process. */
export function processFiles(pid: number): readonly string[] {
  const code = mappings(pid).filter(({ isCode }) => isCode);
  return [...new Set(code.map(({ path }) => path))];
}

function mappings(pid: number): readonly Mapping[] {
  return [...mapsText(pid).matchAll(/^([0-9a-f]+)-\S+ (\S+) ([0-9a-f]+) \S+ \d+ +(\/.*?)(?: \(deleted\))?$/gm)]
    .map(([, start, rights, offset, path]) => ({
      path: `/proc/${pid}/root${path}`,
      start: Number.parseInt(start, 16),
      fileOffset: Number.parseInt(offset, 16),
      isCode: rights.includes("x"),
    }))
    .filter(({ path }) => existsSync(path));
}

function mapsText(pid: number): string {
  if (!existsSync(`/proc/${pid}`)) throw new ToolError(`there is no process ${pid}`);
  try {
    return readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch (cause) {
    if (!(cause instanceof Error && "errno" in cause && typeof cause.errno === "number")) throw cause;
    throw new ToolError(`failed to read what process ${pid} has mapped: ${errnoText(-cause.errno)}`);
  }
}

/** The variable of a process that holds an address; none for what is on a stack or the heap, and once it has ended. */
export function variableAt(pid: number, address: number): string | undefined {
  if (!existsSync(`/proc/${pid}`)) return undefined;
  const all = mappings(pid);
  for (const file of new Set(all.map(({ path }) => path))) {
    const name = variableOf(file, all, address);
    if (name !== undefined) return name;
  }
  return undefined;
}

function variableOf(file: string, all: readonly Mapping[], address: number): string | undefined {
  const first = all.find(({ path }) => path === file);
  const elf = elfOf(file);
  const loaded = first && elf?.addressOf(first.fileOffset);
  if (elf === undefined || first === undefined || loaded === undefined) return undefined;
  // The first part is mapped from where its page begins.
  const at = address - (first.start - (loaded - (loaded % PAGE)));
  const found = elf.symbols().findByAddress(at);
  return found?.symbol.type === "OBJECT" ? (demangle(found.symbol.name) ?? found.symbol.name) : undefined;
}

const PAGE = 4096;

function elfOf(path: string): Elf | undefined {
  try {
    return parseElf(bytesSource(readFileSync(path)));
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}
