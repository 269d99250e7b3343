import { expect, test } from "vitest";
import { encodeParams, layOutParams, type NamedParam, paramHelp, readParams } from "./named-params.ts";
import { compiled } from "./testing/index.ts";

const PARAMS: readonly NamedParam[] = [
  { name: "n", kind: "uint", default: 10n, description: "how many" },
  { name: "m", kind: "int", default: -1n, description: "" },
  { name: "text", kind: "string", default: "hello", description: "" },
  { name: "off", kind: "bool", default: false, description: "" },
];

test("help lists what the script reads, with its descriptions", () => {
  expect(paramHelp(PARAMS)).toEqual(["--n: how many", "--m", "--text", "--off"]);
});

test("a misspelt option is told which one may be meant", () => {
  expect(readParams(PARAMS, ["--txt=a", "--n=1"])).toEqual({
    message: "unexpected program command line options: --txt",
    hints: ["expected program options: --n, --m, --text, --off", "did you mean --text?"],
  });
});

/** What an option has when it is given so. */
function read(name: string, ...given: string[]): unknown {
  const values = readParams(PARAMS, given);
  return values instanceof Map ? values.get(name) : values;
}

test("words for truth, in any case of letters", () => {
  for (const word of ["ON", "yes", "1", "True"]) expect(read("off", `--off=${word}`)).toBe(true);
  for (const word of ["Off", "no", "0", "FALSE"]) expect(read("off", `--off=${word}`)).toBe(false);
});

test("a value may hold an equals sign and line ends", () => {
  expect(read("text", "--text=a=b\nc")).toBe("a=b\nc");
});

test("values lie in memory one behind the other, text cut to its room", () => {
  const slots = layOutParams(PARAMS, 12);
  expect(slots.map(({ offset, sizeBytes }) => [offset, sizeBytes])).toEqual([
    [0, 8],
    [8, 8],
    [16, 16],
    [32, 8],
  ]);
  const bytes = encodeParams(
    slots,
    new Map<string, bigint | string | boolean>([
      ["text", "x".repeat(20)],
      ["off", true],
    ]),
  );
  expect([...bytes]).toEqual([
    10,
    ...Array(7).fill(0),
    ...Array(8).fill(255),
    ...Array(15).fill(120),
    0,
    1,
    ...Array(7).fill(0),
  ]);
});

test("parameters that come later are read from their map, which is as large as they are", () => {
  const script = compiled('begin { print((getopt("n", 10), getopt("text", "hello"))); }', { paramsLater: true });
  expect(script.params).toMatchObject([
    { name: "n", kind: "uint", default: 10n, offset: 0, sizeBytes: 8 },
    { name: "text", kind: "string", default: "hello", offset: 8, sizeBytes: 1024 },
  ]);
  expect(script.collection.maps.find(({ name }) => name === "params")).toMatchObject({ valueSize: 1032, frozen: true });
  expect(compiled('begin { print(getopt("n", 10)); }').params).toEqual([]);
});
