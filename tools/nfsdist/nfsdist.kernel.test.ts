import { expect, test } from "vitest";
import { FILE_SYSTEMS, isKnown } from "../file-systems.ts";
import { runTool } from "../testing.ts";

test.skipIf(isKnown(FILE_SYSTEMS.nfs))("a kernel without NFS", async () => {
  const { code, text, stdout } = await runTool("nfsdist", []);
  expect(text).toBe("ERROR: the kernel has no NFS now\nHINT: its module is loaded when the first one is mounted\n");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.runIf(isKnown(FILE_SYSTEMS.nfs))("the heading", async () => {
  const { code, lines } = await runTool("nfsdist", ["--duration", "100ms"]);
  expect(lines[0]).toBe("Tracing NFS operation latency... Hit Ctrl-C to end.");
  expect(code).toBe(0);
});
