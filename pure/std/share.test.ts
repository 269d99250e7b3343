import { expect, test } from "vitest";
import { parseShare } from "./share.ts";

test.each([
  ["1%", 0.01],
  ["0.5%", 0.005],
  ["100%", 1],
  ["0.01", 0.01],
  ["1", 1],
])("%s is %d", (text, share) => expect(parseShare(text)).toBe(share));

test.each(["", "%", "0", "0%", "101%", "2", "-1%", "1 %", "1e-2", ".5", "1%%"])("%j is no share", (text) =>
  expect(parseShare(text)).toBeUndefined(),
);
