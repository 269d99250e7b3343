import { expect, test } from "vitest";
import { ToolError } from "../tool.ts";
import { readSubnets, subnetMacro } from "./subnets.ts";

test("subnets and their masks", () => {
  expect(readSubnets("192.0.2.77/24, 0.0.0.0/0,255.255.255.255/32")).toEqual([
    { text: "192.0.2.77/24", network: 0xc0000200, mask: 0xffffff00 },
    { text: "0.0.0.0/0", network: 0, mask: 0 },
    { text: "255.255.255.255/32", network: 0xffffffff, mask: 0xffffffff },
  ]);
});

test.each(["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "300.0.0.1/8", "::1/128", "10.0.0.0/8,"])(
  "'%s' is none",
  (text) => {
    expect(() => readSubnets(text)).toThrow(ToolError);
  },
);

test("the first that fits", () => {
  expect(subnetMacro(readSubnets("10.0.0.0/8,0.0.0.0/0"))).toContain(
    "(address & 4278190080) == 167772160 ? 0 : (address & 0) == 0 ? 1 : -1",
  );
});
