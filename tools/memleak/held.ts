/** Allocations that were not freed, and their sums by stack. */
import type { Frames } from "../stacks.ts";
import type { MapEntries } from "../tool.ts";

/** What is held at an address. */
export interface Allocation {
  readonly address: bigint;
  readonly size: number;
  readonly stack: Frames;
  /** When it was made, by the monotonic clock. */
  readonly ns: number;
}

/** What was taken by one stack and not given back. */
export interface HeldByStack {
  readonly stack: Frames;
  readonly bytes: number;
  readonly count: number;
}

/** The allocations of the script's map that were made in this time, the smallest first. */
export function allocations({ entries }: MapEntries, fromNs: number, untilNs: number): readonly Allocation[] {
  return entries
    .map(({ key, value }) => {
      const { size, stack, ns } = value as unknown as { size: number; stack: Frames; ns: number };
      return { address: BigInt(key as number | string), size: Number(size), stack, ns: Number(ns) };
    })
    .filter(({ ns }) => ns >= fromNs && ns <= untilNs)
    .sort((a, b) => a.size - b.size);
}

/** Their sums by stack: those of the largest sums or counts, the largest last. Equal stacks are the same array. */
export function byStack(held: readonly Allocation[], sort: "size" | "count", top: number): readonly HeldByStack[] {
  const sums = new Map<Frames, { bytes: number; count: number }>();
  for (const { stack, size } of held) {
    const sum = sums.get(stack);
    if (sum === undefined) sums.set(stack, { bytes: size, count: 1 });
    else {
      sum.bytes += size;
      sum.count++;
    }
  }
  const weight = ({ bytes, count }: HeldByStack) => (sort === "size" ? bytes : count);
  return [...sums]
    .map(([stack, sum]) => ({ stack, ...sum }))
    .sort((a, b) => weight(a) - weight(b))
    .slice(-top || sums.size);
}
