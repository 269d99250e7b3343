/** Whole programs in the VM against the oracle. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { TODAY } from "./arbitrary.ts";
import { programs } from "./program-arbitrary.ts";
import { expectedLines, printedLines, scriptOf } from "./program-text.ts";
import { runs, TIMEOUT } from "./runs.ts";
import { stdoutInVm } from "./vm.ts";
import { runProgram } from "./world.ts";

test("programs", TIMEOUT, () => {
  fc.assert(
    fc.property(programs(TODAY), (program) => {
      const printed = printedLines(stdoutInVm(scriptOf([program])));
      expect(printed).toEqual(expectedLines([runProgram(program)]));
    }),
    runs(40),
  );
});
