import { expect } from "vitest";
import type { Case } from "./cases.ts";
import { DIFFERENCES } from "./differences.ts";

/** What came of a case. */
export interface Outcome {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Without empty lines around it, and without spaces at the ends of lines. */
function trimmed(text: string): string {
  return text.replace(/ +$/gm, "").replace(/^\n+|\n+$/g, "");
}

function compareOutcome(test: Case, outcome: Outcome): void {
  expect(outcome.errors).toEqual(test.errors);
  if (test.warnings) expect(outcome.warnings).toEqual(test.warnings);
  if (test.errors.length > 0) return;
  if (test.expect !== undefined) expect(trimmed(outcome.stdout)).toBe(test.expect);
  if (test.expectPattern !== undefined)
    expect(trimmed(outcome.stdout)).toMatch(new RegExp(`^(?:${test.expectPattern})$`));
  for (const line of test.expectStderr) expect(outcome.stderr).toContain(line);
  if (test.expectStderr.length === 0) expect(outcome.stderr).toBe("");
  expect(outcome.exitCode).toBe(test.exitCode);
}

/** Compares; a case with a known difference must fail, so that the list of them shrinks when one is mended. */
export async function judge(test: Case, where: "vm" | "kernel", run: () => Outcome | Promise<Outcome>): Promise<void> {
  const known = DIFFERENCES.find((each) => each.case === `${test.theme}: ${test.name}` && each.where.includes(where));
  if (!known) return compareOutcome(test, await run());
  let failed = false;
  try {
    compareOutcome(test, await run());
  } catch {
    failed = true;
  }
  expect(failed, `${known.case} agrees now: take it out of differences.ts`).toBe(true);
}
