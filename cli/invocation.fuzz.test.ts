import fc from "fast-check";
import { expect, test } from "vitest";
import { readInvocation } from "./invocation.ts";
import { OPTIONS, type OptionSpec } from "./option-table.ts";
import { parseArguments } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

const written = (OPTIONS as readonly OptionSpec[]).flatMap(({ long, letter }) => [
  ...(long === undefined ? [] : [`--${long}`, `--${long}=1`]),
  ...(letter === undefined ? [] : [`-${letter}`, `-${letter}1`]),
]);
const word = fc.oneof(fc.constantFrom(...written, "--", "-", "text", "all", "1"), fc.string());

test("any command line is an invocation or a usage error", () => {
  let understood = 0;
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      try {
        readInvocation(parseArguments(argv));
        understood++;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    }),
    { seed: 20, numRuns: 3000 },
  );
  expect(understood).toBeGreaterThan(300);
});
