import { expect, test } from "vitest";
import { journalEntry } from "./journal.ts";

test("a line for each field", () => {
  const entry = journalEntry({ MESSAGE: "a → b", PRIORITY: 5, EMPTY: "", SUM: "1=1" });
  expect(new TextDecoder().decode(entry)).toBe("MESSAGE=a → b\nPRIORITY=5\nEMPTY=\nSUM=1=1\n");
});

test("a value of several lines behind its length, which counts bytes", () => {
  const entry = Buffer.from(journalEntry({ OBJECT_COMM: "ä\nPRIORITY=0", PRIORITY: 5 }));
  expect(entry.toString("latin1")).toBe(
    `OBJECT_COMM\n\x0d\0\0\0\0\0\0\0${Buffer.from("ä").toString("latin1")}\nPRIORITY=0\nPRIORITY=5\n`,
  );
});
