import { expect, test } from "vitest";
import { answer } from "./answer.ts";
import type { Given } from "./tool.ts";

const given = (name?: string) => ({ has: (asked: string) => asked === name }) as Given;
const rows = [
  { pid: 1, text: "a,b" },
  { pid: 2, text: "c" },
];

test("as text, JSON or CSV", () => {
  expect(answer(given(), rows, () => "for people\n")).toEqual({ answer: "for people\n" });
  expect(answer(given("json"), rows, () => "")).toEqual({
    answer: '{"pid":1,"text":"a,b"}\n{"pid":2,"text":"c"}\n',
  });
  expect(answer(given("csv"), rows, () => "")).toEqual({ answer: 'pid,text\n1,"a,b"\n2,c\n' });
});
