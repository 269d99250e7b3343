import { expect, test } from "vitest";
import { blockRows, blockText } from "../blocks.ts";
import { readGiven } from "../options.ts";
import type { Machine, MapEntries, Plan } from "../tool.ts";
import { tool } from "./tool.ts";

const MAPS: Readonly<Record<string, MapEntries>> = {
  "@references": {
    entries: [
      { key: [1, 1, 0, "init"], value: 5 },
      { key: [42, 43, 1, "loader"], value: 400 },
      { key: [7, 7, 1, "unlucky"], value: 2 },
    ],
  },
  "@misses": {
    entries: [
      { key: [42, 43, 1, "loader"], value: 100 },
      { key: [7, 7, 1, "unlucky"], value: 3 },
      { key: [8, 8, 1, "elsewhere"], value: 9 },
    ],
  },
};

function blocks(...argv: string[]) {
  const plan = tool.plan(readGiven(tool, argv), {} as Machine) as Plan;
  return plan.screen!.blocks((name) => MAPS[name], { time: "", elapsedMs: 0, isLast: true });
}

test("counts are samples times their period, the most referenced first", () => {
  expect(
    blocks("-c", "10")
      .map((block) => (block.kind === "rows" ? "" : blockText(block)))
      .join(""),
  ).toBe(
    `PID      NAME             CPU     REFERENCE         MISS    HIT%
42       loader           1            4000         1000  75.00%
1        init             0              50            0 100.00%
7        unlucky          1              20           30   0.00%
Total References: 4070 Total Misses: 1030 Hit Rate: 74.69%
`,
  );
});

test("threads; for programs", () => {
  const [row] = blocks("--tid").flatMap(blockRows);
  expect(row).toEqual({ pid: 42, tid: 43, comm: "loader", cpu: 1, references: 40000, misses: 10000, hit_percent: 75 });
});
