import { probeFeatures } from "@beetrace/ebpf";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

const canTrace = probeFeatures().has("fentry") || probeFeatures().has("kprobe");

test.skipIf(canTrace)("what the kernel lacks", async () => {
  const { text, code } = await runTool("swapin", []);
  expect(text).toBe("ERROR: neither fentry nor kprobes here: swap_read_folio cannot be traced\n");
  expect(code).toBe(1);
});

test.runIf(canTrace)("the form of the output", async () => {
  const { lines } = await runTool("swapin", ["--name", "nobody", "1", "1"]);
  expect(lines[0]).toBe("Counting swap ins. Ctrl-C to end.");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines.slice(2)).toEqual(["COMM             PID     COUNT", "", "Detaching..."]);
});
