import { type DebugInfo, type DebugType, ElfError } from "@beetrace/object";
import { expect, test } from "vitest";
import { findField } from "./c-types.ts";
import { DebugTypes } from "./debug-types.ts";
import { typeName } from "./types.ts";

const base = (
  sizeBytes: number,
  encoding: Extract<DebugType, { kind: "base" }>["encoding"],
  name = "t",
): DebugType => ({
  kind: "base",
  name,
  sizeBytes,
  encoding,
});
const CHAR = base(1, "signed-char", "char");
const INT = base(4, "signed", "int");
const types = new DebugTypes(() => undefined);
const nameOf = (type: DebugType | undefined) => typeName(types.type(type));
const array = (of: DebugType, ...counts: number[]): DebugType => ({ kind: "array", of, counts });

test.each<[DebugType | undefined, string]>([
  [INT, "int32"],
  [CHAR, "int8"],
  [base(1, "boolean"), "bool"],
  [base(16, "unsigned"), "uint64[2]"],
  [base(3, "other"), "none"],
  [undefined, "none"],
  [{ kind: "pointer", reference: "", to: undefined }, "void *"],
  [{ kind: "pointer", reference: "&", to: { kind: "qualified", qualifier: "const", to: INT } }, "int32 *"],
  [array(CHAR, 10), "string[10]"],
  [array({ kind: "qualified", qualifier: "const", to: CHAR }, 10), "string[10]"],
  [array(base(1, "unsigned-char"), 4), "string[4]"],
  [array({ kind: "typedef", name: "uint8_t", to: base(1, "unsigned-char") }, 4), "uint8[4]"],
  [array(INT, 2, 3), "int32[3][2]"],
  [array(CHAR, 2, 8), "string[8][2]"],
  [{ kind: "function", parameters: [], result: undefined }, "none"],
])("%j", (type, expected) => expect(nameOf(type)).toBe(expected));

test("structs: bit fields, what is inherited or has no name, themselves", () => {
  const word: DebugType = base(4, "unsigned");
  const inner: DebugType = {
    kind: "struct",
    keyword: "union",
    name: "",
    sizeBytes: 8,
    isPassedByAddress: false,
    members: [{ name: "either", type: INT, bitOffset: 0 }],
  };
  const members = [
    { name: "low", type: word, bitOffset: 3, bitWidth: 7 },
    { name: "", type: inner, bitOffset: 64 },
    { name: "next", type: undefined as DebugType | undefined, bitOffset: 128 },
  ];
  const node: DebugType = {
    kind: "struct",
    keyword: "class",
    name: "node",
    sizeBytes: 24,
    isPassedByAddress: false,
    members,
  };
  members[2].type = { kind: "pointer", reference: "", to: node };
  const info = { type: () => node } as Partial<DebugInfo> as DebugInfo;
  const made = new DebugTypes(() => info).struct("node");
  if (!made) throw new Error("no struct");
  expect([made.sizeBytes, made.alignBytes, typeName(made)]).toEqual([24, 8, "struct node"]);
  expect(findField(made, "low")).toMatchObject({ offsetBytes: 0, bitfield: { shift: 3, width: 7 } });
  expect(findField(made, "either")).toMatchObject({ offsetBytes: 8 });
  const next = findField(made, "next")?.type;
  expect(next?.kind === "pointer" && next.to).toBe(made);
});

test("what is damaged is as if it were not there", () => {
  const damaged = (): never => {
    throw new ElfError("damaged");
  };
  const info = { type: damaged } as Partial<DebugInfo> as DebugInfo;
  const broken = new DebugTypes(() => info);
  expect([broken.struct("a"), broken.enum("a"), broken.named("a")]).toEqual([undefined, undefined, undefined]);
  const type: DebugType = {
    kind: "pointer",
    reference: "",
    get to() {
      return damaged();
    },
  };
  const pointer = broken.type(type);
  expect(pointer.kind === "pointer" && pointer.to.kind).toBe("none");
});
