import { utf8 } from "@beetrace/std";
import { EAGAIN, EINVAL } from "./errno.ts";
import { VmFault } from "./error.ts";
import type { VmHelper, VmMachine } from "./machine.ts";
import { RingMap } from "./maps.ts";
import { formatPrintk } from "./printk.ts";

/** perf_event_output to the buffer of the CPU it runs on. */
const BPF_F_CURRENT_CPU = 0xffffffffn;

// What bpf_ringbuf_query can be asked for.
const BPF_RB_AVAIL_DATA = 0n;
const BPF_RB_RING_SIZE = 1n;
const BPF_RB_CONS_POS = 2n;
const BPF_RB_PROD_POS = 3n;

function ringAt(machine: VmMachine, address: bigint): RingMap {
  const map = machine.mapAt(address);
  if (map.kind !== "ring") throw new VmFault(`${map.spec.name} (${map.spec.type}) is no ring buffer`);
  return map;
}

function commit(keep: boolean): VmHelper {
  return ({ memory }, sample) => {
    const ring = memory.ownerAt(sample);
    if (!(ring instanceof RingMap)) throw new VmFault(`${memory.describe(sample)} is not a reserved sample`);
    ring.commit(sample, keep);
    return 0n;
  };
}

function stringFrom(machine: VmMachine, address: bigint): string {
  const bytes = machine.memory.probeUpTo(address, 512);
  if (bytes === undefined) return "(efault)";
  const end = bytes.indexOf(0);
  return utf8(end < 0 ? bytes : bytes.subarray(0, end));
}

/** Helpers that send samples to user space, and lines to the trace pipe. */
export const OUTPUT_HELPERS: Readonly<Record<string, VmHelper>> = {
  bpf_ringbuf_reserve(machine, map, size, flags) {
    if (flags !== 0n) return 0n;
    return ringAt(machine, map).reserve(Number(size))?.base ?? 0n;
  },

  bpf_ringbuf_submit: commit(true),
  bpf_ringbuf_discard: commit(false),

  bpf_ringbuf_output(machine, map, data, size, _flags) {
    const ring = ringAt(machine, map);
    const bytes = machine.memory.read(data, Number(size));
    const sample = ring.reserve(bytes.length);
    if (sample === undefined) return BigInt(-EAGAIN);
    sample.bytes.set(bytes);
    ring.commit(sample.base, true);
    return 0n;
  },

  bpf_ringbuf_query(machine, map, what) {
    const ring = ringAt(machine, map);
    switch (what) {
      case BPF_RB_AVAIL_DATA:
        return BigInt(ring.usedBytes);
      case BPF_RB_RING_SIZE:
        return BigInt(ring.spec.maxEntries);
      case BPF_RB_CONS_POS:
        return ring.producedBytes - BigInt(ring.usedBytes);
      case BPF_RB_PROD_POS:
        return ring.producedBytes;
      default:
        return 0n;
    }
  },

  bpf_perf_event_output(machine, _context, mapAddress, flags, data, size) {
    const map = machine.mapAt(mapAddress);
    if (map.kind !== "perf") throw new VmFault(`${map.spec.name} (${map.spec.type}) is no perf event array`);
    const index = flags & BPF_F_CURRENT_CPU;
    const { cpu } = machine.environment;
    if (index !== BPF_F_CURRENT_CPU && index !== BigInt(cpu)) return BigInt(-EINVAL);
    map.output(cpu, machine.memory.read(data, Number(BigInt.asUintN(32, size))));
    return 0n;
  },

  bpf_trace_printk(machine, format, size, ...args) {
    const bytes = machine.memory.read(format, Number(BigInt.asUintN(32, size)));
    const end = bytes.indexOf(0);
    if (end < 0) return BigInt(-EINVAL);
    const line = formatPrintk(utf8(bytes.subarray(0, end)), args, (address) => stringFrom(machine, address));
    machine.trace(line);
    return BigInt(line.length);
  },
};
