import { expect, test } from "vitest";
import { formatPrintk } from "./printk.ts";

test.each([
  ["%d", -1n, "-1"],
  ["%d", 0x1_0000_0001n, "1"],
  ["%u", -1n, "4294967295"],
  ["%lld", -1n, "-1"],
  ["%llu", -1n, "18446744073709551615"],
  ["%hhd", 0x1ffn, "-1"],
  ["%hx", 0x12345n, "2345"],
  ["%lX", 0xabcdefn, "ABCDEF"],
  ["%c", 65n, "A"],
  ["%p", 0x1234n, "0000000000001234"],
  ["[%5d]", 42n, "[   42]"],
  ["[%-5d]", 42n, "[42   ]"],
  ["[%05d]", -42n, "[-0042]"],
  ["%s", 7n, "<7>"],
  ["[%.2s]", 7n, "[<7]"],
  ["100%%", 0n, "100%"],
  ["%y", 0n, "%y"],
])("%s", (format, value, text) => {
  expect(formatPrintk(format, [value], (address) => `<${address}>`)).toBe(text);
});
