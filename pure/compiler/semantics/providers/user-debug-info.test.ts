import type { DebugFunction, DebugInfo, DebugType } from "@beetrace/object";
import { expect, test } from "vitest";
import { Facts } from "../../facts.ts";
import { askAgain } from "../../recorded-target.ts";
import { compiled, diagnosticsOf, testTarget } from "../../testing/index.ts";
import { recordedCatalog } from "../../testing/recorded-machine.ts";
import { TEST_MACHINE } from "../../testing/test-machine.ts";
import { sourcePoint } from "./user-debug-info.ts";

const INT: DebugType = { kind: "base", name: "int", sizeBytes: 4, encoding: "signed" };
const DOUBLE: DebugType = { kind: "base", name: "double", sizeBytes: 8, encoding: "float" };
const LINE: DebugType = {
  kind: "struct",
  keyword: "struct",
  name: "line",
  sizeBytes: 16,
  isPassedByAddress: false,
  members: [
    { name: "length", type: INT, bitOffset: 32 },
    {
      name: "text",
      type: { kind: "array", of: { kind: "base", name: "char", sizeBytes: 1, encoding: "signed-char" }, counts: [8] },
      bitOffset: 64,
    },
  ],
};

function func(address: number, name: string, parameters: readonly [string, DebugType][]): DebugFunction {
  return {
    name,
    address,
    parameters: parameters.map(([each, type]) => ({ name: each, type })),
    isVariadic: false,
    result: undefined,
  };
}

const FUNCTIONS = [
  func(0x401100, "read_line", [
    ["line", { kind: "pointer", reference: "", to: LINE }],
    ["scale", DOUBLE],
    ["count", INT],
  ]),
  func(0x401200, "read_word", [["word", INT]]),
];

const INFO: DebugInfo = {
  identity: "b1",
  functionAt: (address) => FUNCTIONS.find((each) => each.address === address),
  type: (name, ...tags) => (name === "line" && tags.includes("struct") ? LINE : undefined),
  frameAt: () => undefined,
  line(file, line) {
    const paths = file === "both.c" ? ["/a/both.c", "/b/both.c"] : file === "read.c" ? ["/src/read.c"] : [];
    const addresses = line === 7 ? [0x401100, 0x401204] : line === 8 ? [0x401100] : [];
    return { paths, addresses, otherLines: [7, 8] };
  },
};
const target = testTarget({ catalog: recordedCatalog({ ...TEST_MACHINE, debugInfo: { "/usr/bin/tested": INFO } }) });

const programs = (source: string) =>
  compiled(source, { target }).programs.map(({ attachments }) => attachments.map(({ name }) => name));
const errors = (source: string) => diagnosticsOf(source, { target }).map(({ message }) => message);

test("parameters by name, and structs of the program behind them", () => {
  expect(
    errors('u:/usr/bin/tested:read_line { printf("%d %s", args.line.length, args->line->text); @ = args.count }'),
  ).toEqual([]);
  expect(errors("u:/usr/bin/tested:read_line { @[args.line] = ((struct line *)arg0).length; }")).toEqual([]);
  expect(errors("u:/usr/bin/tested:read_line { @ = args.counts; }")).toEqual([
    "uprobe:/usr/bin/tested:read_line has no argument 'counts'",
  ]);
  expect(errors("u:/usr/bin/tested:read_line { @ = args.scale; }")[0]).toMatch(
    /^args.scale cannot be read: it is in a floating-point register/,
  );
  expect(errors("ur:/usr/bin/tested:read_line { @ = args.count; }")).toEqual([
    'The args builtin can not be used with "uretprobe" probes',
  ]);
});

test("functions with other parameters are other programs; those of which nothing is known are left out of a wildcard", () => {
  expect(programs("u:/usr/bin/tested:* { print(args); }")).toEqual([
    ["uprobe:/usr/bin/tested:read_line"],
    ["uprobe:/usr/bin/tested:read_word"],
  ]);
  expect(programs("u:/usr/bin/tested:* { print(arg0); }")).toHaveLength(1);
});

test("without debug information there are no names", () => {
  const bare = testTarget();
  expect(diagnosticsOf("u:/usr/bin/tested:main { print(args); }", { target: bare })[0].message).toBe(
    'Could not parse arguments of "uprobe:/usr/bin/tested:main": no debuginfo found for /usr/bin/tested',
  );
  expect(diagnosticsOf("u:/usr/bin/tested@a.c:1 { print(1); }", { target: bare })[0].message).toBe(
    "No DWARF debug info found for '/usr/bin/tested', cannot attach by source code location.",
  );
});

test("lines of source code", () => {
  expect(programs("u:/usr/bin/tested@read.c:7 { print(1); }")).toEqual([
    ["uprobe:/usr/bin/tested@read.c:7", "uprobe:/usr/bin/tested@read.c:7"],
  ]);
  const [first, second] = compiled("u:/usr/bin/tested@read.c:7 { print(1); }", { target }).programs[0].attachments;
  expect(first.attachment).toMatchObject({ kind: "uprobe", function: "read_line", fileOffset: 0x1100 });
  expect(second.attachment).toMatchObject({ kind: "uprobe", function: "read_word", fileOffset: 0x1204 });
  expect(errors("u:/usr/bin/tested@read.c:8 { print(args.count); }")).toEqual([]);
});

test.each([
  ["u:/usr/bin/tested@read.c:9 { print(1); }", "Unable to map 'read.c:9' to address"],
  ["u:/usr/bin/tested@read.c:9:3 { print(1); }", "Unable to map 'read.c:9:3' to address"],
  ["u:/usr/bin/tested@both.c:9 { print(1); }", "Ambiguous source path, matches multiple files: /a/both.c, /b/both.c"],
  ["u:/usr/bin/tested@none.c:7 { print(1); }", "No compilation unit matches none.c"],
  ["u:/usr/bin/*@read.c:7 { print(1); }", "Cannot use wildcards with source code location"],
  ["ur:/usr/bin/tested@read.c:7 { print(1); }", "Source code location not allowed"],
  ["u:/usr/bin/tested@read.c:7 { print(args); }", "args: where parameters are is known only where read_word begins"],
])("%s", (source, message) => expect(errors(source)).toEqual([message]));

test("what is written as FILE@SOURCE:LINE", () => {
  expect(sourcePoint(["a@b.c", "7"])).toEqual({ file: "a", source: "b.c", line: 7, column: 0 });
  expect(sourcePoint(["a@b@c/d.c", "7", "3"])).toEqual({ file: "a", source: "b@c/d.c", line: 7, column: 3 });
  expect(sourcePoint(["@b.c", "7"])).toEqual({ file: "", source: "b.c", line: 7, column: 0 });
  for (const parts of [["a@b.c"], ["a@b.c", "main"], ["a@", "7"], ["a", "7"], ["a@b.c", "1", "2", "3"]])
    expect(sourcePoint(parts)).toBeUndefined();
});

test("a script that was compiled by debug information holds where that is the same", () => {
  const facts = new Facts();
  compiled("u:/usr/bin/tested:read_word { @ = args.word; }", { target, facts });
  const asked = facts.all.filter(({ question }) => question === "debug information");
  expect(asked).toEqual([{ question: "debug information", args: ["/usr/bin/tested"], answer: "b1" }]);
  expect(askAgain(asked, target)).toEqual(["b1"]);
  expect(askAgain(asked, testTarget())).toEqual(["none"]);
});
