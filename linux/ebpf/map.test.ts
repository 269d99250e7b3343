import type { MapSpec } from "@beetrace/bytecode";
import { InvariantError } from "@beetrace/std";
import { afterEach, expect, test } from "vitest";
import { openHandles } from "./handle.ts";
import { BpfMap } from "./map.ts";
import { deleteEntries } from "./map-batch.ts";
import { fakeSys } from "./sys/fake.ts";

afterEach(() => expect(openHandles()).toEqual([]));

const HASH: MapSpec = { name: "hash", type: "BPF_MAP_TYPE_HASH", keySize: 4, valueSize: 8, maxEntries: 20_000 };
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (value: number) => new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);

function filled(sys: ReturnType<typeof fakeSys>, count: number): BpfMap {
  const map = BpfMap.create(HASH, { sys });
  for (let index = 0; index < count; index++) map.update(u32(index), u64(index));
  return map;
}

test.each([true, false])("all entries, with batch commands: %s", (batches) => {
  const sys = fakeSys({ batches });
  using map = filled(sys, 9000);
  const { count, keys, values } = map.readAll();
  expect([count, keys.length, values.length]).toEqual([9000, 36_000, 72_000]);
  expect([...map.entries()][8999]).toEqual([u32(8999), u64(8999)]);
  expect(sys.calls.filter((call) => call === "mapLookupBatch").length).toBe(batches ? 6 : 2); // 4,096 each, or in vain
  expect(sys.calls.filter((call) => call === "mapLookupElem").length).toBe(batches ? 0 : 18_000);
});

test.each([true, false])("taking, zeroing and clearing, with batch commands: %s", (batches) => {
  using map = filled(fakeSys({ batches }), 5000);
  map.zero();
  expect([map.readAll().count, map.readAll().values.some((byte) => byte !== 0)]).toEqual([5000, false]);
  map.update(u32(4), u64(44));
  const taken = map.takeAll();
  expect(taken.count).toBe(5000);
  expect(map.readAll().count).toBe(0);
  map.update(u32(1), u64(1));
  map.clear();
  expect(map.lookup(u32(1))).toBeUndefined();
});

test("an entry that went away meanwhile does not stop the deleting of the rest", () => {
  using map = filled(fakeSys(), 10);
  const entries = map.readAll();
  map.delete(u32(3));
  deleteEntries(map, entries);
  expect(map.readAll().count).toBe(0);
});

test("a looked-up value is a copy, a shared one is not", () => {
  using map = filled(fakeSys(), 3);
  const copy = map.lookup(u32(1));
  const shared = map.lookupShared(u32(1));
  map.lookupShared(u32(2));
  expect([copy, shared]).toEqual([u64(1), u64(2)]);
});

test("a key or value of the wrong size is our bug", () => {
  using map = filled(fakeSys(), 1);
  expect(() => map.lookup(new Uint8Array(3))).toThrow(InvariantError);
  expect(() => map.update(u32(0), new Uint8Array(4))).toThrow("value of 4 bytes for map hash (8)");
});

test("a map whose contents cannot be filled in is closed", () => {
  const sys = fakeSys();
  expect(() => BpfMap.create({ ...HASH, contents: [new Uint8Array(1)] }, { sys })).toThrow(InvariantError);
  expect(sys.open.size).toBe(0);
});
