import { describe, expect, it } from "vitest";
import { parseTracepointFormat } from "./tracepoint-format.ts";

const COMMON = [
  "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;",
  "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;",
];

function format(...fields: string[]): string {
  return [
    "name: probe_me",
    "ID: 372",
    "format:",
    ...COMMON,
    "",
    ...fields,
    "",
    'print fmt: "x;\tfield:int no;"',
    "",
  ].join("\n");
}

function field(line: string) {
  const parsed = parseTracepointFormat(format(line), "test");
  expect(parsed?.fields).toHaveLength(3);
  return parsed?.fields[2];
}

describe("parseTracepointFormat", () => {
  it("reads name, id and the common fields", () => {
    const parsed = parseTracepointFormat(format(), "sched");
    expect(parsed).toMatchObject({ category: "sched", name: "probe_me", id: 372 });
    expect(
      parsed?.fields.map((each) => [each.name, each.type, each.offset, each.size, each.signed, each.common]),
    ).toEqual([
      ["common_type", "unsigned short", 0, 2, false, true],
      ["common_pid", "int", 4, 4, true, true],
    ]);
  });

  it("reads a single value", () => {
    expect(field("\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;")).toEqual({
      name: "prev_pid",
      type: "pid_t",
      declaration: "pid_t prev_pid",
      offset: 24,
      size: 4,
      signed: true,
      isDataLoc: false,
      isRelDataLoc: false,
      common: false,
    });
  });

  it.each([
    ["char comm[16]", 16, "char", "comm", 16],
    ["unsigned long args[6]", 48, "unsigned long", "args", 6],
    ["u8 grid[2][8]", 16, "u8", "grid", 16],
    ["char comm[TASK_COMM_LEN]", 16, "char", "comm", 16],
    ["unsigned long bits[BITS]", 16, "unsigned long", "bits", undefined],
    ["unsigned long tail[]", 0, "unsigned long", "tail", undefined],
    ["const char * filename", 8, "const char *", "filename", undefined],
    ["const char *const * argv", 8, "const char *const *", "argv", undefined],
    ["int *x", 8, "int *", "x", undefined],
    ["struct __kernel_timespec * rqtp", 8, "struct __kernel_timespec *", "rqtp", undefined],
    ["enum zone_type zone", 4, "enum zone_type", "zone", undefined],
  ])("splits %s", (declaration, size, type, name, arrayCount) => {
    const parsed = field(`\tfield:${declaration};\toffset:8;\tsize:${size};\tsigned:0;`);
    expect(parsed).toMatchObject({ type, name, declaration });
    expect(parsed?.arrayCount).toBe(arrayCount);
  });

  it("knows data behind the record", () => {
    const data = field("\tfield:__data_loc char[] name;\toffset:8;\tsize:4;\tsigned:0;");
    expect(data).toMatchObject({ name: "name", type: "char", isDataLoc: true, isRelDataLoc: false });
    const relative = field("\tfield:__rel_loc u8[] payload;\toffset:8;\tsize:4;\tsigned:0;");
    expect(relative).toMatchObject({ name: "payload", type: "u8", isDataLoc: false, isRelDataLoc: true });
    expect(data).not.toHaveProperty("arrayCount");
  });

  it("accepts old kernels without signed", () => {
    expect(field("\tfield:int x;\toffset:8;\tsize:4;")).toMatchObject({ name: "x", signed: false });
  });

  it.each([
    "",
    "name: x",
    "name: x\nID: y\nformat:\n",
    "name: x\nID: 1\nformat:\n\tfield:;\toffset:0;\tsize:1;\tsigned:0;\n",
  ])("refuses %j", (text) => {
    expect(parseTracepointFormat(text, "c")).toBeUndefined();
  });
});
