/** Whole maps as they are at this moment: their entries sent to user space one by one, removed, set to zero. */
import { alignUp } from "@beetrace/std";
import { EVENT_HEADER_BYTES, EVENTS_MAP, type MapEntryEvent } from "../compiled.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import type { KernelMap } from "./assembly.ts";
import { BodyLowerer, finishBody } from "./loops.ts";
import type { Lowerer } from "./lowerer.ts";
import { isScalarMap, lookup } from "./maps.ts";
import { addressArgument, copyBytes, zero } from "./memory.ts";
import { repeat } from "./per-cpu.ts";
import type { Place } from "./place.ts";

/** Larger maps are left to user space: a program may run with interrupts off, and looks at each of their places. */
const ENTRIES_MAX = 16384;
const EVENT_BYTES_MAX = 1 << 16;

/** What a visit of all entries shares: u64 token of the snapshot, then u64 that is 1 once there was no room for one. */
const TOKEN = 0;
const FAILED = 8;
const SHARED_BYTES = 16;

interface Entry {
  readonly key: Place;
  /** Of a map that is not per CPU. */
  readonly value: Reg | undefined;
  readonly shared: Place;
}

/** The layout of an event with an entry of this map. */
function entryEvent(l: Lowerer, { layout, spec }: KernelMap): MapEntryEvent {
  const valueStride = alignUp(spec.valueSize, 8);
  const valuesSize = layout.perCpu ? valueStride * l.assembly.checker.target.possibleCpus : valueStride;
  const keyAt = EVENT_HEADER_BYTES + 8;
  return {
    token: EVENT_HEADER_BYTES,
    key: keyAt,
    keySize: spec.keySize,
    values: keyAt + alignUp(spec.keySize, 8),
    valuesSize,
  };
}

/** Whether a program can go through the map by itself. */
export function isReadWhole(l: Lowerer, map: KernelMap): boolean {
  const { values, valuesSize } = entryEvent(l, map);
  return map.spec.maxEntries <= ENTRIES_MAX && values + valuesSize <= EVENT_BYTES_MAX;
}

/**
 * Sends all entries, and with `take` removes them; gives the token by which user space finds them, and whether there was
 * no room for all. Requires Linux 5.19 (bpf_map_lookup_percpu_elem).
 */
export function sendEntries(l: Lowerer, map: KernelMap, take: boolean): { token: Operand; failed: Operand } {
  const event = entryEvent(l, map);
  l.assembly.needSnapshot((event.values + event.valuesSize) * map.spec.maxEntries);
  const action = l.assembly.action({ kind: "map-entry", map: map.info.name, event });
  // Only what interrupts a program sends from the same CPU before it is done, and that at another time.
  const now = l.b.alu("and", l.b.call("ktime_get_ns"), 0xffffffffn);
  const token = l.b.alu("or", l.b.alu("lsh", l.b.call("get_smp_processor_id"), 32n), now);
  const shared = l.b.slot(SHARED_BYTES);
  l.b.store(shared, TOKEN, 8, token);
  l.b.store(shared, FAILED, 8, 0n);
  forEachEntry(l, map, shared, (to, entry) => sendEntry(to, map, action, event, entry, take));
  return { token: l.b.load(shared, TOKEN, 8), failed: l.b.load(shared, FAILED, 8) };
}

/** Removes all entries. */
export function clearEntries(l: Lowerer, map: KernelMap): void {
  forEachEntry(l, map, l.b.slot(SHARED_BYTES), (to, entry) => removeEntry(to, map, entry));
}

/** Sets all values to zero; the entries stay. */
export function zeroEntries(l: Lowerer, map: KernelMap): void {
  forEachEntry(l, map, l.b.slot(SHARED_BYTES), (to, entry) =>
    eachValue(to, map, entry, (value) => zero(to, value, map.presentOffset ?? map.spec.valueSize)),
  );
}

