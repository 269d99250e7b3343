import { assembleProgram, BPF_F_MMAPABLE, BPF_F_NO_PREALLOC, type MapSpec, R0, R1, R2, R10 } from "@beetrace/bytecode";
import { afterEach, expect, test } from "vitest";
import { BPF_NOEXIST, BpfMap, BpfProgram, possibleCpuCount, SyscallError } from "./index.ts";
import { expectNothingLeft } from "./test/leaks.ts";

afterEach(expectNothingLeft);

const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (...values: number[]) => new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
const spec = (type: MapSpec["type"], maxEntries: number, more: Partial<MapSpec> = {}): MapSpec => ({
  name: "test map!",
  type,
  keySize: 4,
  valueSize: 8,
  maxEntries,
  ...more,
});

function filled(map: BpfMap, count: number): BpfMap {
  for (let index = 0; index < count; index++) map.update(u32(index), u64(index * 3));
  return map;
}

const HASHES = [
  "BPF_MAP_TYPE_HASH",
  "BPF_MAP_TYPE_PERCPU_HASH",
  "BPF_MAP_TYPE_LRU_HASH",
  "BPF_MAP_TYPE_LRU_PERCPU_HASH",
] as const;

test.each(HASHES)("%s: one entry", (type) => {
  using map = BpfMap.create(spec(type, 16));
  expect(map.lookup(u32(1))).toBeUndefined();
  map.update(u32(1), u64(77));
  expect(map.lookup(u32(1))).toEqual(u64(...Array(map.valuesPerEntry).fill(77)));
  expect(() => map.update(u32(1), u64(1), BPF_NOEXIST)).toThrow(/EEXIST/);
  expect([map.delete(u32(1)), map.delete(u32(1))]).toEqual([true, false]);
});

test.each(HASHES)("%s: 10,000 entries, read, zeroed, taken, cleared", (type) => {
  using map = filled(BpfMap.create(spec(type, 20_000)), 10_000);
  const keys = (entries: Iterable<readonly [Uint8Array, Uint8Array]>) =>
    [...entries].map(([key]) => new DataView(key.buffer, key.byteOffset).getUint32(0, true)).sort((a, b) => a - b);
  const all = Array.from({ length: 10_000 }, (_, index) => index);
  expect(keys(map.entries())).toEqual(all);
  for (const [key, value] of map.entries()) {
    const number = new DataView(key.buffer, key.byteOffset).getUint32(0, true);
    expect(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true)).toBe(BigInt(number * 3));
  }
  map.zero();
  expect(map.readAll().values.every((byte) => byte === 0)).toBe(true);
  const taken = map.takeAll();
  expect(taken.count).toBe(10_000);
  expect(map.readAll().count).toBe(0);
  filled(map, 5000).clear();
  expect(map.readAll().count).toBe(0);
});

test("arrays are zeroed by clear, and read by batch", () => {
  for (const type of ["BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_PERCPU_ARRAY"] as const) {
    using map = filled(BpfMap.create(spec(type, 100)), 100);
    expect(map.readAll().count).toBe(100);
    expect(map.lookup(u32(99))).toEqual(u64(...Array(map.valuesPerEntry).fill(297)));
    expect(map.takeAll().values.subarray(-8)).toEqual(u64(297));
    expect(map.readAll().values.some((byte) => byte !== 0)).toBe(false);
  }
});

test("per-CPU values: a value of each CPU, at multiples of 8", () => {
  using map = BpfMap.create(spec("BPF_MAP_TYPE_PERCPU_ARRAY", 1, { valueSize: 12, name: "counts" }));
  expect(map.valueStride).toBe(16 * possibleCpuCount());
  const program = assembleProgram({ name: "cpu", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
    a.storeImm("u32", R10, -4, 0);
    a.mov(R2, R10);
    a.aluImm("+", R2, -4);
    a.loadMap(R1, "counts");
    a.call("bpf_map_lookup_elem");
    a.jumpIfImm("==", R0, 0, "end");
    a.movImm(R1, 1);
    a.atomic("add", "u32", R0, 8, R1);
    a.label("end");
    a.movImm(R0, 0);
    a.exit();
  });
  using loaded = BpfProgram.load(program, { maps: new Map([["counts", map]]) });
  for (let run = 0; run < 7; run++) loaded.testRun({ cpu: run < 3 ? 0 : 1 });
  const value = map.lookup(u32(0)) ?? new Uint8Array(32);
  const view = new DataView(value.buffer);
  expect([view.getUint32(8, true), view.getUint32(24, true)]).toEqual([3, 4]);
});

