import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

/** Events come in the guests of tests/guest: the manager is a module, which this kernel may not have. */
const isThere = existsSync("/sys/module/rdma_ucm");

test.skipIf(isThere)("a kernel without the manager", async () => {
  const { code, text, stdout } = await runTool("rdmaucma", []);
  const error = "the kernel has no RDMA connection manager for programs now";
  expect(text).toBe(`ERROR: ${error}\nHINT: modprobe rdma_ucm (Linux 5.11)\n`);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.runIf(isThere)("the heading", async () => {
  const { code, lines } = await runTool("rdmaucma", ["--duration", "100ms"]);
  expect(lines).toEqual([
    "Tracing RDMA Userspace Connection Manager Access event... Hit Ctrl-C to end.",
    `Timestamp Event            Family ${"Local".padEnd(45)} Remote`,
  ]);
  expect(code).toBe(0);
});
