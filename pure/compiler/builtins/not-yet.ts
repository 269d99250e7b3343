/** Names of the language that are known and not there yet: each says so, and is never taken for something else. */
import type { Builtin } from "./builtin.ts";

const NAMES: readonly string[] = ["skboutput"];

const ARGUMENTS_MAX = 128;

/** A builtin for each of these names, whose every use is an error, whatever its arguments. */
export const notYet: readonly Builtin[] = NAMES.map((name) => ({
  name,
  form: `${name}(…)`,
  doc: "Not supported yet.",
  arity: [0, ARGUMENTS_MAX],
  check: (use, c) => c.error(use.span, `${name} is not supported yet`),
}));
