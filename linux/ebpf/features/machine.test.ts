import { expect, test } from "vitest";
import { parseCpuList } from "../cpus.ts";
import { isAtLeast, parseCapabilities, parseKernelVersion, parseLockdown } from "./machine.ts";

test("kernel versions", () => {
  expect(parseKernelVersion("6.1.0-18-amd64")).toEqual({ major: 6, minor: 1, patch: 0 });
  expect(parseKernelVersion("5.10")).toEqual({ major: 5, minor: 10, patch: 0 });
  const here = parseKernelVersion("6.1.0");
  expect(["5.8", "6.1", "6.2", "7.0"].map((minimum) => isAtLeast(here, minimum))).toEqual([true, true, false, false]);
});

test("lockdown", () => {
  expect(parseLockdown("[none] integrity confidentiality\n")).toBe("none");
  expect(parseLockdown("none [integrity] confidentiality\n")).toBe("integrity");
  expect(parseLockdown("")).toBe("none");
});

test("capabilities", () => {
  expect([...parseCapabilities("000001fffeffffff")]).not.toContain("CAP_SYS_RESOURCE");
  expect([...parseCapabilities("000001fffeffffff")]).toContain("CAP_BPF");
  expect(parseCapabilities("0").size).toBe(0);
});

test("CPU lists", () => {
  expect(parseCpuList("0-2,5,8-9\n")).toEqual([0, 1, 2, 5, 8, 9]);
  expect(parseCpuList("0\n")).toEqual([0]);
  expect(parseCpuList("")).toEqual([]);
});
