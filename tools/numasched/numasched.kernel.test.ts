import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

const nodes = readdirSync("/sys/devices/system/node").filter((name) => /^node\d+$/.test(name));

test("a thread that goes to and fro moves where there are nodes", async () => {
  const moves = ["bash", "-c", "for i in 0 1 0 1 0 1; do taskset -pc $i $$; done >/dev/null"];
  const { rows, text, code } = await runTool("numasched", ["-c", "bash", "--json"], moves);
  expect([text, code]).toEqual(["", 0]);
  if (nodes.length === 1) expect(rows).toEqual([]);
  else for (const { from, to } of rows) expect(from).not.toBe(to);
});

test("in columns, as BCC's", async () => {
  const { lines } = await runTool("numasched", ["--duration", "0.2"]);
  expect(lines[0]).toBe("Tracing task NUMA switch...");
  expect(lines[1]).toBe("TIME       PID        TID        SRC_NID    DST_NID    COMM");
});
