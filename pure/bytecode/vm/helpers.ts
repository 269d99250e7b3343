/** The helpers and kfuncs that tracing programs use, as the kernel defines them. Source: include/uapi/linux/bpf.h. */
import { MAP_HELPERS } from "./helpers-map.ts";
import { MEMORY_HELPERS } from "./helpers-memory.ts";
import { OUTPUT_HELPERS } from "./helpers-output.ts";
import { TASK_HELPERS } from "./helpers-task.ts";
import type { VmHelper } from "./machine.ts";
import { NUMBER_ITERATOR } from "./number-iterator.ts";

/** By full name (`bpf_map_lookup_elem`). */
export const STANDARD_HELPERS: Readonly<Record<string, VmHelper>> = {
  ...MAP_HELPERS,
  ...MEMORY_HELPERS,
  ...OUTPUT_HELPERS,
  ...TASK_HELPERS,
};

/** By BTF name. */
export const STANDARD_KFUNCS: Readonly<Record<string, VmHelper>> = {
  ...NUMBER_ITERATOR,
  bpf_rdonly_cast: (_machine, pointer) => pointer,
};
