import type { ValueType } from "@beetrace/output";
import { describe, expect, test } from "vitest";
import { compiled, errorsOf, warningsOf } from "../testing/index.ts";

/** A layout in short: `int8`, `string[4]`, `(int8,int64)`. */
function shown(type: ValueType): string {
  switch (type.kind) {
    case "int":
      return `${type.signed ? "" : "u"}int${type.size * 8}`;
    case "string":
      return `string[${type.size}]`;
    case "buffer":
      return `buffer[${type.capacity}]`;
    case "array":
      return `${shown(type.element)}[${type.count}]`;
    case "tuple":
      return `(${type.fields.map((field) => shown(field.type)).join(",")})`;
    case "record":
      return `(${type.fields.map((field) => `${field.name}=${shown(field.type)}`).join(",")})`;
    case "sum":
    case "min":
    case "max":
    case "avg":
    case "stats":
      return `${type.signed ? "" : "u"}${type.kind}`;
    default:
      return type.kind;
  }
}

/** The type of the map @r of a script. */
function typeOf(source: string): string {
  const map = compiled(source).maps.find(({ layout }) => layout.name === "@r");
  return shown(map!.layout.value);
}

describe("literals (N1, L11)", () => {
  test.each([
    ["0", "int8"],
    ["127", "int8"],
    ["128", "int16"],
    ["-128", "int8"],
    ["-129", "int16"],
    ["32768", "int32"],
    ["2147483648", "int64"],
    ["9223372036854775807", "int64"],
    ["9223372036854775808", "uint64"],
    ["true", "bool"],
    ['"abc"', "string[4]"],
    ["1s", "uint64"],
    ["(1, 1000)", "(int8,int16)"],
    ['(a = 1, b = "x")', "(a=int8,b=string[2])"],
    ["(1,)", "(int8)"],
  ])("%s is %s", (text, type) => expect(typeOf(`begin { @r = ${text}; }`)).toBe(type));
});

describe("operators (N2, N3, N10, O1 to O9)", () => {
  test.each([
    ["(uint8)1 + (uint8)1", "uint64"],
    ["(uint8)1 + (int8)1", "int64"],
    ["(int8)1 + (int8)1", "int64"],
    ["(uint8)1 - (uint8)1", "int64"],
    ["(uint32)1 * (uint16)1", "uint64"],
    ["(uint8)1 & (uint8)1", "uint64"],
    ["(uint8)1 | (int8)1", "int64"],
    ["$u + 1", "uint64"],
    ["$u - 1", "int64"],
    ["$u + -1", "int64"],
    ["$i + 1", "int64"],
    ["$u << 2", "uint64"],
    ["$i >> 2", "int64"],
    ["~$u", "uint64"],
    ["~5", "uint64"],
    ["-$u", "int64"],
    ["!$u", "bool"],
    ["$u == 1", "bool"],
    ["$u && $i", "bool"],
    ["2 + 3", "int8"],
    ["100 + 100", "int16"],
    ["1 - 2", "int8"],
    ["$p + 1", "pointer"],
    ["$p - $p", "int64"],
    ["$p == 0", "bool"],
    ["$u ? 1 : 1000", "int16"],
    ['$u ? "a" : "abc"', "string[4]"],
    ['$u ? (1, "a") : (1000, "abc")', "(int16,string[4])"],
    ["$u++", "uint64"],
    ["sizeof(struct task_struct)", "uint64"],
  ])("%s is %s", (text, type) => {
    expect(typeOf(`begin { $u = (uint64)5; $i = (int64)5; $p = (int8*)5; @r = ${text}; }`)).toBe(type);
  });
});

