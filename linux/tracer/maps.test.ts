import type { MapSpec } from "@beetrace/bytecode";
import type { CompiledMap } from "@beetrace/compiler";
import { singleSource } from "@beetrace/compiler";
import { Collection, fakeSys, possibleCpuCount } from "@beetrace/ebpf";
import { bareResolver } from "@beetrace/output";
import { describe, expect, it, onTestFinished } from "vitest";
import { ScriptMaps } from "./maps.ts";
import { OutputSink } from "./sink.ts";
import { TextPrinter } from "./text-printer.ts";

const KEY_ZERO = new Uint8Array(4);

function u64s(...values: number[]): Uint8Array {
  return new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
}

function printing() {
  const written: string[] = [];
  const write = (_fd: number, bytes: Uint8Array) => written.push(Buffer.from(bytes).toString("latin1")) && bytes.length;
  const sink = new OutputSink({ fd: 1, mode: "none", write });
  const printer = new TextPrinter(sink, sink, { sources: singleSource("stdin", ""), color: false }, bareResolver());
  const taken = () => written.splice(0).join("");
  return { printer, taken };
}

function loaded(specs: readonly MapSpec[], maps: readonly CompiledMap[]) {
  const collection = Collection.load({ maps: specs, programs: [] }, { sys: fakeSys() });
  onTestFinished(() => collection[Symbol.dispose]());
  const { printer, taken } = printing();
  return { collection, maps: new ScriptMaps(maps, collection, printer), taken };
}

const SCALAR: MapSpec = { name: "AT_x", type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: 16, maxEntries: 1 };
const scalar: CompiledMap = {
  layout: { name: "@x", value: { kind: "int", size: 8, signed: true }, perCpu: false },
  map: "AT_x",
  presentOffset: 8,
  valueSize: 8,
};

describe("a scalar map", () => {
  it("prints its zero while it is absent, and is left out at the end", () => {
    const { collection, maps, taken } = loaded([SCALAR], [scalar]);
    collection.map("AT_x").update(KEY_ZERO, u64s(0, 0));
    maps.print("@x", {});
    expect(taken()).toBe("@x: 0\n");
    maps.printAll();
    expect(taken()).toBe("");
    collection.map("AT_x").update(KEY_ZERO, u64s(7, 1));
    maps.printAll();
    expect(taken()).toBe("@x: 7\n");
  });

  it("is there with zero after zero(), and gone after clear()", () => {
    const { collection, maps, taken } = loaded([SCALAR], [scalar]);
    collection.map("AT_x").update(KEY_ZERO, u64s(7, 1));
    maps.zero("@x");
    maps.printAll();
    expect(taken()).toBe("@x: 0\n");
    maps.clear("@x");
    maps.printAll();
    expect(taken()).toBe("");
  });
});

describe("an interval", () => {
  const U64 = { kind: "int", size: 8, signed: false } as const;
  const hash = (name: string): MapSpec => ({
    name,
    type: "BPF_MAP_TYPE_HASH",
    keySize: 8,
    valueSize: 8,
    maxEntries: 9,
  });
  const keyed = (name: string, working?: true): CompiledMap => ({
    layout: { name: `@${name}`, key: U64, value: U64, perCpu: false },
    map: `AT_${name}`,
    valueSize: 8,
    ...(working && { working }),
  });

  it("prints results and clears them, and leaves alone what serves to compute", () => {
    const { collection, maps, taken } = loaded(
      [hash("AT_a"), hash("AT_start"), SCALAR],
      [keyed("start", true), keyed("a"), scalar],
    );
    collection.map("AT_a").update(u64s(1), u64s(10));
    collection.map("AT_start").update(u64s(2), u64s(20));
    collection.map("AT_x").update(KEY_ZERO, u64s(7, 1));
    maps.printInterval();
    expect(taken()).toBe("@a[1]: 10\n@x: 7\n");
    maps.printInterval();
    expect(taken()).toBe("");
    maps.printAll();
    expect(taken()).toBe("@start[2]: 20\n");
  });

  it("prints what serves to compute where there is nothing else, and does not clear it", () => {
    const { collection, maps, taken } = loaded([hash("AT_start")], [keyed("start", true)]);
    collection.map("AT_start").update(u64s(2), u64s(20));
    for (const _ of [1, 2]) maps.printInterval();
    expect(taken()).toBe("@start[2]: 20\n@start[2]: 20\n");
  });
});

describe("a scalar histogram on every CPU", () => {
  const BUCKETS = 70;
  const spec: MapSpec = {
    name: "AT_h",
    type: "BPF_MAP_TYPE_PERCPU_ARRAY",
    keySize: 4,
    valueSize: BUCKETS * 8 + 8,
    maxEntries: 1,
  };
  const compiled: CompiledMap = {
    layout: { name: "@h", value: { kind: "lhist", min: 0, max: 68, step: 1 }, perCpu: true, buckets: "value" },
    map: "AT_h",
    presentOffset: BUCKETS * 8,
    valueSize: BUCKETS * 8,
  };

  it("does not take the word that says that it was written for a bucket", () => {
    const { collection, maps } = loaded([spec], [compiled]);
    const cpus = possibleCpuCount();
    const words = new BigUint64Array((BUCKETS + 1) * cpus);
    for (let cpu = 0; cpu < cpus; cpu++) words[cpu * (BUCKETS + 1) + 3] = 2n;
    words[BUCKETS] = 1n; // written on the first CPU only
    collection.map("AT_h").update(KEY_ZERO, new Uint8Array(words.buffer));
    const [{ value }] = maps.entries("@h");
    expect(value).toEqual({ kind: "histogram", buckets: new Map([[3, 2 * cpus]]) });
  });
});

describe("all maps at the end", () => {
  const hash = (name: string): MapSpec => ({
    name,
    type: "BPF_MAP_TYPE_HASH",
    keySize: 8,
    valueSize: 8,
    maxEntries: 8,
  });
  const keyed = (name: string): CompiledMap => ({
    layout: {
      name: `@${name}`,
      key: { kind: "int", size: 8, signed: true },
      value: { kind: "int", size: 8, signed: true },
      perCpu: false,
    },
    map: `AT_${name}`,
    valueSize: 8,
  });

  it("come in the byte order of their names, empty ones not at all", () => {
    const { collection, maps, taken } = loaded(
      ["b", "a", "B", "empty"].map((name) => hash(`AT_${name}`)),
      ["b", "a", "B", "empty"].map(keyed),
    );
    for (const name of ["AT_b", "AT_a", "AT_B"]) collection.map(name).update(u64s(1), u64s(5));
    collection.map("AT_a").update(u64s(2), u64s(3));
    maps.printAll();
    expect(taken()).toBe("@B[1]: 5\n@a[2]: 3\n@a[1]: 5\n@b[1]: 5\n");
    maps.print("@a", { top: 1, div: 2 });
    expect(taken()).toBe("@a[1]: 2\n");
  });
});
