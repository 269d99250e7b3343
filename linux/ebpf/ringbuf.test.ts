import type { MapSpec } from "@beetrace/bytecode";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openHandles } from "./handle.ts";
import { BpfMap } from "./map.ts";
import { RingBuffer } from "./ringbuf.ts";
import { type FakeSys, fakeSys } from "./sys/fake.ts";

const PAGE = 4096;
const SIZE = 4096;
const SPEC: MapSpec = { name: "ring", type: "BPF_MAP_TYPE_RINGBUF", keySize: 0, valueSize: 0, maxEntries: SIZE };
const BUSY = 0x80000000;
const DISCARD = 0x40000000;

/** The kernel's side of a ring: kernel/bpf/ringbuf.c. */
class Producer {
  readonly consumerPage = new ArrayBuffer(PAGE);
  readonly producerPages = new ArrayBuffer(PAGE + 2 * SIZE);
  readonly sys: FakeSys = fakeSys({
    mmap: (_fd, offset) => (offset === 0 ? this.consumerPage : this.producerPages),
  });
  readonly map = BpfMap.create(SPEC, { sys: this.sys });
  position: bigint;

  constructor(start = 0n) {
    this.position = start;
    new BigUint64Array(this.consumerPage)[0] = start;
    new BigUint64Array(this.producerPages)[0] = start;
  }

  get consumed(): bigint {
    return new BigUint64Array(this.consumerPage)[0];
  }

  write(text: string, flags = 0): number {
    const at = Number(this.position % BigInt(SIZE));
    const whole = 8 + ((text.length + 7) & ~7);
    for (let index = 0; index < whole; index++) {
      const byte = index < 8 ? 0 : text.charCodeAt(index - 8) || 0;
      // The second mapping shows the same memory, whichever way it is written.
      for (const half of [0, SIZE]) this.#set(((at + index) % SIZE) + half, byte);
    }
    this.setHeader(at, (text.length | flags) >>> 0);
    this.position += BigInt(whole);
    new BigUint64Array(this.producerPages)[0] = this.position;
    return at;
  }

  setHeader(at: number, header: number): void {
    for (const half of [0, SIZE]) new DataView(this.producerPages).setUint32(PAGE + half + at, header, true);
  }

  #set(at: number, byte: number): void {
    new Uint8Array(this.producerPages)[PAGE + at] = byte;
  }
}

const texts = (into: string[]) => (memory: { u8: Uint8Array }, at: number, sizeBytes: number) => {
  into.push(Buffer.from(memory.u8.subarray(at, at + sizeBytes)).toString());
};

let producer: Producer;
let reader: RingBuffer;
const begin = (start?: bigint) => {
  producer = new Producer(start);
  reader = new RingBuffer(producer.map);
};
beforeEach(() => {
  vi.useFakeTimers();
  begin();
});
afterEach(() => {
  reader[Symbol.dispose]();
  expect(producer.sys.mappings.size).toBe(0);
  producer.map[Symbol.dispose]();
  expect(openHandles()).toEqual([]);
  vi.useRealTimers();
});

test("samples in order, discarded ones left out, room given back", () => {
  for (const text of ["a", "bcdefghi", ""]) producer.write(text);
  producer.write("dropped", DISCARD);
  producer.write("z");
  const seen: string[] = [];
  expect(reader.consume(texts(seen))).toBe(4);
  expect(seen).toEqual(["a", "bcdefghi", "", "z"]);
  expect(producer.consumed).toBe(producer.position);
  expect(reader.consume(texts(seen))).toBe(0);
});

test("a sample that is being written holds up those behind it", () => {
  producer.write("one");
  const at = producer.write("two", BUSY);
  producer.write("three");
  const seen: string[] = [];
  expect(reader.consume(texts(seen))).toBe(1);
  expect(reader.isEmpty).toBe(false);
  producer.setHeader(at, 3);
  reader.consume(texts(seen));
  expect(seen).toEqual(["one", "two", "three"]);
});

test.each([0n, 0xffff_ff00n, 0xffff_fff8n, 0x1f_ffff_fff8n])("many rounds of the ring from position %s", (start) => {
  reader[Symbol.dispose]();
  producer.map[Symbol.dispose]();
  begin(start);
  const [written, seen]: [string[], string[]] = [[], []];
  for (let index = 0; index < 2000; index++) {
    const text = `sample ${index} ${"x".repeat(index % 41)}`;
    written.push(text);
    producer.write(text);
    if (index % 30 === 0) while (reader.consume(texts(seen)) > 0);
  }
  while (reader.consume(texts(seen)) > 0);
  expect(seen).toEqual(written);
  expect(producer.consumed).toBe(producer.position);
});

test("an exception of the callback: the sample counts as read, the next are not lost", () => {
  for (const text of ["bad", "good"]) producer.write(text);
  expect(() =>
    reader.consume(() => {
      throw new Error("callback");
    }),
  ).toThrow("callback");
  const seen: string[] = [];
  reader.consume(texts(seen));
  expect(seen).toEqual(["good"]);
});

test("after a sample that takes long the event loop has a turn", () => {
  for (const text of ["slow", "a", "slow", "b"]) producer.write(text);
  const seen: string[] = [];
  const read = texts(seen);
  const slow: typeof read = (...sample) => {
    read(...sample);
    return seen.at(-1) === "slow";
  };
  expect(reader.consume(slow)).toBe(1);
  expect(reader.consume(slow)).toBe(2);
  expect(reader.consume(slow)).toBe(1);
  expect(seen).toEqual(["slow", "a", "slow", "b"]);
  expect(producer.consumed).toBe(producer.position);
});

test("waking: by descriptor when empty, by timer while there is data", () => {
  const seen: string[] = [];
  let idle = 0;
  const { fd } = producer.map;
  reader.start(texts(seen), () => idle++);
  producer.write("1");
  producer.sys.signal(fd);
  expect([seen.length, idle]).toEqual([1, 1]);
  producer.write("2");
  producer.sys.signal(fd); // not being polled: nothing happens
  expect(seen.length).toBe(1);
  vi.advanceTimersByTime(1);
  expect([seen.length, idle]).toEqual([2, 2]);
  vi.advanceTimersByTime(1);
  expect(vi.getTimerCount()).toBe(0);
  producer.write("3");
  producer.sys.signal(fd);
  expect(seen).toEqual(["1", "2", "3"]);
  reader.stop();
  expect(vi.getTimerCount()).toBe(0);
  producer.write("4");
  producer.sys.signal(fd);
  vi.advanceTimersByTime(10);
  expect(seen.length).toBe(3);
});

test("waking for a sample that is being written goes on by timer until it is there", () => {
  const seen: string[] = [];
  reader.start(texts(seen));
  const at = producer.write("slow", BUSY);
  producer.sys.signal(producer.map.fd);
  vi.advanceTimersByTime(5);
  expect([seen.length, vi.getTimerCount()]).toEqual([0, 1]);
  producer.setHeader(at, 4);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(["slow"]);
});

test("stopped and disposed by a callback", () => {
  reader.start(
    () => reader.stop(),
    () => expect.fail("idle"),
  );
  producer.write("1");
  producer.sys.signal(producer.map.fd);
  vi.advanceTimersByTime(5);
  expect(vi.getTimerCount()).toBe(0);
});
