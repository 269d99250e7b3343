import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { runTool } from "../testing.ts";

const hasKvm = existsSync("/sys/kernel/tracing/events/kvm/kvm_exit");

test.skipIf(!hasKvm)("nothing of a process that is no virtual machine, for a time", async () => {
  const { lines, code, text } = await runTool("kvmexit", ["-p", "1", "0.1"]);
  expect(lines).toEqual([
    "Display kvm exit reasons and statistics for PID 1 after sleeping 0.1 secs.",
    "KVM_EXIT_REASON                     COUNT",
  ]);
  expect({ code, text }).toEqual({ code: 0, text: "" });
});

test.skipIf(!hasKvm)("what is told apart", async () => {
  const header = async (...argv: string[]) => (await runTool("kvmexit", [...argv, "--name", "nobody", "0.1"])).lines;
  expect(await header()).toEqual([
    "Display kvm exit reasons and statistics for all threads after sleeping 0.1 secs.",
    "PID      TID      KVM_EXIT_REASON                     COUNT",
  ]);
  expect(await header("-T", "7,8")).toEqual([
    "Display kvm exit reasons and statistics for TIDS 7,8 after sleeping 0.1 secs.",
    "TIDS     KVM_EXIT_REASON                     COUNT",
  ]);
  expect((await header("-p", "1", "-a"))[1]).toBe("TID      KVM_EXIT_REASON                     COUNT");
  expect((await header("-p", "1", "-v", "0"))[0]).toContain("for PID 1 VCPU 0 after");
});

test.skipIf(!hasKvm)("the options of BCC's tool that change nothing in what is counted", async () => {
  const { lines, code } = await runTool("kvmexit", ["-m", "2", "-d", "-p", "1", "0.1"]);
  expect(code).toBe(0);
  expect(lines).toContain("tracepoint:kvm:kvm_exit");
  expect(lines.at(-1)).toBe("KVM_EXIT_REASON                     COUNT");
});

test.skipIf(!hasKvm)("wrong use", async () => {
  expect((await runTool("kvmexit", ["-t", "1", "-v", "0"])).text).toBe("ERROR: --tid and --vcpu exclude each other\n");
});
