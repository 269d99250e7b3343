// node tests/tally.mjs REPORT EXIT_CODE: prints "PASSED FAILED SKIPPED" of one Vitest run, from its JSON report.
// What fails outside a test (a file that cannot be loaded, a hook, an unhandled rejection, no report at all) is no test
// in the report, yet must not go unseen: it counts as one failed.
import { readFileSync } from "node:fs";

const [path, exitCode] = process.argv.slice(2);

function readReport() {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { testResults: [] };
  }
}

const files = readReport().testResults.map((file) => ({
  failed: file.status === "failed",
  statuses: file.assertionResults.map((assertion) => assertion.status),
}));
const statuses = files.flatMap((file) => file.statuses);
const passed = statuses.filter((status) => status === "passed").length;
const failedTests = statuses.filter((status) => status === "failed").length;
const failedFiles = files.filter((file) => file.failed && !file.statuses.includes("failed")).length;
const failed = failedTests + failedFiles;
const failedElsewhere = exitCode !== "0" && failed === 0 ? 1 : 0;
console.log(passed, failed + failedElsewhere, statuses.length - passed - failedTests);
