import { expect, test } from "vitest";
import { FILE_SYSTEMS, isKnown } from "../file-systems.ts";
import { runTool } from "../testing.ts";

test.skipIf(isKnown(FILE_SYSTEMS.zfs))("a kernel without ZFS", async () => {
  const { code, text, stdout } = await runTool("zfsslower", []);
  expect(text).toBe("ERROR: the kernel has no ZFS now\nHINT: its module is loaded when the first one is mounted\n");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test.runIf(isKnown(FILE_SYSTEMS.zfs))("the heading", async () => {
  const { code, lines } = await runTool("zfsslower", ["--duration", "100ms"]);
  expect(lines[0]).toBe("Tracing ZFS operations slower than 10 ms");
  expect(code).toBe(0);
});
