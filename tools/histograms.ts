/** Histograms of maps, a section for each key. */
import type { JsonBucket, JsonValue } from "@beetrace/output";
import type { Block } from "./blocks.ts";
import type { MapEntries } from "./tool.ts";

/** The entries of a map of hist(), in the order of their keys; `section` is what stands above each. */
export function histograms(
  { entries }: MapEntries,
  unit: string,
  section: (key: JsonValue) => string | undefined,
): readonly Block[] {
  return entries
    .toSorted((a, b) => compare(a.key, b.key))
    .map(({ key, value }): Block => {
      const above = section(key);
      const buckets = value as unknown as readonly JsonBucket[];
      return { kind: "histogram", unit, buckets, ...(above === undefined ? {} : { section: above }) };
    });
}

function compare(a: JsonValue, b: JsonValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}

/** What stats() kept, as the line that `--extension` adds; nothing where it has seen nothing. */
export function extensionBlocks({ entries }: MapEntries, unit: string): readonly Block[] {
  const { count, total } = (entries[0]?.value ?? { count: 0, total: 0 }) as { count: number; total: number };
  if (Number(count) === 0) return [];
  const average = Math.floor(Number(total) / Number(count));
  const text = `\navg = ${average} ${unit}, total: ${total} ${unit}, count: ${count}\n\n`;
  return [{ kind: "lines", text, rows: [{ unit, average, total: Number(total), count: Number(count) }] }];
}
