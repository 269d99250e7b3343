import { assembleProgram, R0 } from "@beetrace/bytecode";
import { afterEach, expect, test } from "vitest";
import { BpfProgram, functionsOf, loadedFunctions } from "./index.ts";
import { expectNothingLeft } from "./test/leaks.ts";

afterEach(expectNothingLeft);

const spec = assembleProgram({ name: "listed_here", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a) => {
  a.movImm(R0, 0);
  a.exit();
});

test("functions of a program are found while it is loaded", () => {
  const mine = () => loadedFunctions().filter(({ name }) => name === "listed_here");
  expect(mine()).toEqual([]);
  let id: number;
  {
    using program = BpfProgram.load(spec);
    id = program.info().id;
    expect(mine()).toEqual([{ programId: id, name: "listed_here", typeId: expect.any(Number) }]);
    expect(functionsOf(id)).toEqual(mine());
  }
  expect(mine()).toEqual([]);
});

test("a program that is not there has none", () => {
  expect(functionsOf(0x7fffffff)).toEqual([]);
});
