import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCpuList } from "./cpus.ts";
import { parseKernelVersion, parseLockdown } from "./features/machine.ts";
import { summariseVerifierLog } from "./verifier-log.ts";

const options = { seed: 20260101, numRuns: 500 };
const logLine = fc.oneof(
  fc.string(),
  fc.constantFrom("0: (b7) r0 = 0", "; x @ y:3", "; x", "processed 3 insns", "from 1 to 2: R0=1", "", "R1 !read_ok"),
);

test("any text of a log has a summary", () => {
  fc.assert(
    fc.property(fc.array(logLine), (lines) => {
      const { text, slot } = summariseVerifierLog(lines.join("\n"));
      expect(typeof text).toBe("string");
      expect(slot === undefined || Number.isInteger(slot)).toBe(true);
    }),
    options,
  );
});

test("a long line takes no long time", () => {
  const start = performance.now();
  summariseVerifierLog(`; ${" @ ".repeat(100_000)}\n${"R1 ".repeat(100_000)}`);
  expect(performance.now() - start).toBeLessThan(1000);
});

test("any text of /proc and /sys is read or passed over", () => {
  const numbers = fc.string({ unit: fc.constantFrom(..."0123456789-,. x[]") });
  fc.assert(
    fc.property(numbers, fc.string(), (list, text) => {
      expect(parseCpuList(list).every((cpu) => Number.isInteger(cpu) && cpu >= 0)).toBe(true);
      expect(parseKernelVersion(text).major).toBeGreaterThanOrEqual(0);
      expect(["none", "integrity", "confidentiality"]).toContain(parseLockdown(text));
    }),
    options,
  );
});
