import { expect, it } from "vitest";
import { errorsOf } from "../testing/index.ts";

const beyond = (end: number, room: number) => [
  `This reads beyond the variable whose address it is: up to byte ${end} of ${room}`,
];

it.each([
  ["a wider integer", "$x = (uint8)1; print(*(uint64 *)&$x);", beyond(8, 1)],
  ["by way of a variable", "$x = (uint8)1; $p = (uint64 *)&$x; print(*$p);", beyond(8, 1)],
  ["a member", "$x = (uint32)1; print(((struct pair *)&$x)->second);", beyond(8, 4)],
  ["an element", "$x = (uint64)1; print(((uint32 *)&$x)[2]);", beyond(12, 8)],
  ["a text", '$x = "abc"; print(*(uint64 *)&$x);', beyond(8, 4)],
])("what is read of a variable after a cast must be in it: %s", (_, body, errors) => {
  expect(errorsOf(`struct pair { int first; int second; } begin { ${body} }`)).toEqual(errors);
});

it.each([
  ["as wide", "$x = (int64)1; print(*(uint64 *)&$x);"],
  ["narrower", "$x = (uint64)1; print(*(uint8 *)&$x); print(((uint32 *)&$x)[1]);"],
  ["the first member", "$x = (uint32)1; print(((struct pair *)&$x)->first);"],
  ["a place that is not known", "$x = (uint64)1; $i = 1; print(((uint32 *)&$x)[$i]); print(*((uint8 *)&$x + 4));"],
  ["what grew", '$x = "a"; $p = (uint32 *)&$x; print(*$p); $x = "abcdefg";'],
  [
    "another pointer",
    "$p = (uint64 *)0xffff; print(*$p); $x = (uint8)1; $q = &$x; $q = (uint8 *)0xffff; print($q[9]);",
  ],
])("and may be: %s", (_, body) => {
  expect(errorsOf(`struct pair { int first; int second; } begin { ${body} }`)).toEqual([]);
});
