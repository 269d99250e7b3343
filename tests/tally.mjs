// node tests/tally.mjs REPORT EXIT_CODE: prints "PASSED FAILED SKIPPED" of one Vitest run, from its JSON report, and a line
// for each test that failed: its file, its name and the first line of what was wrong.
// What fails outside a test (a file that cannot be loaded, a hook, an unhandled rejection, no report at all) is no test
// in the report, yet must not go unseen: it counts as one failed.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const [path, exitCode] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { testResults: [] };
  }
}

const { testResults } = readReport();
const tests = testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
const failedTests = tests.filter((test) => test.status === "failed");
const failedFiles = testResults.filter(
  (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
);
const failures = [
  ...failedTests.map((test) => line(test.file, test.fullName, test.failureMessages[0])),
  ...failedFiles.map((file) => line(file.name, "cannot be run", file.message)),
];
if (exitCode !== "0" && failures.length === 0) failures.push("something outside of the tests");

const passed = tests.filter((test) => test.status === "passed").length;
console.log([passed, failures.length, tests.length - passed - failedTests.length].join(" "));
for (const failure of failures) console.log(failure);

function line(file, name, message = "") {
  return `${relative(process.cwd(), file ?? "")}: ${name}: ${message.split("\n")[0]}`;
}
