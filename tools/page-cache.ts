/** The page cache: how it is hooked, and what its counts say. */
import { readFileSync } from "node:fs";
import { TOOL_SCRIPTS } from "./scripts.ts";
import { type Machine, type Plan, ToolError } from "./tool.ts";
import { functionHook, hookedBy } from "./vfs.ts";

/** Calls of an interval. */
export interface PageCalls {
  /** Put into the cache: filemap_add_folio(). */
  readonly added: number;
  /** Looked up: folio_mark_accessed(). */
  readonly accessed: number;
  /** Buffers of file systems that were written to: mark_buffer_dirty(). */
  readonly buffers: number;
  /** Written to: folio_account_dirtied(). */
  readonly dirtied: number;
}

/** The maps of the scripts. */
export const PAGE_MAPS = ["@added", "@accessed", "@buffers", "@dirtied"] as const;

/** The scripts of a tool: `functions.bt` where functions can be hooked, else `tracepoints.bt`. Throws {@link ToolError}. */
export function pageHooks(machine: Machine, tool: string): Pick<Plan, "script" | "notice"> {
  const hook = functionHook(machine, "filemap_add_folio", "folio_mark_accessed", "mark_buffer_dirty");
  if (hook !== undefined) return { script: hookedBy(hook, TOOL_SCRIPTS[`${tool}/functions.bt`]) };
  if (!machine.hasTracepoint("filemap", "mm_filemap_get_pages"))
    throw new ToolError(
      `${tool} needs kprobes, or fentry, or the tracepoint filemap:mm_filemap_get_pages of Linux 6.10`,
      "this kernel has none of them",
    );
  const hasOrder = machine.hasTracepointField("filemap", "mm_filemap_add_to_page_cache", "order");
  return {
    script: TOOL_SCRIPTS[`${tool}/tracepoints.bt`].replace("ORDER", hasOrder ? "args.order" : "0"),
    notice:
      "This kernel has neither kprobes nor fentry: counted are pages of 4 KiB that reads, page faults and file systems " +
      "come to, by tracepoints. Files in memory (tmpfs) are not seen.",
  };
}

/** Accesses that found their page and those that did not; what was written first is neither. */
export function hitsAndMisses({ added, accessed, buffers, dirtied }: PageCalls): { hits: number; misses: number } {
  const total = Math.max(0, accessed - buffers);
  // Reading ahead adds more pages than are asked for.
  const misses = Math.min(total, Math.max(0, added - dirtied));
  return { hits: total - misses, misses };
}

/** Of /proc/meminfo, in MiB. */
export function cacheSizes(): { buffers_mb: number; cached_mb: number } {
  const text = readFileSync("/proc/meminfo", "latin1");
  const mb = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { buffers_mb: mb("Buffers"), cached_mb: mb("Cached") };
}
