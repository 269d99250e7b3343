/** What a process has mapped: the files of its code, and the names of its variables. */
import { existsSync, readFileSync } from "node:fs";
import { type Mapping, parseMaps } from "@beetrace/ebpf/symbols";
import { bytesSource, demangle, type Elf, ElfError, parseElf } from "@beetrace/object";
import { errnoText } from "@beetrace/std";
import { ToolError } from "./tool.ts";

/** The files whose code a process runs, as others see them. Throws {@link ToolError} where there is no such process. */
export function processFiles(pid: number): readonly string[] {
  const code = mappings(pid).filter(({ executable }) => executable);
  return [...new Set(code.map(({ path }) => path))];
}

/** Of files that can be read, by paths that hold here. */
function mappings(pid: number): readonly Mapping[] {
  return parseMaps(mapsText(pid))
    .filter(({ path }) => path.startsWith("/"))
    .map((mapping) => ({ ...mapping, path: `/proc/${pid}/root${mapping.path}` }))
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
  // Variables without a value lie behind what the file has.
  const nearest = all.findLast(({ start }) => start <= address);
  return nearest && variableOf(nearest.path, all, address);
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