test("map types without batch commands are read one by one", () => {
  using lpm = BpfMap.create(spec("BPF_MAP_TYPE_LPM_TRIE", 10, { keySize: 8, flags: BPF_F_NO_PREALLOC }));
  for (const bits of [8, 16, 24]) lpm.update(new Uint8Array([...u32(bits), 10, 1, 2, 3]), u64(bits));
  expect(lpm.readAll().count).toBe(3);
  lpm.clear();
  expect(lpm.readAll().count).toBe(0);

  using stacks = BpfMap.create(spec("BPF_MAP_TYPE_STACK_TRACE", 64, { valueSize: 127 * 8, name: "stacks" }));
  const program = assembleProgram({ name: "stack", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
    a.loadMap(R2, "stacks");
    a.movImm(3, 0);
    a.call("bpf_get_stackid");
    a.exit();
  });
  using loaded = BpfProgram.load(program, { maps: new Map([["stacks", stacks]]) });
  const id = loaded.testRun().returnValue;
  expect(stacks.readAll()).toMatchObject({ count: 1, keys: u32(id) });
  stacks.clear();
  expect(stacks.readAll().count).toBe(0);
});

test("queues and stacks give what was put in", () => {
  for (const [type, order] of [
    ["BPF_MAP_TYPE_QUEUE", [1, 2]],
    ["BPF_MAP_TYPE_STACK", [2, 1]],
  ] as const) {
    using map = BpfMap.create(spec(type, 4, { keySize: 0 }));
    for (const value of [1, 2]) map.update(new Uint8Array(0), u64(value));
    expect([map.take(), map.take(), map.take()]).toEqual([u64(order[0]), u64(order[1]), undefined]);
  }
});

test("contents, frozen for user space", () => {
  using map = BpfMap.create(spec("BPF_MAP_TYPE_ARRAY", 2, { contents: [u64(5), u64(6)], frozen: true }));
  expect([map.lookup(u32(0)), map.lookup(u32(1))]).toEqual([u64(5), u64(6)]);
  expect(() => map.update(u32(0), u64(1))).toThrow(/EPERM/);
});

test("mapped values are the map's", () => {
  using map = BpfMap.create(spec("BPF_MAP_TYPE_ARRAY", 3, { valueSize: 12, flags: BPF_F_MMAPABLE }));
  using mapped = map.mapValues({ writable: true });
  expect(mapped.bytes.length).toBe(48);
  mapped.bytes[32] = 9; // third value
  expect(map.lookup(u32(2))?.[0]).toBe(9);
  map.update(u32(1), new Uint8Array(12).fill(7));
  expect(mapped.bytes.subarray(16, 28)).toEqual(new Uint8Array(12).fill(7));
});

test("maps of maps", () => {
  using inner = BpfMap.create(spec("BPF_MAP_TYPE_HASH", 4));
  using outer = BpfMap.create(spec("BPF_MAP_TYPE_HASH_OF_MAPS", 4, { valueSize: 4 }), { inner });
  outer.update(u32(1), u32(inner.fd));
  expect(outer.lookup(u32(1))?.length).toBe(4);
});

test("a refused map says which and why", () => {
  expect(() => BpfMap.create(spec("BPF_MAP_TYPE_HASH", 0))).toThrow(SyscallError);
  expect(() => BpfMap.create(spec("BPF_MAP_TYPE_HASH", 0))).toThrow("map test map!: bpf(BPF_MAP_CREATE): EINVAL");
});
