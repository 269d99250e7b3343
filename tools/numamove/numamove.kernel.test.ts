import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

/** Moves pages for another reason: to make room for large ones. */
const COMPACT = ["bash", "-c", "echo 1 >/proc/sys/vm/compact_memory"];

test("what moves for other reasons does not count", async () => {
  const { rows, code } = await runTool("numamove", ["--json", "60"], COMPACT);
  expect(rows).toEqual([{ migrations: 0, migrations_ms: 0 }]);
  expect(code).toBe(0);
});

test("a line each interval", async () => {
  const { lines } = await runTool("numamove", ["0.1", "2", "--name", "nobody"]);
  expect(lines[0]).toBe("TIME          NUMA_migrations NUMA_migrations_ms");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d {20}0 {18}0$/);
});
