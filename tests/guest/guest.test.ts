import { beforeAll, describe, expect, test } from "vitest";
import { type GuestRun, runInGuest } from "./boot.ts";
import { type GuestCase, guestCases, guestKernels } from "./cases.ts";

/** By hand, some of them: `GUEST_CASES=biosnoop npx vitest run --project guest`. */
const wanted = new RegExp(process.env.GUEST_CASES ?? "");

describe.each(guestKernels)("Linux %s", (kernel) => {
  const cases = guestCases.filter(({ kernels, name }) => (kernels?.includes(kernel) ?? true) && wanted.test(name));
  let run: GuestRun;

  beforeAll(async () => {
    run = await runInGuest(kernel, cases);
  });

  test.each(cases)("$name", (guestCase: GuestCase) => {
    const result = run.results.get(guestCase.name);
    if (result === undefined) throw new Error(`the guest ended before this case:\n${run.complaint}`);
    const { exitCode, stdout, stderr } = result;
    // One comparison, so that a failure shows all three.
    const expectedStdout =
      typeof guestCase.stdout === "string" ? guestCase.stdout : expect.stringMatching(guestCase.stdout);
    const expectedExitCode = guestCase.exitCode ?? 0;
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: expectedExitCode, stdout: expectedStdout, stderr });
  });
});
