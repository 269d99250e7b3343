import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const tallyPath = fileURLToPath(new URL("tally.mjs", import.meta.url));

/** A report with one file, of a status and with tests of these statuses. */
const report = (status: string, ...tests: readonly string[]) =>
  JSON.stringify({
    testResults: [{ status, assertionResults: tests.map((status) => ({ status, failureMessages: [] })) }],
  });

function tally(text: string, exitCode: number): string {
  const folder = mkdtempSync(join(tmpdir(), "tally."));
  try {
    const path = join(folder, "report.json");
    writeFileSync(path, text);
    return execFileSync("node", [tallyPath, path, String(exitCode)], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each([
  {
    what: "tests are counted by their status",
    text: report("passed", "passed", "passed", "pending", "todo"),
    exitCode: 0,
    counts: "2 0 2",
  },
  {
    what: "failed tests count each",
    text: report("failed", "passed", "failed", "failed"),
    exitCode: 1,
    counts: "1 2 0",
  },
  { what: "a file that cannot be loaded counts as one failed", text: report("failed"), exitCode: 1, counts: "0 1 0" },
  {
    what: "a failed hook counts as one failed",
    text: report("failed", "passed", "skipped"),
    exitCode: 1,
    counts: "1 1 1",
  },
  {
    what: "an error outside of all files counts as one failed",
    text: report("passed", "passed"),
    exitCode: 1,
    counts: "1 1 0",
  },
  { what: "no report counts as one failed", text: "", exitCode: 124, counts: "0 1 0" },
])("$what", ({ text, exitCode, counts }) => {
  const [first, ...failures] = tally(text, exitCode).trimEnd().split("\n");
  expect(first).toBe(counts);
  expect(failures).toHaveLength(Number(counts.split(" ")[1]));
});

test("what failed is named, with the first line of why", () => {
  const message = "AssertionError: expected 1 to be 2\n    at somewhere";
  const assertionResults = [
    { status: "passed", fullName: "one", failureMessages: [] },
    { status: "failed", fullName: "two", failureMessages: [message, message] },
  ];
  const testResults = [
    { name: join(process.cwd(), "a.test.ts"), status: "failed", assertionResults },
    { name: join(process.cwd(), "b.test.ts"), status: "failed", message: "SyntaxError: no", assertionResults: [] },
  ];
  expect(tally(JSON.stringify({ testResults }), 1)).toBe(
    "1 2 0\na.test.ts: two: AssertionError: expected 1 to be 2\nb.test.ts: cannot be run: SyntaxError: no\n",
  );
});
