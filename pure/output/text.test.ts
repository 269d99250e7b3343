import { expect, test } from "vitest";
import { bareResolver } from "./resolver.ts";
import { formatText } from "./text.ts";
import type { ValueType } from "./type.ts";
import type { Value } from "./value.ts";

const resolver = bareResolver({
  ksym: (address) => (BigInt(address) === 0xffffn ? { name: "do_sys_open", offset: 12 } : undefined),
  usym: (address, pid) => {
    if (BigInt(address) === 0x400n && pid === 7) {
      const inlined = [{ name: "leaf", source: "/src/a.c:3" }];
      return { name: "main", offset: 4, module: "/bin/app", source: "/src/a.c:9", inlined };
    }
    return undefined;
  },
  stack: (map, id) => (map === "stacks" && id === 5 ? [0xffffn, 0x400n, 0x500n] : undefined),
  buildIdStack: () => [
    { kind: "build-id", buildId: Uint8Array.from({ length: 20 }, (_, index) => index), offset: 0x1a2b },
    { kind: "build-id", buildId: new Uint8Array(20).fill(255), offset: 5 },
    { kind: "address", address: 0x7fff },
  ],
  username: (uid) => (uid === 0 ? "root" : undefined),
  cgroupPath: (id, pattern) => `unified:/system.slice/${pattern}/${id}`,
  probeName: (id) => ["kprobe:f", "BEGIN"][Number(id)],
  unixNs: (clock, ns) => (clock === "monotonic" ? undefined : 1_700_000_000_000_000_000n + BigInt(ns)),
  zoneAt: () => ({ utcOffsetSeconds: 3600, zoneName: "CET" }),
});
const text = (type: ValueType, value: Value) => formatText(type, value, resolver);
const list = (...items: Value[]): Value => ({ kind: "list", items });
const bytes = (...of: number[]): Value => ({ kind: "bytes", bytes: Uint8Array.from(of) });
const int: ValueType = { kind: "int", size: 8, signed: true };

test("integers, booleans, none", () => {
  expect(text(int, -5)).toBe("-5");
  expect(text(int, 18446744073709551605n)).toBe("18446744073709551605");
  expect(text({ kind: "bool" }, true)).toBe("true");
  expect(text({ kind: "none" }, null)).toBe("null");
});

test("a string that fills its type shows the trailer", () => {
  expect(text({ kind: "string", size: 4 }, "abc")).toBe("abc");
  expect(text({ kind: "string", size: 4 }, "abcd")).toBe("abcd..");
  expect(text({ kind: "string", size: 0 }, "")).toBe("");
  expect(formatText({ kind: "string", size: 2 }, "ab", bareResolver({ strTruncTrailer: "_x" }))).toBe("ab_x");
});

test("pointers in hex without padding", () => {
  expect(text({ kind: "pointer" }, 0)).toBe("0x0");
  expect(text({ kind: "pointer" }, 0xffffffff81000000n)).toBe("0xffffffff81000000");
});

test("arrays without blanks, tuples with, records with names", () => {
  const array: ValueType = { kind: "array", element: int, count: 2, stride: 8 };
  expect(text(array, list(1, 2))).toBe("[1,2]");
  expect(text({ kind: "array", element: array, count: 2, stride: 16 }, list(list(1, 2), list(3, 4)))).toBe(
    "[[1,2],[3,4]]",
  );
  const string: ValueType = { kind: "string", size: 8 };
  const inner: ValueType = {
    kind: "tuple",
    size: 16,
    fields: [
      { offset: 0, type: int },
      { offset: 8, type: int },
    ],
  };
  const tuple: ValueType = {
    kind: "tuple",
    size: 32,
    fields: [
      { offset: 0, type: int },
      { offset: 8, type: string },
      { offset: 16, type: inner },
    ],
  };
  expect(text(tuple, list(1, "a", list(2, 3)))).toBe("(1, a, (2, 3))");
  expect(text({ kind: "tuple", size: 0, fields: [] }, list())).toBe("()");
  expect(text({ kind: "tuple", size: 8, fields: [{ offset: 0, type: int }] }, list(1))).toBe("(1)");
  const record: ValueType = {
    kind: "record",
    size: 24,
    fields: [
      { name: "x", offset: 0, type: int },
      { name: "y", offset: 8, type: string },
      { name: "z", offset: 16, type: { kind: "record", size: 0, fields: [] } },
    ],
  };
  expect(text(record, list(1, "s", list()))).toBe("{ .x = 1, .y = s, .z = {} }");
});

test("enums by name, unknown values as numbers", () => {
  const type: ValueType = {
    kind: "enum",
    size: 4,
    signed: false,
    name: "e",
    variants: [
      [1n, "ONE"],
      [1n, "UNO"],
      [9n, "NINE"],
    ],
  };
  expect(text(type, 1)).toBe("ONE");
  expect(text(type, 9)).toBe("NINE");
  expect(text(type, 2)).toBe("2");
});

test("buffers keep printable ASCII", () => {
  expect(text({ kind: "buffer", capacity: 8 }, bytes(0x41, 1, 0x7f, 0x20, 0xff, 0x5c))).toBe("A\\x01\\x7f \\xff\\");
});

