import { expect, test } from "vitest";
import { PerfRing } from "./perf-ring.ts";
import { fakeSys } from "./sys/fake.ts";

const PAGE = 4096;
const SIZE = 4096;

/** The kernel's side of a perf ring: kernel/events/ring_buffer.c. */
class Producer {
  readonly pages = new ArrayBuffer(PAGE + SIZE);
  readonly ring: PerfRing;
  head: bigint;

  constructor(start = 0n) {
    this.head = start;
    new BigUint64Array(this.pages, 1024, 2).fill(start); // data_head, data_tail
    const sys = fakeSys({ mmap: () => this.pages });
    const fd = sys.btfLoad(new Uint8Array(0)); // any open descriptor
    this.ring = new PerfRing(sys, 3, fd, SIZE);
  }

  write(type: number, payload: Uint8Array): void {
    const record = new Uint8Array(8 + payload.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, type, true);
    view.setUint16(6, record.length, true);
    record.set(payload, 8);
    const data = new Uint8Array(this.pages, PAGE);
    record.forEach((byte, index) => {
      data[(Number(this.head % BigInt(SIZE)) + index) % SIZE] = byte;
    });
    this.head += BigInt(record.length);
    new BigUint64Array(this.pages, 1024, 1)[0] = this.head;
  }

  sample(words: number): void {
    const payload = new Uint8Array(4 + words * 4 + ((words % 2) ^ 1) * 4);
    const view = new DataView(payload.buffer);
    view.setUint32(0, payload.length - 4, true);
    for (let word = 0; word < words; word++) view.setUint32(4 + word * 4, words * 1000 + word, true);
    this.write(9, payload);
  }
}

test.each([0n, 0xffff_fff8n, 0x5_0000_0ff0n])("samples that wrap, from position %s", (start) => {
  const producer = new Producer(start);
  using ring = producer.ring;
  const seen: number[] = [];
  for (let words = 1; words < 500; words++) {
    producer.sample(words);
    ring.consume((memory, at, sizeBytes, cpu) => {
      expect(cpu).toBe(3);
      const last = memory.u32[(at >>> 2) + words - 1];
      if (last === words * 1000 + words - 1 && sizeBytes >= words * 4) seen.push(words);
    });
  }
  expect(seen.length).toBe(499);
  expect(new BigUint64Array(producer.pages, 1032, 1)[0]).toBe(producer.head);
});

test("losses are added up, other records passed over", () => {
  const producer = new Producer();
  using ring = producer.ring;
  for (const lost of [5n, 7n]) producer.write(2, new Uint8Array(new BigUint64Array([1n, lost]).buffer));
  producer.write(4, new Uint8Array(24));
  producer.sample(1);
  expect(ring.consume(() => {})).toBe(1);
  expect(ring.lost).toBe(12);
});

test("all records but losses are passed on whole, also those that wrap", () => {
  const producer = new Producer(0xffff_ff00n);
  using ring = producer.ring;
  expect(ring.pendingBytes).toBe(0);
  const seen: string[] = [];
  for (let round = 0; round < 300; round++) {
    producer.write(10, new Uint8Array(8 + (round % 40) * 8).fill(round));
    producer.write(2, new Uint8Array(new BigUint64Array([1n, 2n]).buffer));
    expect(ring.pendingBytes).toBe(40 + (round % 40) * 8);
    const count = ring.consumeRecords((memory, at, sizeBytes) => {
      const bytes = memory.u8.subarray(at + 8, at + sizeBytes);
      seen.push(`${memory.u32[at >>> 2]} ${sizeBytes} ${bytes.every((byte) => byte === (round & 0xff))}`);
    });
    expect([count, ring.pendingBytes]).toEqual([1, 0]);
  }
  expect(seen).toEqual(Array.from({ length: 300 }, (_, round) => `10 ${16 + (round % 40) * 8} true`));
  expect(ring.lost).toBe(600);
  expect(new BigUint64Array(producer.pages, 1032, 1)[0]).toBe(producer.head);
});
