import { probeFeatures } from "@beetrace/ebpf";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

const canModify = probeFeatures().has("fmod_ret");

// What it does is shown in guests: tests/guest/tool-cases/network.ts.
test.skipIf(canModify)("what the kernel lacks", async () => {
  const { text, code } = await runTool("mptcpify", []);
  expect(text).toBe(
    "ERROR: this kernel does not let BPF programs change what its functions return (fmod_ret)\n" +
      "HINT: it takes Linux 5.7, CONFIG_FUNCTION_TRACER and CONFIG_DEBUG_INFO_BTF\n",
  );
  expect(code).toBe(1);
});

test("a list of names with a hole", async () => {
  const { text, code } = await runTool("mptcpify", ["-t", "curl,,iperf3"]);
  expect(text).toBe("ERROR: --targets: a name is missing in 'curl,,iperf3'\nHINT: write --targets curl,iperf3\n");
  expect(code).toBe(1);
});
