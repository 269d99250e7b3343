import { expect, test } from "vitest";
import { readGiven } from "./options.ts";
import { pacing } from "./pacing.ts";
import type { Tool } from "./tool.ts";

const tool = {
  name: "t",
  options: [
    { long: "interval", letter: "i", argument: "S" },
    { long: "exec", kind: "rest" },
  ],
} as const;
const given = (...argv: string[]) => readGiven(tool as unknown as Tool, argv);

test("as many intervals as fit into the duration", () => {
  expect(pacing(given())).toEqual({});
  expect(pacing(given("-i", "2"))).toEqual({ intervalMs: 2000 });
  expect(pacing(given("-i", "2", "--duration", "5"))).toEqual({ intervalMs: 2000, count: 2 });
  expect(pacing(given("-i", "500ms", "--duration", "100ms"))).toEqual({ intervalMs: 500, count: 1 });
  expect(pacing(given("--duration", "5"))).toEqual({});
});

test("everything behind --exec is a command", () => {
  expect(given("-i", "1", "--exec", "ls", "-i", "it's a").text("exec")).toBe(`'ls' '-i' 'it'\\''s a'`);
  expect(given("-i", "1", "--exec", "ls", "-i", "2").text("interval")).toBe("1");
  expect(() => given("--exec")).toThrow("--exec needs a command");
});
