import { expect, test } from "vitest";
import { parseArguments } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

const words = (...argv: string[]) => {
  const { options, operands } = parseArguments(argv);
  return [...options.map(({ key, value }) => (value === "" ? key : `${key}=${value}`)), "|", ...operands].join(" ");
};
const refusal = (...argv: string[]) => {
  try {
    parseArguments(argv);
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}; ${error.hint}`;
    throw error;
  }
  return "taken";
};

test.each([
  [["-lv", "x"], "list verbose | x"],
  [["-vle", "prog"], "verbose list e=prog |"],
  [["-p1"], "pid=1 |"],
  [["-p", "1"], "pid=1 |"],
  [["--pid=1"], "pid=1 |"],
  [["--pid", "1"], "pid=1 |"],
  [["--output="], "output |"],
  [["--debuginfo=a=b"], "debuginfo=a=b |"],
  [["-dast,ir", "-d", "types"], "debug=ast,ir debug=types |"],
  [["-e", "-x"], "e=-x |"],
  [["-"], "| -"],
  [["file", "--no-warnings", "a", "-q"], "no-warnings quiet | file a"],
  [["-e", "p", "1", "--", "--name=2", "-3", "--"], "e=p | 1 --name=2 -3 --"],
  [["-h", "--nonsense"], "help |"],
])("%j", (argv, expected) => {
  expect(words(...argv)).toBe(expected);
});

test.each([
  [["--vrebose"], "unknown option --vrebose; did you mean --verbose? what is meant for the script goes behind --"],
  [["-idonotexist"], "unknown option -i in -idonotexist; what is meant for the script goes behind --"],
  [["-Z"], "unknown option -Z; what is meant for the script goes behind --"],
  [["-list"], "unknown option -i in -list; did you mean --list? what is meant for the script goes behind --"],
  [["-p"], "-p needs an argument: -p PID; undefined"],
  [["--pid"], "--pid needs an argument: --pid PID; undefined"],
  [["--list=x"], "--list takes no argument; undefined"],
])("%j is refused", (argv, expected) => {
  expect(refusal(...argv)).toBe(expected);
});
