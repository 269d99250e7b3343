import { expect, test } from "vitest";
import { testDisk } from "../block-testing.ts";
import { runTool } from "../testing.ts";

test("flushes of other disks are not shown", async () => {
  using disk = testDisk();
  const writes = ["dd", "if=/dev/zero", `of=${disk.path}`, "bs=4k", "count=5", "oflag=sync", "status=none"];
  const { lines, text, code } = await runTool("mdflush", [], writes);
  expect(lines).toEqual([
    "Tracing md flush requests... Hit Ctrl-C to end.",
    "TIME     PID     COMM             DEVICE",
  ]);
  expect({ text, code }).toEqual({ text: "", code: 0 });
});
