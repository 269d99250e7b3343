import { expect, test } from "vitest";
import { Btf } from "./btf.ts";
import { buildBtfIndex, decodeBtfIndex, encodeBtfIndex } from "./btf-index.ts";
import { BtfWriter } from "./btf-writer.ts";
import { BtfError } from "./format.ts";
import { cTypeName, printCType } from "./print-c.ts";
import type { BtfType } from "./type.ts";

const INT: BtfType = { kind: "int", name: "int", size: 4, bits: 32, signed: true, bool: false, char: false };
const CHAR: BtfType = { kind: "int", name: "char", size: 1, bits: 8, signed: true, bool: false, char: true };
const U64: BtfType = {
  kind: "int",
  name: "long unsigned int",
  size: 8,
  bits: 64,
  signed: false,
  bool: false,
  char: false,
};

/** Every kind of type; the id of each is its place, counted from 1. */
const EVERY_KIND: readonly BtfType[] = [
  INT,
  CHAR,
  U64,
  { kind: "ptr", to: 5 },
  {
    kind: "struct",
    name: "node",
    size: 48,
    members: [
      { name: "next", type: 4, bitOffset: 0 },
      { name: "value", type: 1, bitOffset: 64 },
      { name: "", type: 6, bitOffset: 128 },
      { name: "name", type: 7, bitOffset: 192 },
      { name: "callback", type: 11, bitOffset: 320 },
    ],
  },
  {
    kind: "union",
    name: "",
    size: 8,
    members: [
      { name: "whole", type: 3, bitOffset: 0 },
      { name: "part", type: 1, bitOffset: 0 },
    ],
  },
  { kind: "array", element: 2, index: 1, count: 16 },
  { kind: "const", type: 2 },
  { kind: "ptr", to: 8 },
  {
    kind: "func_proto",
    result: 1,
    variadic: true,
    params: [
      { name: "self", type: 4 },
      { name: "format", type: 9 },
    ],
  },
  { kind: "ptr", to: 10 },
  {
    kind: "enum",
    name: "state",
    size: 4,
    signed: true,
    constants: [
      { name: "STATE_LOST", value: -1n },
      { name: "STATE_OPEN", value: 1n },
    ],
  },
  {
    kind: "enum",
    name: "wide",
    size: 8,
    signed: false,
    constants: [{ name: "WIDE_TOP", value: 0x8000_0000_0000_0001n }],
  },
  { kind: "fwd", name: "later", union: true },
  { kind: "typedef", name: "size_type", type: 16 },
  { kind: "volatile", type: 17 },
  { kind: "restrict", type: 3 },
  { kind: "func", name: "visit", proto: 10, linkage: "global" },
  { kind: "var", name: "counter", type: 15, linkage: "static" },
  { kind: "datasec", name: ".bss", size: 8, variables: [{ type: 19, offset: 0, size: 8 }] },
  { kind: "float", name: "double", size: 8 },
  { kind: "decl_tag", name: "mark", type: 5, component: -1 },
  { kind: "type_tag", name: "user", type: 2 },
  {
    kind: "struct",
    name: "flags",
    size: 4,
    members: [
      { name: "low", type: 1, bitOffset: 0, bitfieldSize: 3 },
      { name: "high", type: 1, bitOffset: 16, bitfieldSize: 5 },
    ],
  },
];

function encode(types: readonly BtfType[]): Uint8Array {
  const writer = new BtfWriter();
  for (const type of types) writer.add(type);
  return writer.encode();
}

const sample = Btf.parse(encode(EVERY_KIND));

test("every kind of type is read as it was written", () => {
  expect(sample.typeCount).toBe(EVERY_KIND.length + 1);
  EVERY_KIND.forEach((type, i) => {
    expect(sample.type(i + 1)).toEqual(type);
  });
  expect(sample.type(0)).toEqual({ kind: "void" });
  expect(() => sample.type(EVERY_KIND.length + 1)).toThrow(BtfError);
});

