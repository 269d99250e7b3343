import { E2BIG, EINVAL } from "./errno.ts";
import { VmFault } from "./error.ts";
import type { KeyedMap } from "./keyed-map.ts";
import type { VmHelper, VmMachine } from "./machine.ts";

/** The most rounds of bpf_loop and of the number iterator: BPF_MAX_LOOPS in include/linux/bpf_verifier.h. */
export const BPF_MAX_LOOPS = 1 << 23;

function keyedMapAt(machine: VmMachine, address: bigint): KeyedMap {
  const map = machine.mapAt(address);
  if (map.kind !== "keyed") throw new VmFault(`${map.spec.name} (${map.spec.type}) has no keys`);
  return map;
}

/** Helpers that work on hash and array maps, and loops. */
export const MAP_HELPERS: Readonly<Record<string, VmHelper>> = {
  bpf_map_lookup_elem(machine, mapAddress, keyAddress) {
    const map = keyedMapAt(machine, mapAddress);
    const key = machine.memory.read(keyAddress, map.spec.keySize);
    return map.lookup(key, machine.environment.cpu)?.base ?? 0n;
  },

  bpf_map_update_elem(machine, mapAddress, keyAddress, valueAddress, flags) {
    const map = keyedMapAt(machine, mapAddress);
    const key = machine.memory.read(keyAddress, map.spec.keySize);
    const value = machine.memory.read(valueAddress, map.spec.valueSize);
    return BigInt(map.update(key, value, flags, machine.environment.cpu));
  },

  bpf_map_delete_elem(machine, mapAddress, keyAddress) {
    const map = keyedMapAt(machine, mapAddress);
    return BigInt(map.delete(machine.memory.read(keyAddress, map.spec.keySize)));
  },

  bpf_map_lookup_percpu_elem(machine, mapAddress, keyAddress, cpu) {
    const map = keyedMapAt(machine, mapAddress);
    const key = machine.memory.read(keyAddress, map.spec.keySize);
    return map.lookupOn(key, Number(BigInt.asUintN(32, cpu)))?.base ?? 0n;
  },

  /** Calls `callback(map, &key, &value, context)` for each entry until it returns 1; returns how many calls were made. */
  bpf_for_each_map_elem(machine, mapAddress, callback, context, flags) {
    if (flags !== 0n) return BigInt(-EINVAL);
    const map = keyedMapAt(machine, mapAddress);
    let calls = 0n;
    for (const key of map.keys()) {
      const value = map.lookup(key, machine.environment.cpu);
      if (value === undefined) continue;
      const keySegment = machine.memory.allocate(`${map.spec.name} key`, key, { writable: false });
      const stop = machine.callFunction(callback, mapAddress, keySegment.base, value.base, context);
      machine.memory.retire(keySegment);
      calls++;
      if (stop !== 0n) break;
    }
    return calls;
  },

  /** Calls `callback(i, context)` for i from 0 until it returns 1 or `count` is reached; returns how many calls were made. */
  bpf_loop(machine, count, callback, context, flags) {
    if (flags !== 0n) return BigInt(-EINVAL);
    const rounds = BigInt.asUintN(32, count);
    if (rounds > BigInt(BPF_MAX_LOOPS)) return BigInt(-E2BIG);
    for (let i = 0n; i < rounds; i++) {
      if (machine.callFunction(callback, i, context) !== 0n) return i + 1n;
    }
    return rounds;
  },
};
