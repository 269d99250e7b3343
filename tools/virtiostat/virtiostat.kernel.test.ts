import { probeFeatures } from "@beetrace/ebpf";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

const canTrace = probeFeatures().has("fentry") || probeFeatures().has("kprobe");

test.skipIf(canTrace)("what the kernel lacks", async () => {
  const { text, code } = await runTool("virtiostat", []);
  expect(text).toBe("ERROR: neither fentry nor kprobes here: virtqueue_add_sgs cannot be traced\n");
  expect(code).toBe(1);
});

test.runIf(canTrace)("the form of the output", async () => {
  const { lines } = await runTool("virtiostat", ["-n", "none", "1", "1"]);
  expect(lines).toEqual([
    "Tracing virtio devices statistics ... Hit Ctrl-C to end.",
    "--------",
    "        Driver   Device    VQ Name  In SGs Out SGs          In BW         Out BW",
  ]);
});