function forEachEntry(
  l: Lowerer,
  map: KernelMap,
  shared: ReturnType<Lowerer["b"]["slot"]>,
  visit: (to: Lowerer, entry: Entry) => void,
): void {
  if (isScalarMap(map)) {
    const key = l.temp(8);
    l.b.store(key.base, key.offset, 4, 0n);
    visit(l, { key, value: undefined, shared: { base: shared, offset: 0, space: "bpf" } });
    return;
  }
  const name = `entry_${l.state.callbacks++}`;
  const body = new BodyLowerer(l, name, ["map", "key", "value", "env"]);
  const [, key, value, env] = body.params;
  visit(body, {
    key: { base: key, offset: 0, space: "bpf" },
    value,
    shared: { base: env, offset: 0, space: "bpf" },
  });
  finishBody(body);
  const argument = { kind: "slot", slot: shared.slot, offset: 0 } as const;
  l.b.call("for_each_map_elem", { kind: "map", map: map.name }, { kind: "function", name }, argument, 0n);
}

function sendEntry(
  l: Lowerer,
  map: KernelMap,
  action: number,
  event: MapEntryEvent,
  entry: Entry,
  take: boolean,
): void {
  const { shared } = entry;
  const size = BigInt(event.values + event.valuesSize);
  const record = l.b.call("ringbuf_reserve", { kind: "map", map: EVENTS_MAP }, size, 0n);
  const reserved = l.b.block();
  const full = l.b.block();
  const after = l.b.block();
  l.b.branch("ne", record, 0n, reserved, full);
  l.b.enter(reserved);
  l.b.store(record, 0, 8, BigInt(action));
  l.b.store(record, event.token, 8, l.b.load(shared.base, shared.offset + TOKEN, 8));
  copyBytes(l, { base: record, offset: event.key, space: "bpf" }, entry.key, event.keySize);
  const stride = alignUp(map.spec.valueSize, 8);
  eachValue(l, map, entry, (value, cpu) => {
    const to = cpu === undefined ? record : l.b.add(record, l.b.alu("mul", cpu, BigInt(stride)));
    copyBytes(l, { base: to, offset: event.values, space: "bpf" }, value, map.spec.valueSize);
    if (take && isScalarMap(map)) zero(l, value, map.spec.valueSize);
  });
  // At once: what is counted between the two is lost.
  if (take && !isScalarMap(map)) removeEntry(l, map, entry);
  l.b.call("ringbuf_submit", record, 0n);
  l.b.jump(after);
  l.b.enter(full);
  l.b.store(shared.base, shared.offset + FAILED, 8, 1n);
  if (take) l.countLost();
  l.b.jump(after);
  l.b.enter(after);
}

/** The only element of an array cannot be removed: it becomes one that was never written. */
function removeEntry(l: Lowerer, map: KernelMap, entry: Entry): void {
  if (isScalarMap(map)) return eachValue(l, map, entry, (value) => zero(l, value, map.spec.valueSize));
  l.b.call("map_delete_elem", { kind: "map", map: map.name }, addressArgument(l, entry.key));
}

/** Visits the values of an entry: that of each CPU, by its number, or the only one. */
function eachValue(l: Lowerer, map: KernelMap, entry: Entry, visit: (value: Place, cpu?: Reg) => void): void {
  const visitAt = (found: Reg, cpu?: Reg) => {
    const there = l.b.block();
    const after = l.b.block();
    l.b.branch("ne", found, 0n, there, after);
    l.b.enter(there);
    visit({ base: found, offset: 0, space: "bpf" }, cpu);
    l.b.jump(after);
    l.b.enter(after);
  };
  if (map.layout.perCpu) {
    repeat(l, l.assembly.checker.target.possibleCpus, (cpu) => {
      const key = addressArgument(l, entry.key);
      visitAt(l.b.call("map_lookup_percpu_elem", { kind: "map", map: map.name }, key, cpu), cpu);
    });
  } else if (entry.value !== undefined) {
    visit({ base: entry.value, offset: 0, space: "bpf" });
  } else {
    visitAt(lookup(l, map, entry.key));
  }
}
