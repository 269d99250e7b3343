import { expect, test } from "vitest";
import { scanAttachPoint } from "./attach-points.ts";

test("colons of parameters split as those of the text do", () => {
  const { attachPoint } = scanAttachPoint("$1$2 { }", 0, ["u:/bin/", "sh:main"]);
  expect(attachPoint).toEqual({
    parts: [
      { text: "u", quoted: false, span: { start: 0, end: 2 } },
      { text: "/bin/sh", quoted: false, span: { start: 0, end: 4 } },
      { text: "main", quoted: false, span: { start: 2, end: 4 } },
    ],
    text: "$1$2",
    span: { start: 0, end: 4 },
  });
  expect(scanAttachPoint('"$1" {', 0, ["a:b"]).attachPoint.parts).toHaveLength(1);
});
