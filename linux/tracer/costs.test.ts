import { expect, test } from "vitest";
import { costTable } from "./costs.ts";

const NOTHING = { misses: 0, dropped: 0 };

test("a table of what probes cost", () => {
  const rows = [
    { program: "a", probe: "kprobe:vfs_read", hits: 1_000_000, misses: 2, dropped: 3, timeNs: 120_000_000 },
    { program: "b", probe: "interval:s:1", hits: 0, timeNs: 0, ...NOTHING },
  ];
  expect(costTable(rows, 1e9, 0.004)).toBe(
    `probe                 hits  misses  dropped  ns/hit      CPU
kprobe:vfs_read  1,000,000       2        3     120   12.00%
interval:s:1             0       0        0       -  0.0000%
all                                                   12.00%
beetrace itself                                        0.40%
`,
  );
});
