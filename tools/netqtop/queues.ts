/** Packets of the queues of a network interface, counted by their size. */
import type { MapEntries } from "../tool.ts";

/** What passed a queue, or all of them. */
export interface QueueCounts {
  readonly packets: number;
  readonly bytes: number;
  /** Packets by size; longer ones than the last are in `packets` only. */
  readonly sizes: readonly number[];
}

/** The titles of the sizes. */
export const SIZES = ["[0, 64)", "[64, 512)", "[512, 2K)", "[2K, 16K)", "[16K, 64K)"] as const;

const NONE: QueueCounts = { packets: 0, bytes: 0, sizes: SIZES.map(() => 0) };

/** The queues from the first, with those that nothing has passed; of the script's map by queue and size. */
export function queueCounts({ entries }: MapEntries, queues: number): readonly QueueCounts[] {
  const all = Array.from({ length: queues }, () => NONE);
  for (const { key, value } of entries) {
    const [queue, size] = key as readonly [number, number];
    const { count, total } = value as { count: number; total: number };
    const sizes = SIZES.map((_, index) => (index === size ? Number(count) : 0));
    all[queue] = added(all[queue] ?? NONE, { packets: Number(count), bytes: Number(total), sizes });
  }
  return Array.from(all, (counts) => counts ?? NONE);
}

/** All together. */
export function totalCounts(queues: readonly QueueCounts[]): QueueCounts {
  return queues.reduce(added, NONE);
}

function added(a: QueueCounts, b: QueueCounts): QueueCounts {
  return {
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    sizes: a.sizes.map((count, index) => count + b.sizes[index]),
  };
}

/** `1.11K`, `2.5M`, `114.0`, as the BCC tool shortens numbers; whole ones below 1000 have no point. */
export function shortened(value: number, isWhole: boolean): string {
  if (value > 1_000_000) return `${twoDigits(value / 1024 ** 2)}M`;
  if (value > 1000) return `${twoDigits(value / 1024)}K`;
  return isWhole ? String(value) : twoDigits(value);
}

function twoDigits(value: number): string {
  const rounded = Math.round(value * 100) / 100;
  return Number.isInteger(rounded) ? `${rounded}.0` : String(rounded);
}
