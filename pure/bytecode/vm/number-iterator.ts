import { E2BIG, EINVAL } from "./errno.ts";
import { BPF_MAX_LOOPS } from "./helpers-map.ts";
import type { VmHelper } from "./machine.ts";

/**
 * The open-coded number iterator, whose 8 bytes of state hold two 32-bit integers: the current number and the end.
 * Requires Linux 6.4. Source: bpf_iter_num_new and following in kernel/bpf/bpf_iter.c.
 */
export const NUMBER_ITERATOR: Readonly<Record<string, VmHelper>> = {
  bpf_iter_num_new(machine, iterator, start, end) {
    const from = Number(BigInt.asIntN(32, start));
    const to = Number(BigInt.asIntN(32, end));
    const error = from > to ? -EINVAL : to - from > BPF_MAX_LOOPS ? -E2BIG : 0;
    machine.memory.store(iterator, 4, BigInt(error === 0 ? from - 1 : 0));
    machine.memory.store(iterator + 4n, 4, BigInt(error === 0 ? to : 0));
    return BigInt(error);
  },

  /** Returns the address of the current number, or 0 at the end. */
  bpf_iter_num_next(machine, iterator) {
    const current = Number(BigInt.asIntN(32, machine.memory.load(iterator, 4))) + 1;
    const end = Number(BigInt.asIntN(32, machine.memory.load(iterator + 4n, 4)));
    const more = current < end;
    machine.memory.store(iterator, 4, BigInt(more ? current : 0));
    if (!more) machine.memory.store(iterator + 4n, 4, 0n);
    return more ? iterator : 0n;
  },

  bpf_iter_num_destroy(machine, iterator) {
    machine.memory.store(iterator, 8, 0n);
    return 0n;
  },
};
