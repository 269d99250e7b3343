import { expect, test } from "vitest";
import type { MapLayout } from "./map-layout.ts";
import { plainEntries } from "./plain-entries.ts";
import { bareResolver } from "./resolver.ts";
import type { Value } from "./value.ts";

const USTACK = { kind: "ustack", map: "stacks", mode: "bpftrace", limit: 2 } as const;
const KSTACK = { kind: "kstack", map: "stacks", mode: "bpftrace", limit: 127 } as const;
const INT = { kind: "int", size: 8, signed: false } as const;

const resolver = bareResolver({
  stack: (_map, id) => (id === 9 ? undefined : [0x10n, 0x20n, 0x30n]),
  ksym: (address) => (address === 0x20n ? undefined : { name: "vfs_read", offset: 4, module: "ext4" }),
  usym: (_address, pid) => ({ name: `f\xc3\xa9${pid}`, offset: 1, module: "/bin/a" }),
});
const stack = (id: number, pid = 0): Value => ({ kind: "stack", id, pid });
const list = (...items: Value[]): Value => ({ kind: "list", items });

const RECORD: MapLayout = {
  name: "@",
  perCpu: false,
  value: INT,
  key: {
    kind: "record",
    size: 32,
    fields: [
      { name: "user", offset: 0, type: USTACK },
      { name: "kernel", offset: 16, type: KSTACK },
    ],
  },
};

test("stacks are frames: as many as the limit, none where there is none, null where one is gone", () => {
  const entries = plainEntries(
    RECORD,
    [
      { key: list(stack(1, 7), stack(2)), value: 5 },
      { key: list(stack(-14, 7), stack(-17)), value: 2n ** 60n + 1n },
      { key: list(stack(9, 7), stack(2)), value: 0 },
    ],
    resolver,
  );
  const user = { name: "fé7", offset: 1, module: "/bin/a" };
  expect(entries[0]).toEqual({
    key: {
      user: [
        { address: "0x10", ...user },
        { address: "0x20", ...user },
      ],
      kernel: [
        { address: "0x10", name: "vfs_read", offset: 4, module: "ext4" },
        { address: "0x20", name: null, offset: 0, module: null },
        { address: "0x30", name: "vfs_read", offset: 4, module: "ext4" },
      ],
    },
    value: 5,
  });
  expect(entries[1]).toEqual({ key: { user: [], kernel: null }, value: String(2n ** 60n + 1n) });
  expect(entries[2].key).toMatchObject({ user: null });
  const kernelOf = (index: number) => (entries[index].key as { kernel: unknown }).kernel;
  expect(kernelOf(2)).toBe(kernelOf(0));
});

test("stacks in values, histograms and tuples", () => {
  const value = {
    kind: "tuple",
    size: 16,
    fields: [
      { offset: 0, type: INT },
      { offset: 8, type: KSTACK },
    ],
  } as const;
  const [entry] = plainEntries(
    { name: "@", perCpu: false, value },
    [{ key: null, value: list(3, stack(-14)) }],
    resolver,
  );
  expect(entry).toEqual({ key: null, value: [3, []] });
  const buckets = new Map([[3, 2]]);
  const hist: MapLayout = { name: "@", perCpu: true, key: INT, value: { kind: "hist", bits: 0 } };
  expect(plainEntries(hist, [{ key: 1, value: { kind: "histogram", buckets } }], resolver)).toEqual([
    { key: 1, value: [{ min: 2, max: 3, count: 2 }] },
  ]);
});
