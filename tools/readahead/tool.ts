import type { Block } from "../blocks.ts";
import { histograms } from "../histograms.ts";
import { VERBOSE } from "../options.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Machine, type MapEntries, type Plan, type Screen, type Tool, ToolError } from "../tool.ts";
import { functionHook, hookedBy } from "../vfs.ts";

/** `beetrace readahead` */
export const tool: Tool = {
  name: "readahead",
  summary: "pages that are read before they are asked for: how many nobody asks for, how long the others wait",
  group: "files",
  options: [{ long: "duration", letter: "d", argument: "TIME", help: "end after so many seconds" }, VERBOSE],
  examples: [
    ["beetrace readahead", "until Ctrl-C"],
    ["beetrace readahead -d 20", "20 seconds"],
  ],
  hooks:
    "fentry and fexit, else kprobe and kretprobe do_page_cache_ra or page_cache_ra_order, filemap_alloc_folio, " +
    "folio_mark_accessed; else tracepoints readahead:page_cache_ra_{unbounded,order} and " +
    "filemap:mm_filemap_{add_to_page_cache,get_pages,fault,map_pages}",
  plan: (_, machine) => ({
    ...hooks(machine),
    intro: "Tracing... Hit Ctrl-C to end.",
    screen: { maps: ["@pages", "@used", "@ages"], blocks },
  }),
};

/** Names that these functions have had, the newest last. */
const READAHEAD = ["__do_page_cache_readahead", "do_page_cache_ra", "page_cache_ra_order"];
const ALLOCATE = ["filemap_alloc_folio", "filemap_alloc_folio_noprof"];

function hooks(machine: Machine): Pick<Plan, "script" | "notice"> {
  for (const readahead of READAHEAD)
    for (const allocate of ALLOCATE) {
      const hook = functionHook(machine, readahead, allocate, "folio_mark_accessed");
      if (hook === undefined) continue;
      const script = TOOL_SCRIPTS["readahead/functions.bt"].replaceAll("READAHEAD", readahead);
      return { script: hookedBy(hook, script.replaceAll("ALLOCATE", allocate)) };
    }
  if (!machine.hasTracepoint("readahead", "page_cache_ra_unbounded"))
    throw new ToolError(
      "readahead needs kprobes, or fentry, or the tracepoint readahead:page_cache_ra_unbounded",
      "this kernel has none of them",
    );
  return {
    script: TOOL_SCRIPTS["readahead/tracepoints.bt"],
    notice:
      "This kernel has neither kprobes nor fentry: counted are pages of 4 KiB that are asked for by reads and page " +
      "faults, by tracepoints.",
  };
}

function blocks(maps: Parameters<Screen["blocks"]>[0]): readonly Block[] {
  const [pages, used] = [total(maps("@pages")), total(maps("@used"))];
  const unused = pages - used;
  return [
    {
      kind: "lines",
      text: `\nRead-ahead unused pages: ${unused}\nHistogram of read-ahead used page age (ms):\n\n`,
      rows: [{ pages, used, unused }],
    },
    ...histograms(maps("@ages"), "age (ms)", () => undefined),
  ];
}

function total({ entries }: MapEntries): number {
  return Number(entries[0]?.value ?? 0);
}
