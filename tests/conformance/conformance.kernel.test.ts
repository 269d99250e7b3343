import { describe, test } from "vitest";
import { loadCases } from "./cases.ts";
import { runInKernel } from "./kernel-run.ts";
import { judge } from "./outcome.ts";

for (const [theme, cases] of loadCases()) {
  // What the compiler refuses never comes to the kernel.
  const running = cases.filter((each) => each.errors.length === 0);
  describe.runIf(running.length > 0)(theme, () => {
    for (const each of running) test(each.name, () => judge(each, "kernel", () => runInKernel(each)));
  });
}
