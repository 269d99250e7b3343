import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { HybridWaker } from "./wake.ts";

/** What is read: so many samples are waiting; and how it was looked at. */
let waiting = 0;
let isFilling = false;
let drains: number[] = [];
let isPolled = false;
let readable = () => {};
let waker: HybridWaker;

beforeEach(() => {
  vi.useFakeTimers();
  waiting = 0;
  isFilling = false;
  drains = [];
  const source = {
    drain: () => {
      drains.push(waiting);
      return waiting;
    },
    isEmpty: () => true,
    isFilling: () => isFilling,
    onIdle: () => {
      waiting = 0;
    },
  };
  waker = new HybridWaker(source, [
    (onReadable) => {
      readable = onReadable;
      isPolled = true;
      return {
        start: () => {
          isPolled = true;
        },
        stop: () => {
          isPolled = false;
        },
        close: () => {
          isPolled = false;
        },
      };
    },
  ]);
});
afterEach(() => {
  waker[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A sample comes. */
function write(): void {
  waiting++;
  if (isPolled) readable();
}

test("what comes now and then wakes the reader each time, and no timer", () => {
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(100);
    write();
    expect([isPolled, vi.getTimerCount()]).toEqual([true, 0]);
  }
  expect(drains).toEqual([1, 1, 1]);
});

test("a stream is looked at every 100 ms in the end, until nothing comes", () => {
  write();
  for (let ms = 0; ms < 500; ms += 10) {
    vi.advanceTimersByTime(10);
    write();
  }
  expect(drains).toEqual([1, 1, 0, 1, 1, 3, 7, 10, 10, 10]);
  vi.advanceTimersByTime(250);
  expect(isPolled).toBe(true);
  expect(drains.reduce((sum, count) => sum + count, 0)).toBe(51);
});

test("one that fills the ring every millisecond", () => {
  isFilling = true;
  write();
  for (let ms = 0; ms < 5; ms++) {
    write();
    vi.advanceTimersByTime(1);
  }
  expect(drains).toEqual([1, 1, 1, 1, 1, 1]);
});
