/** A script in the project's VM. */

import { testTarget } from "@beetrace/compiler/testing";
import type { Case } from "../conformance/cases.ts";
import { runInVm } from "../conformance/vm-run.ts";

const target = testTarget({ possibleCpus: 2 });

/** A script as a case of the conformance suite that expects nothing. */
export function asCase(program: string): Case {
  return {
    theme: "differential",
    name: "random",
    line: 1,
    program,
    params: [],
    environment: {},
    format: "text",
    warningLevel: 0,
    expectStderr: [],
    errors: [],
    exitCode: 0,
  };
}

/** What a script prints; what the compiler refuses is thrown as an Error. */
export function stdoutInVm(program: string): string {
  const outcome = runInVm(asCase(program), target);
  if (outcome.errors.length > 0) throw new Error(`refused: ${outcome.errors.join("; ")}\n${program}`);
  return outcome.stdout;
}
