import fc from "fast-check";
import { expect, test } from "vitest";
import { readProcessEvent } from "./process-event.ts";
import { type SampleMemory, sampleMemory } from "./sample-memory.ts";
import {
  commBody,
  mmap2Body,
  PERF_RECORD_COMM,
  PERF_RECORD_EXIT,
  PERF_RECORD_FORK,
  PERF_RECORD_MMAP2,
  record,
  taskBody,
} from "./test/process-records.ts";

const mapped = {
  pid: 1,
  start: 0x1000n,
  length: 0x1000n,
  fileOffset: 0n,
  device: [1, 2],
  inode: 3n,
  generation: 4n,
  name: "/a/program",
} as const;
const WHOLE: readonly SampleMemory[] = [
  record(PERF_RECORD_MMAP2, mmap2Body(mapped)),
  record(PERF_RECORD_COMM, commBody(1, 1, "ls"), 1n, 1 << 13),
  record(PERF_RECORD_FORK, taskBody(2, 1, 2, 1)),
  record(PERF_RECORD_EXIT, taskBody(2, 1, 2, 1)),
];

function check(memory: SampleMemory, at: number, sizeBytes: number): void {
  const event = readProcessEvent(memory, at, sizeBytes);
  if (event?.kind !== "map") return;
  const { start, end, path } = event.mapping;
  expect(start).toBeLessThan(end);
  expect(Number.isSafeInteger(end)).toBe(true);
  expect(path.length).toBeLessThan(sizeBytes);
}

test("records cut short are none, and nothing beyond them is read", () => {
  for (const memory of WHOLE) {
    for (let size = 0; size < memory.u8.length; size++) {
      const room = new ArrayBuffer(memory.u8.length + 64);
      const longer = sampleMemory(room, 0, room.byteLength);
      longer.u8.fill(0x41);
      longer.u8.set(memory.u8.subarray(0, size));
      check(longer, 0, size);
    }
    expect(readProcessEvent(memory, 0, memory.u8.length + 8)).toBeUndefined();
    expect(readProcessEvent(memory, 8, memory.u8.length)).toBeUndefined();
    expect(readProcessEvent(memory, 0, 0xfff8)).toBeUndefined();
  }
});

test("any bytes of any length", () => {
  const type = fc.constantFrom(PERF_RECORD_COMM, PERF_RECORD_EXIT, PERF_RECORD_FORK, PERF_RECORD_MMAP2, 1, 0xffffffff);
  const input = fc.tuple(type, fc.uint8Array({ minLength: 0, maxLength: 200 }), fc.nat(0xffff), fc.nat(10));
  fc.assert(
    fc.property(input, ([kind, bytes, sizeBytes, word]) => {
      const room = Math.max(16, bytes.length & ~7);
      const memory = sampleMemory(new ArrayBuffer(room), 0, room);
      memory.u8.set(bytes.subarray(0, room));
      memory.u32[0] = kind;
      check(memory, 0, room);
      check(memory, 0, sizeBytes);
      check(memory, Math.min(word * 8, room - 8), room);
    }),
    { seed: 31, numRuns: 3000 },
  );
});

test("a whole record with any bytes changed", () => {
  const change = fc.tuple(fc.nat(200), fc.nat(255));
  fc.assert(
    fc.property(fc.constantFrom(...WHOLE), fc.array(change, { maxLength: 6 }), (whole, changes) => {
      const memory = sampleMemory(whole.u8.slice().buffer, 0, whole.u8.length);
      for (const [at, byte] of changes) memory.u8[at % memory.u8.length] = byte;
      check(memory, 0, memory.u8.length);
    }),
    { seed: 37, numRuns: 3000 },
  );
});
