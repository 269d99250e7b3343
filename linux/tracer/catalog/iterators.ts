import type { Btf } from "@beetrace/bytecode";

const FUNCTION_PREFIX = "bpf_iter_";
const STRUCT_PREFIX = "bpf_iter__";

/**
 * The kinds of objects that BPF iterators of this kernel go through (`task`, `task_file`, …), sorted. The kernel declares
 * each by a function `bpf_iter_X` and its context by `struct bpf_iter__X` (DEFINE_BPF_ITER_FUNC in include/linux/bpf.h).
 * Requires Linux 5.8.
 */
export function iteratorNames(btf: Btf): readonly string[] {
  const names: string[] = [];
  for (const struct of btf.names("struct")) {
    if (!struct.startsWith(STRUCT_PREFIX)) continue;
    const name = struct.slice(STRUCT_PREFIX.length);
    if (btf.findType("func", FUNCTION_PREFIX + name) !== undefined) names.push(name);
  }
  return names.sort();
}