test("types are found by kind and name", () => {
  expect(sample.findType("struct", "node")).toBe(5);
  expect(sample.findType("union", "node")).toBeUndefined();
  expect(sample.findType("enum", "state")).toBe(12);
  expect(sample.findType("enum", "wide")).toBe(13);
  expect(sample.findType("fwd", "later")).toBe(14);
  expect(sample.findType("typedef", "size_type")).toBe(15);
  expect(sample.findType("func", "visit")).toBe(18);
  expect(sample.findType("var", "counter")).toBe(19);
  expect(sample.findType("float", "double")).toBe(21);
  expect(sample.findType("int", "long unsigned int")).toBe(3);
  expect(sample.findType("struct", "")).toBeUndefined();
  expect(sample.findType("struct", "nod")).toBeUndefined();
  expect(sample.findType("struct", "node2")).toBeUndefined();
});

test("the first of several types with one name and kind is found", () => {
  const twice = Btf.parse(encode([INT, { kind: "fwd", name: "int", union: false }, { ...INT, size: 8, bits: 64 }]));
  expect(twice.findType("int", "int")).toBe(1);
  expect([...twice.names("int")]).toEqual(["int"]);
});

test("enumerators are found with their values", () => {
  expect(sample.findEnumConstant("STATE_LOST")).toEqual({ typeId: 12, value: -1n });
  expect(sample.findEnumConstant("WIDE_TOP")).toEqual({ typeId: 13, value: 0x8000_0000_0000_0001n });
  expect(sample.findEnumConstant("STATE")).toBeUndefined();
});

test("names are listed in the order of their types", () => {
  expect([...sample.names("struct")]).toEqual(["node", "flags"]);
  expect([...sample.names("enum")]).toEqual(["state", "wide"]);
  expect([...sample.names("union")]).toEqual([]);
});

test("modifiers and typedefs are resolved, sizes follow from them", () => {
  expect(sample.resolve(15)).toBe(3);
  expect(sample.resolve(5)).toBe(5);
  expect([1, 4, 5, 6, 7, 8, 14, 15, 18, 19, 20].map((id) => sample.sizeOf(id))).toEqual([
    4, 8, 48, 8, 16, 1, 0, 8, 0, 8, 8,
  ]);
});

test("an index is kept as bytes and used again", () => {
  const bytes = encode(EVERY_KIND);
  const kept = encodeBtfIndex(buildBtfIndex(bytes));
  // One byte before it in the same buffer: the arrays cannot be views then.
  const shifted = new Uint8Array(kept.length + 1);
  shifted.set(kept, 1);
  for (const encoded of [kept, shifted.subarray(1)]) {
    const again = Btf.parse(bytes, { index: decodeBtfIndex(encoded) });
    expect(again.findType("struct", "node")).toBe(5);
    expect(again.findEnumConstant("STATE_OPEN")).toEqual({ typeId: 12, value: 1n });
    expect(again.type(24)).toEqual(EVERY_KIND[23]);
  }
});

test("an index of other types is refused", () => {
  const index = buildBtfIndex(encode([INT]));
  expect(() => Btf.parse(encode(EVERY_KIND), { index })).toThrow(BtfError);
  const kept = encodeBtfIndex(index);
  expect(() => decodeBtfIndex(kept.subarray(0, kept.length - 4))).toThrow(BtfError);
  kept[4] = 99;
  expect(() => decodeBtfIndex(kept)).toThrow(BtfError);
});

/** A split BTF made by hand: its ids and string offsets go on where those of the base end. */
function splitBtf(base: Uint8Array): Uint8Array {
  const baseStrings = new DataView(base.buffer).getUint32(20, true);
  const writer = new BtfWriter();
  writer.add({ kind: "struct", name: "module_state", size: 4, members: [{ name: "value", type: 1, bitOffset: 0 }] });
  const bytes = writer.encode();
  const view = new DataView(bytes.buffer);
  for (const at of [24, 36]) view.setUint32(at, view.getUint32(at, true) + baseStrings, true);
  return bytes;
}

