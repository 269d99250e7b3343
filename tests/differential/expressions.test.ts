/** Expressions in the VM against the oracle. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { TODAY } from "./arbitrary.ts";
import { answersIn, batches, SOURCES, scriptOf, wrong } from "./batch.ts";
import { runs, TIMEOUT } from "./runs.ts";
import { stdoutInVm } from "./vm.ts";

for (const source of SOURCES) {
  test(`expressions of what comes from a ${source}`, TIMEOUT, () => {
    fc.assert(
      fc.property(batches(100, [source], TODAY), (batch) => {
        expect(wrong(batch, answersIn(stdoutInVm(scriptOf(batch))))).toEqual([]);
      }),
      runs(3),
    );
  });
}
