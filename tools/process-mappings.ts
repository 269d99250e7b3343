/** What a process has mapped: the files of its code, and the names of its variables. */
import { existsSync, openSync, readFileSync } from "node:fs";
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

/** Finds the variable of a process that holds an address; none for what is on a stack or the heap. */
export type FindVariable = (address: number) => string | undefined;

/** Holds the files of a process, so that its variables have names also once it has ended. */
export function variablesOf(pid: number): FindVariable {
  const held = new Map<string, string>();
  let all: readonly Mapping[] = [];
  const look = () => {
    const now = mappings(pid);
    if (now.length === 0) return; // it has ended, and is not waited for yet
    all = now;
    for (const { path, executable } of now)
      if (executable && !held.has(path)) held.set(path, `/proc/self/fd/${openSync(path, "r")}`);
  };
  unlessGone(pid, look);
  return (address) => {
    unlessGone(pid, look);
    // Variables without a value lie behind what the file has.
    const nearest = all.findLast(({ start }) => start <= address);
    const file = nearest && held.get(nearest.path);
    if (nearest === undefined || file === undefined) return undefined;
    return variableOf(
      file,
      all.filter(({ path }) => path === nearest.path),
      address,
    );
  };
}

/** A process may end at any time. */
function unlessGone(pid: number, look: () => void): void {
  try {
    look();
  } catch (error) {
    if (existsSync(`/proc/${pid}`)) throw error;
  }
}

function variableOf(file: string, [first]: readonly Mapping[], address: number): string | undefined {
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