test("internet addresses as RFC 5952 has them", () => {
  const v6 = (...groups: number[]) =>
    text({ kind: "inet" }, bytes(...groups.flatMap((group) => [group >> 8, group & 255])));
  expect(text({ kind: "inet" }, bytes(192, 168, 0, 1))).toBe("192.168.0.1");
  expect(text({ kind: "inet" }, bytes())).toBe("");
  expect(v6(0, 0, 0, 0, 0, 0, 0, 0)).toBe("::");
  expect(v6(0, 0, 0, 0, 0, 0, 0, 1)).toBe("::1");
  expect(v6(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)).toBe("2001:db8::1:0:0:1");
  expect(v6(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1)).toBe("2001:db8:0:1:1:1:1:1");
  expect(v6(0xfe80, 0, 0, 0, 0, 0, 0, 0)).toBe("fe80::");
  expect(v6(0, 0, 0, 0, 0, 0xffff, 0x0a00, 1)).toBe("::ffff:10.0.0.1");
  expect(v6(0, 0, 0, 0, 0, 0, 0x0102, 0x0304)).toBe("::1.2.3.4");
  expect(v6(1, 0, 0, 2, 0, 0, 0, 3)).toBe("1:0:0:2::3");
});

test("hardware addresses in upper case", () => {
  expect(text({ kind: "mac" }, bytes(0, 0x1b, 0x44, 0xab, 0xcd, 0xef))).toBe("00:1B:44:AB:CD:EF");
});

test("symbols without offset, addresses without a symbol", () => {
  expect(text({ kind: "ksym" }, 0xffff)).toBe("do_sys_open");
  expect(text({ kind: "ksym" }, 0x10)).toBe("0x10");
  expect(text({ kind: "usym" }, { kind: "address", address: 0x400, pid: 7 })).toBe("main");
  expect(text({ kind: "usym" }, { kind: "address", address: 0x400, pid: 8 })).toBe("0x400");
});

test("a timestamp is its format, or (?) where no time is known", () => {
  const type = (clock: "boot" | "monotonic") =>
    ({ kind: "timestamp", clock, format: "%Y-%m-%d %H:%M:%S.%f %Z" }) as const;
  expect(text(type("boot"), 123_456_789)).toBe("2023-11-14 23:13:20.123456 CET");
  expect(text(type("monotonic"), 1)).toBe("(?)");
  expect(formatText(type("boot"), 5, bareResolver())).toBe("(?)");
  expect(text({ kind: "timestamp", clock: "boot", format: "" }, 1)).toBe("(?)");
});

test("cgroup paths, user names, probe names, names of a set", () => {
  expect(text({ kind: "cgroup-path", pattern: "*" }, 42)).toBe("unified:/system.slice/*/42");
  expect(text({ kind: "username" }, 0)).toBe("root");
  expect(text({ kind: "username" }, 1234)).toBe("");
  expect(text({ kind: "probe" }, 1)).toBe("BEGIN");
  expect(text({ kind: "name", names: ["a", "b"] }, 1)).toBe("b");
  expect(text({ kind: "name", names: ["a", "b"] }, 2)).toBe("2");
});

test("aggregates read as values", () => {
  expect(text({ kind: "count" }, 3)).toBe("3");
  expect(text({ kind: "min", signed: true }, { kind: "extreme", value: -3, seen: true })).toBe("-3");
  expect(text({ kind: "avg", signed: true }, { kind: "average", total: -25, count: 2 })).toBe("-12");
  expect(text({ kind: "stats", signed: false }, { kind: "average", total: 25, count: 2 })).toBe(
    "{ .count = 2, .average = 12, .total = 25 }",
  );
  expect(text({ kind: "stats", signed: false }, { kind: "average", total: 0, count: 0 })).toBe(
    "{ .count = 0, .average = 0, .total = 0 }",
  );
});

const stack = (kind: "kstack" | "ustack", mode: "bpftrace" | "perf" | "raw" | "build_id", limit = 127) =>
  ({ kind, map: "stacks", mode, limit }) as const;
const taken: Value = { kind: "stack", id: 5, pid: 7 };

test("stacks in the mode of bpftrace", () => {
  expect(text(stack("kstack", "bpftrace"), taken)).toBe("\n        do_sys_open+12\n        0x400\n        0x500\n");
  expect(text(stack("ustack", "bpftrace"), taken)).toBe(
    "\n        0xffff\n        [inlined] leaf@/src/a.c:3\n        main+4@/src/a.c:9\n        0x500\n",
  );
  expect(text(stack("kstack", "bpftrace", 1), taken)).toBe("\n        do_sys_open+12\n");
});

test("stacks in the mode of perf", () => {
  expect(text(stack("kstack", "perf", 2), taken)).toBe("\n\tffff do_sys_open+12\n\t400 0x400\n");
  expect(text(stack("ustack", "perf"), taken)).toBe(
    "\n\tffff 0xffff ([unknown])\n\t400 leaf (inlined)\n\t400 main+4 (/bin/app)\n\t500 0x500 ([unknown])\n",
  );
});

test("raw stacks and build ids", () => {
  expect(text(stack("kstack", "raw"), taken)).toBe("\nffff\n400\n500\n");
  expect(text(stack("kstack", "build_id"), taken)).toBe("\nffff\n400\n500\n");
  expect(text(stack("ustack", "build_id"), taken)).toBe(
    `\n000102030405060708090a0b0c0d0e0f10111213 0x1a2b\n${"ff".repeat(20)} 0x05\n7fff\n`,
  );
});

test("a stack that was not taken, is gone, or could not be unwound", () => {
  expect(text(stack("kstack", "bpftrace"), { kind: "stack", id: -14, pid: 0 })).toBe("\n");
  expect(text(stack("kstack", "bpftrace"), { kind: "stack", id: 6, pid: 0 })).toBe("\n");
  const broken = bareResolver({ stack: () => [0x1n, 0xffffffffffffffffn, 0x2n] });
  expect(formatText(stack("ustack", "raw"), taken, broken)).toBe("\n1\n        <unwind failure>\n");
});
