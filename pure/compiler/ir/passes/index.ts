import { checkFunc } from "../check.ts";
import type { Func } from "../ir.ts";
import { shareCalls } from "./common-calls.ts";
import { tidyControlFlow } from "./control-flow.ts";
import { removeDeadCode } from "./dead-code.ts";
import { fuseCopies } from "./fuse-copies.ts";
import { simplify } from "./simplify.ts";

/** One optimisation: a function from IR to IR that means the same. */
export interface Pass {
  readonly name: string;
  readonly run: (func: Func) => Func;
}

/** All passes, in the order in which they run. */
export const PASSES: readonly Pass[] = [
  { name: "control-flow", run: tidyControlFlow },
  { name: "simplify", run: simplify },
  { name: "common-calls", run: shareCalls },
  { name: "simplify", run: simplify },
  { name: "dead-code", run: removeDeadCode },
  { name: "fuse-copies", run: fuseCopies },
  { name: "control-flow", run: tidyControlFlow },
];

/** Runs all passes. With `check`, the IR is checked after each (tests do; it costs time). */
export function optimise(func: Func, options: { readonly check: boolean } = { check: false }): Func {
  let current = func;
  for (const pass of PASSES) {
    current = pass.run(current);
    if (options.check) checkFunc(current, pass.name);
  }
  return current;
}
