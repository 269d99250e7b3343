import { expect, test } from "vitest";
import { LiveLog } from "./live-log.ts";

const bytes = (text: string) => Buffer.from(text);

test("lines are put together from what comes, as UTF-8", () => {
  const log = new LiveLog();
  expect(log.take(bytes("one\ntw"))).toBe(6);
  expect(log.last(9)).toEqual(["one", "tw"]);
  log.take(bytes("o\n"));
  for (const byte of bytes("é")) log.take(Uint8Array.of(byte));
  expect(log.last(2)).toEqual(["two", "é"]);
  expect(log.last(0)).toEqual([]);
});

test("all that is kept comes out as it went in, once", () => {
  const log = new LiveLog();
  log.take(bytes("one\nté"));
  expect(Buffer.from(log.drain(), "latin1").toString()).toBe("one\nté");
  expect(log.drain()).toBe("");
});

test("a thousand lines are kept, and how many are gone is said", () => {
  const log = new LiveLog();
  for (let line = 1; line <= 1234; line++) log.take(bytes(`${line}\n`));
  const lines = log.drain().split("\n");
  expect(lines.slice(0, 2)).toEqual(["(234 lines before these)", "235"]);
  expect(lines.slice(-2)).toEqual(["1234", ""]);
});
