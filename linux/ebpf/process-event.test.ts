import { expect, test } from "vitest";
import { readProcessEvent } from "./process-event.ts";
import type { SampleMemory } from "./sample-memory.ts";
import {
  commBody,
  type Mapped,
  mmap2Body,
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FORK,
  PERF_RECORD_MMAP2,
  record,
  taskBody,
} from "./test/process-records.ts";

const COMM_EXEC = 1 << 13;
const read = (memory: SampleMemory) => readProcessEvent(memory, 0, memory.u8.length);

const LIBRARY: Mapped = {
  pid: 77,
  start: 0x7f12_3456_7000n,
  length: 0x2000n,
  fileOffset: 0x1_0000_1000n,
  device: [0xfe, 3],
  inode: 0x2_0000_0005n,
  generation: 0xdead_beefn,
  name: "/usr/lib/é.so",
};
const mapOf = (changes: Partial<Mapped>) => {
  const event = read(record(PERF_RECORD_MMAP2, mmap2Body({ ...LIBRARY, ...changes })));
  return event?.kind === "map" ? event.mapping : undefined;
};

test("a mapping", () => {
  expect(read(record(PERF_RECORD_MMAP2, mmap2Body(LIBRARY), 0x3_0000_0007n))).toEqual({
    kind: "map",
    timeNs: 0x3_0000_0007,
    pid: 77,
    mapping: {
      start: 0x7f12_3456_7000,
      end: 0x7f12_3456_9000,
      executable: true,
      fileOffset: 0x1_0000_1000,
      device: "fe:03",
      inode: 0x2_0000_0005,
      inodeGeneration: 0xdead_beef,
      path: "/usr/lib/é.so",
      deleted: false,
    },
  });
  expect(mapOf({ device: [0, 0x123] })?.device).toBe("00:123");
});

test("names of mappings", () => {
  expect(mapOf({ name: "/tmp/a (deleted)" })).toMatchObject({ path: "/tmp/a", deleted: true });
  expect(mapOf({ name: "[vdso]", inode: 0n })?.path).toBe("[vdso]");
  expect(mapOf({ name: "//anon", inode: 0n })?.path).toBe("");
  expect(mapOf({ name: "/12345678" })?.path).toBe("/12345678");
  expect(mapOf({ name: "" })?.path).toBe("");
});

test("addresses beyond 2^53, and mappings of nothing, are left out", () => {
  expect(mapOf({ start: 0xffff_ffff_ff60_0000n })).toBeUndefined();
  expect(mapOf({ length: 1n << 60n })).toBeUndefined();
  expect(mapOf({ length: 0n })).toBeUndefined();
});

test("processes that begin, become another program and end", () => {
  expect(read(record(PERF_RECORD_FORK, taskBody(8, 7, 8, 7), 5n))).toEqual({
    kind: "fork",
    timeNs: 5,
    pid: 8,
    parent: 7,
  });
  expect(read(record(PERF_RECORD_COMM, commBody(8, 9, "ls"), 6n, COMM_EXEC))).toEqual({
    kind: "exec",
    timeNs: 6,
    pid: 8,
  });
  expect(read(record(PERF_RECORD_EXIT, taskBody(8, 7, 8, 7), 7n))).toEqual({ kind: "exit", timeNs: 7, pid: 8 });
});

test("threads, other names and other records tell nothing", () => {
  expect(read(record(PERF_RECORD_FORK, taskBody(8, 8, 9, 8)))).toBeUndefined();
  expect(read(record(PERF_RECORD_EXIT, taskBody(8, 8, 9, 8)))).toBeUndefined();
  expect(read(record(PERF_RECORD_COMM, commBody(8, 8, "other")))).toBeUndefined();
  expect(read(record(5, new Uint8Array(64)))).toBeUndefined();
});

test("processes of other pid namespaces are left out", () => {
  for (const pid of [0, 0xffffffff]) {
    expect(mapOf({ pid })).toBeUndefined();
    expect(read(record(PERF_RECORD_FORK, taskBody(pid, 7, pid, 7)))).toBeUndefined();
  }
  expect(read(record(PERF_RECORD_FORK, taskBody(8, 0, 8, 0)))).toMatchObject({ pid: 8, parent: 0 });
});