describe("storage grows (N4, T27, V3)", () => {
  test.each([
    ["@r = 1; @r = 1000;", "int16"],
    ["@r = 1000; @r = 1;", "int16"],
    ["@r = (uint8)1; @r = (int8)1;", "int16"],
    ["@r = (uint32)1; @r = (int8)1;", "int64"],
    ["@r = (uint8)1; @r = (int16)1;", "int16"],
    ["@r = (uint64)1; @r = (int8)1;", "int64"],
    ["@r = (uint64)1; @r = (uint8)1;", "uint64"],
    ['@r = "a"; @r = "abcdef";', "string[7]"],
    ['@r = (1, "a"); @r = (100000, "abc");', "(int32,string[4])"],
    ["@r++;", "int64"],
    ["@r++; @r = 5;", "int64"],
    ["@r += 1;", "int64"],
    ["@r = @r + 1;", "int64"],
    ["@r = @o; @o = 5; @o = 70000;", "int32"],
    ["$x = 1; @r = $x; $x = 70000;", "int32"],
    ["for $i : 0..3 { @r = $i; }", "int64"],
    ["@m[1] = 1000; for $kv : @m { @r = $kv; }", "(int8,int16)"],
    ["@m[1] = count(); for $kv : @m { @r = $kv.1; }", "uint64"],
    ["@r = sum(5);", "sum"],
    ["@r = sum((uint8)5);", "usum"],
    ["@r = sum((uint8)5); @r = sum(-1);", "sum"],
    ["@r = min(5); @r = min((uint64)5);", "min"],
    ["@c = count(); @r = @c;", "uint64"],
    ["@c = avg(-5); @r = @c;", "int64"],
    ["@r = (uint8[2])(uint16)5;", "uint8[2]"],
    ['@r = buf("abc", 2);', "buffer[2]"],
    ["@r = comm;", "string[16]"],
    ["@r = pid;", "uint32"],
    ["@r = nsecs;", "uint64"],
    ["@r = ntop(5);", "inet"],
    ["@r = str(5);", "string[1024]"],
    ["@r = str(5, 10);", "string[10]"],
    ["@r = kstack;", "kstack"],
    ["@r = probe;", "probe"],
    ["@r = (int8)5;", "int8"],
    ["let $x: uint16 = 5; @r = $x;", "uint16"],
    ["$x = if 1 { 5 } else { 1000 }; @r = $x;", "int16"],
    ["@r = { $q = 1000; $q };", "int16"],
    ['@r = strftime("%H", nsecs);', "timestamp"],
    ["@r = ksym(5);", "ksym"],
    ["@r = username;", "username"],
    ["@r = TCP_CLOSE;", "enum"],
    ["@r = TCP_CLOSE + 1;", "uint64"],
    ["@r = curtask->pid;", "int32"],
    ["@r = curtask->comm;", "string[16]"],
    ["@r = curtask->counts;", "uint64[4]"],
    ["@r = curtask->sched_class;", "uint8"],
    ["@r = curtask->real_parent;", "pointer"],
  ])("%s", (text, type) => expect(typeOf(`begin { ${text} }`)).toBe(type));

  test("keys grow as well", () => {
    const [map] = compiled('begin { @r[1, "a"] = 1; @r[70000, "abc"] = 1; }').maps;
    expect(shown(map.layout.key!)).toBe("(int32,string[4])");
  });
});

describe("warnings", () => {
  test.each([
    [
      "$a = -4; @ = $a / 2;",
      ["signed operands for '/' can lead to undefined behavior (cast to unsigned to silence warning)"],
    ],
    ["$a = (uint64)4; @ = $a / 2;", []],
    [
      "$a = -4; $b = (uint64)1; @ = $a < $b;",
      ["comparison of integers of different signs: 'int8' and 'uint64' can lead to undefined behavior"],
    ],
    ["$a = -4; $b = (uint8)1; @ = $a < $b;", []],
    ["$a = (uint64)4; @ = $a < 5;", []],
    ["@ = 1; pid;", ["Return value discarded."]],
    [
      '@ = str("abc", 5000);',
      ["length param (5000) is too long and will be shortened to 1024 bytes (see BPFTRACE_MAX_STRLEN)"],
    ],
  ])("%s", (text, expected) => expect(warningsOf(`begin { ${text} }`)).toEqual(expected));
});

describe("errors of arguments", () => {
  test.each([
    ["kstack(2000);", "kstack([limit]): limit shouldn't exceed 1024, 2000 given"],
    ['kaddr("nope");', "Failed to resolve kernel symbol: nope"],
    ['cgroupid("/nope");', "Failed to get cgroup id of /nope"],
    ['reg("ax");', 'reg can not be used with "begin" probes'],
    ["print();", "print() requires at least 1 argument (0 provided)"],
    ["print(1, 2, 3, 4);", "print() takes up to 3 arguments (4 provided)"],
    ["pid(1);", "pid() only supports curr_ns and init as the argument"],
    ["tid(here);", "Invalid PID namespace mode: here (expects: curr_ns or init)"],
    ["kstack(build_id, 3);", "'build_id' stack mode can only be used for ustack"],
    ['strncmp("a");', "strncmp() requires 3 arguments (1 provided)"],
    ['strncmp("a", 5, 1);', "strncmp() expects a string argument (int8 provided)"],
    ['join("a");', "join() only supports int and pointer arguments (string[2] provided)"],
    ['ksym("a");', "ksym() expects an integer or pointer argument, got string[2]"],
    ["@x = 1; print(@x, 1, 0);", "print(): the divisor must not be 0"],
    ["clear(5);", "clear() expects a map to be provided"],
    ['signal("KILL");', 'signal can not be used with "begin" probes'],
    ["$x = 1.5;", "Decimal numbers can only be used in the arguments of printf and print: BPF has no floating point"],
    ["print(((1.5, 2)));", "A decimal number cannot be part of a tuple: BPF has no floating point"],
  ])("%s", (text, message) => expect(errorsOf(`begin { ${text} }`)).toContain(message));
});

test("a script of many errors tells each once", () => {
  const errors = errorsOf("begin { print($a); print($b); prnt(1); @x = 1; @x[1] = 2; }");
  expect(errors).toEqual([
    "Undefined or undeclared variable: $a",
    "Undefined or undeclared variable: $b",
    "Unknown function: 'prnt'",
    "@x used as a map with an explicit key (non-scalar map), previously used without an explicit key (scalar map)",
  ]);
});
