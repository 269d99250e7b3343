import { expect, test } from "vitest";
import { commandName } from "./process-name.ts";
import { versionLine } from "./version.ts";

test("the command goes by the name that it was started under", () => {
  expect(commandName("/usr/bin/bpftrace")).toBe("bpftrace");
  expect(commandName("/opt/cli/dist/bpftrace.cjs")).toBe("bpftrace");
  expect(commandName("/opt/cli/dist/beetrace.cjs")).toBe("beetrace");
  expect(commandName("/usr/bin/bpftrace-old")).toBe("beetrace");
  expect(commandName(undefined)).toBe("beetrace");
});

test("versions can be compared", () => {
  expect(versionLine("bpftrace")).toMatch(/^bpftrace v\d+\.\d+\.\d+$/);
  expect(versionLine("beetrace")).toMatch(/^beetrace v\d+\.\d+\.\d+$/);
});
