import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./byte-text.ts";
import { formatJson } from "./json.ts";
import { bareResolver } from "./resolver.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const resolver = bareResolver({ ksym: () => ({ name: "vfs_read", offset: 3 }), stack: () => [0x10n] });
const json = (type: ValueType, value: Value) => formatJson(type, value, resolver);
const u64: ValueType = { kind: "int", size: 8, signed: false };
const string: ValueType = { kind: "string", size: 64 };
const list = (...items: Value[]): Value => ({ kind: "list", items });

test("integers a double holds are numbers, others strings", () => {
  expect(json(u64, 5)).toBe("5");
  expect(json(u64, 9223372036854775807n)).toBe('"9223372036854775807"');
  expect(json(u64, 1n << 60n)).toBe("1152921504606846976");
  expect(json({ kind: "int", size: 8, signed: true }, -(1n << 63n))).toBe("-9223372036854775808");
});

test("booleans, none, pointers, enums", () => {
  expect(json({ kind: "bool" }, false)).toBe("false");
  expect(json({ kind: "none" }, null)).toBe("null");
  expect(json({ kind: "pointer" }, 0x32)).toBe("50");
  expect(json({ kind: "enum", size: 4, signed: false, name: "e", variants: [[333n, "FOO"]] }, 333)).toBe("333");
});

test("tuples and arrays without blanks, records with", () => {
  const tuple: ValueType = {
    kind: "tuple",
    size: 32,
    fields: [
      { offset: 0, type: u64 },
      { offset: 8, type: string },
      { offset: 24, type: { kind: "bool" } },
    ],
  };
  expect(json(tuple, list(1, "s", true))).toBe('[1,"s",true]');
  const record: ValueType = {
    kind: "record",
    size: 16,
    fields: [
      { name: "m", offset: 0, type: u64 },
      { name: "a", offset: 8, type: { kind: "array", element: u64, count: 2, stride: 8 } },
    ],
  };
  expect(json(record, list(2, list(3, 4)))).toBe('{"m": 2, "a": [3,4]}');
});

test("buffers are signed bytes", () => {
  expect(json({ kind: "buffer", capacity: 4 }, { kind: "bytes", bytes: Uint8Array.of(0, 127, 128, 255) })).toBe(
    "[0,127,-128,-1]",
  );
});

test("what has a name is a string", () => {
  expect(json({ kind: "ksym" }, 1)).toBe('"vfs_read"');
  expect(json({ kind: "inet" }, { kind: "bytes", bytes: Uint8Array.of(10, 0, 0, 1) })).toBe('"10.0.0.1"');
  expect(json({ kind: "mac" }, { kind: "bytes", bytes: new Uint8Array(6) })).toBe('"00:00:00:00:00:00"');
  expect(json({ kind: "kstack", map: "m", mode: "raw", limit: 9 }, { kind: "stack", id: 1, pid: 0 })).toBe(
    '"\\n10\\n"',
  );
});

test("strings: escapes, control characters, UTF-8 and bytes that are none", () => {
  expect(json(string, 'a"b\\c\n\r\t\x01\x1f\x7f')).toBe('"a\\"b\\\\c\\n\\r\\t\\u0001\\u001f\x7f"');
  expect(json(string, encodeUtf8("é€😀"))).toBe('"é€😀"');
  expect(json(string, "a\xffb\xc3")).toBe('"a\ufffdb\ufffd"');
  expect(json({ kind: "string", size: 2 }, "ab")).toBe('"ab.."');
});

test("byte text and Unicode convert both ways", () => {
  expect(encodeUtf8("aé€😀")).toBe("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  expect(decodeUtf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")).toBe("aé€😀");
  expect(encodeUtf8("\ud800")).toBe("\xef\xbf\xbd");
});

test("aggregates", () => {
  expect(json({ kind: "max", signed: false }, { kind: "extreme", value: 3, seen: true })).toBe("3");
  expect(json({ kind: "stats", signed: false }, { kind: "average", total: 12, count: 2 })).toBe(
    '{"count": 2, "average": 6, "total": 12}',
  );
});