test("a split BTF adds to its base", () => {
  const baseBytes = encode(EVERY_KIND);
  const base = Btf.parse(baseBytes);
  const module = Btf.parse(splitBtf(baseBytes), { base });
  const id = EVERY_KIND.length + 1;
  expect(module.findType("struct", "module_state")).toBe(id);
  expect(base.findType("struct", "module_state")).toBeUndefined();
  expect(module.findType("struct", "node")).toBe(5);
  expect(module.findOwnType("struct", "module_state")).toBe(id);
  expect(module.findOwnType("struct", "node")).toBeUndefined();
  expect(module.type(id)).toMatchObject({ name: "module_state", members: [{ name: "value", type: 1 }] });
  expect(module.findEnumConstant("STATE_OPEN")?.value).toBe(1n);
  expect([...module.names("struct")]).toEqual(["node", "flags", "module_state"]);
  expect(module.typeCount).toBe(id + 1);
});

test("a type that is defined by itself is an error, not a hang", () => {
  const cyclic = Btf.parse(
    encode([
      { kind: "typedef", name: "a", type: 2 },
      { kind: "const", type: 1 },
      { kind: "array", element: 3, index: 3, count: 2 },
      { kind: "array", element: 3, index: 3, count: 0xffffffff },
      { kind: "struct", name: "", size: 8, members: [{ name: "", type: 5, bitOffset: 0 }] },
      { kind: "ptr", to: 6 },
    ]),
  );
  expect(() => cyclic.resolve(1)).toThrow(BtfError);
  for (const id of [1, 3, 4]) expect(() => cyclic.sizeOf(id)).toThrow(BtfError);
  for (const id of [3, 5, 6]) expect(() => printCType(cyclic, id)).toThrow(BtfError);
});

test("structs nested without end are an error", () => {
  const nested = Array.from({ length: 20_000 }, (_, i): BtfType => {
    return { kind: "struct", name: "", size: 4, members: [{ name: "", type: i + 2, bitOffset: 0 }] };
  });
  const btf = Btf.parse(encode([...nested, INT]));
  expect(() => printCType(btf, 1)).toThrow(BtfError);
  expect(btf.sizeOf(1)).toBe(4);
});

test("a struct is printed as bpftool prints it", () => {
  expect(printCType(sample, 5)).toBe(`struct node {
	struct node *next;
	int value;
	union {
		long unsigned int whole;
		int part;
	};
	char name[16];
	int (*callback)(struct node *self, const char *format, ...);
};`);
  expect(printCType(sample, 24)).toBe(`struct flags {
	int low: 3;
	short: 13;
	int high: 5;
};`);
});

test("enums and typedefs are printed", () => {
  expect(printCType(sample, 12)).toBe("enum state {\n\tSTATE_LOST = -1,\n\tSTATE_OPEN = 1,\n};");
  expect(printCType(sample, 13)).toBe("enum wide {\n\tWIDE_TOP = 9223372036854775809ULL,\n};");
  expect(printCType(sample, 15)).toBe("typedef restrict volatile long unsigned int size_type;");
  expect(printCType(sample, 18)).toBe("int visit(struct node *self, const char *format, ...);");
});

test("types are named as before a variable", () => {
  expect([1, 4, 7, 9, 11, 12, 14].map((id) => cTypeName(sample, id))).toEqual([
    "int",
    "struct node *",
    "char[16]",
    "const char *",
    "int (*)(struct node *self, const char *format, ...)",
    "enum state",
    "union later",
  ]);
});

test("packing and gaps are shown", () => {
  const btf = Btf.parse(
    encode([
      INT,
      CHAR,
      U64,
      {
        kind: "struct",
        name: "packed",
        size: 5,
        members: [
          { name: "first", type: 2, bitOffset: 0 },
          { name: "second", type: 1, bitOffset: 8 },
        ],
      },
      { kind: "struct", name: "spread", size: 32, members: [{ name: "first", type: 3, bitOffset: 0 }] },
      { kind: "struct", name: "empty", size: 0, members: [] },
    ]),
  );
  expect(printCType(btf, 4)).toBe("struct packed {\n\tchar first;\n\tint second;\n} __attribute__((packed));");
  expect(printCType(btf, 5)).toBe(
    "struct spread {\n\tlong unsigned int first;\n\tlong: 64;\n\tlong: 64;\n\tlong: 64;\n};",
  );
  expect(printCType(btf, 6)).toBe("struct empty {};");
});
