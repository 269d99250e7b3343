import { expect, test } from "vitest";
import { callText, hex } from "./show.ts";

test("values as C has them, without members that are 0", () => {
  const text = callText([
    {
      name: "file",
      type: "struct file *",
      pointer: "0xffff888100000000",
      value: {
        f_mode: 5,
        f_pos: 0,
        f_path: { mnt: "18446612686752487296", dentry: 0 },
        f_ra: { start: 0, size: 0 },
        name: "null",
      },
    },
    { name: "buf", type: "char *", pointer: "0x7ffd", value: null },
    { name: "count", type: "size_t", value: 4096 },
    { name: "file->f_flags", type: null, value: 32768 },
  ]);
  expect(text).toBe(
    [
      "                                   file = *(0xffff888100000000)",
      "                                    (struct file){",
      "                                     .f_mode = 5,",
      "                                     .f_path = {",
      "                                      .mnt = 0xffff888117189780,",
      "                                     },",
      '                                     .name = "null",',
      "                                    },",
      "                                   buf = *(0x7ffd),",
      "                                   count =",
      "                                    (size_t)4096,",
      "                                   file->f_flags =",
      "                                    32768",
      "                               );",
      "",
      "",
    ].join("\n"),
  );
});

test("a call without values", () => {
  expect(callText([])).toBe("\n                               );\n\n");
});

test("addresses to the last bit", () => {
  expect(hex(2 ** 63 + 2 ** 20)).toBe("0x8000000000100000");
  expect(hex("18446612686752487297")).toBe("0xffff888117189781");
});
