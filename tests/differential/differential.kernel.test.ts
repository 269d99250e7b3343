/** The same scripts in the kernel, and what of them bpftrace 0.17 knows in bpftrace. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Dialect, OLD, OLD_PLAIN, SMALL } from "./arbitrary.ts";
import { answersIn, type Batch, batches, oldScriptOf, SOURCES, scriptOf, showOld, storeOf, wrong } from "./batch.ts";
import { differenceOf } from "./differences.ts";
import { hasBpftrace, LoadError, stdoutInBpftrace, stdoutInKernel } from "./kernel.ts";
import { programs } from "./program-arbitrary.ts";
import {
  expectedLines,
  oldScriptOf as oldProgramScript,
  printedLines,
  scriptOf as programScript,
} from "./program-text.ts";
import { runs, TIMEOUT } from "./runs.ts";
import { stdoutInVm } from "./vm.ts";
import { runProgram } from "./world.ts";

const someOf = (dialect: Dialect, most: number) =>
  fc.array(programs(dialect), { minLength: 1, maxLength: most, size: "max" });

/** Runs a list, in halves where it is too much for one program; what is too much by itself is left out. */
async function inParts<T>(list: readonly T[], run: (part: readonly T[]) => void | Promise<void>): Promise<void> {
  try {
    await run(list);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    if (list.length === 1) return;
    const half = list.length >> 1;
    await inParts(list.slice(0, half), run);
    await inParts(list.slice(half), run);
  }
}

describe("the kernel", () => {
  test("expressions", TIMEOUT, () =>
    fc.assert(
      fc.asyncProperty(batches(100, SOURCES, SMALL), (batch) =>
        inParts(batch.expressions, async (expressions) => {
          const script = scriptOf({ ...batch, expressions });
          const stdout = await stdoutInKernel(script);
          expect(wrong({ ...batch, expressions }, answersIn(stdout))).toEqual([]);
          expect(stdout).toBe(stdoutInVm(script));
        }),
      ),
      { ...runs(4), endOnFailure: true },
    ),
  );

  test("programs", TIMEOUT, () =>
    fc.assert(
      fc.asyncProperty(someOf(SMALL, 8), (list) =>
        inParts(list, async (part) => {
          const script = programScript(part);
          const printed = printedLines(await stdoutInKernel(script));
          expect(printed).toEqual(expectedLines(part.map(runProgram)));
          expect(printed).toEqual(printedLines(stdoutInVm(script)));
        }),
      ),
      { ...runs(4), endOnFailure: true },
    ),
  );
});

/** The expressions of a batch for which there is no known difference. */
function comparable(batch: Batch): Batch["expressions"] {
  const store = storeOf(batch);
  return batch.expressions.filter((e) => differenceOf(e, store) === undefined);
}

describe.skipIf(!hasBpftrace)("bpftrace 0.17, if /usr/bin/bpftrace is there", () => {
  test("expressions", TIMEOUT, () =>
    fc.assert(
      fc.asyncProperty(batches(40, ["variable"], OLD), (batch) =>
        inParts(comparable(batch), (part) => {
          const asked = { ...batch, expressions: part };
          expect(wrong(asked, answersIn(stdoutInBpftrace(oldScriptOf(asked))), showOld)).toEqual([]);
        }),
      ),
      { ...runs(4), endOnFailure: true },
    ),
  );

  test("programs", TIMEOUT, () =>
    fc.assert(
      fc.asyncProperty(someOf(OLD_PLAIN, 4), (list) =>
        inParts(list, (part) => {
          const printed = printedLines(stdoutInBpftrace(oldProgramScript(part)));
          expect(printed).toEqual(expectedLines(part.map(runProgram), showOld));
        }),
      ),
      { ...runs(4), endOnFailure: true },
    ),
  );
});
