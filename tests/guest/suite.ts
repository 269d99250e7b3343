import { beforeAll, describe, expect, test } from "vitest";
import { type GuestMachine, type GuestResult, type GuestRun, runInGuest } from "./boot.ts";
import { type GuestCase, type GuestKernel, guestCases } from "./cases.ts";

/** By hand, some of them: `GUEST_CASES=biosnoop npx vitest run --project guest`. */
const wanted = new RegExp(process.env.GUEST_CASES ?? "");

/** How often the cases that failed are run anew, each time in a guest that is booted for them. */
const ROUNDS_AGAIN = 3;

/** The tests of a kernel: a boot for all of them. Each kernel has a file, so that they run beside each other. */
export function guestSuite(kernel: GuestKernel, machine: GuestMachine = { server: false }): void {
  const cases = guestCases.filter(
    ({ kernels, name, server = false }) =>
      (kernels?.includes(kernel) ?? true) && server === machine.server && wanted.test(name),
  );

  describe(`Linux ${kernel}${machine.server ? " on a server" : ""}`, () => {
    let run: GuestRun;
    if (cases.length === 0) return void test.skip("no case is asked for", () => {});

    beforeAll(async () => {
      run = await runInGuest(kernel, cases, machine);
      // An emulated processor may stand still for long: what a tool waited for is over, or the kernel gives up.
      for (let round = 0; round < ROUNDS_AGAIN; round++) {
        const failed = cases.filter((guestCase) => !passed(guestCase, run.results.get(guestCase.name)));
        if (failed.length === 0) return;
        console.log(`Linux ${kernel}, once more: ${failed.map(({ name }) => name).join(", ")}\n${run.complaint}`);
        const again = await runInGuest(kernel, failed, machine);
        run = { results: new Map([...run.results, ...again.results]), complaint: again.complaint };
      }
    });

    test.each(cases)("$name", (guestCase: GuestCase) => {
      const result = run.results.get(guestCase.name);
      if (result === undefined) throw new Error(`the guest ended before this case:\n${run.complaint}`);
      check(guestCase, result);
    });
  });
}

function check(guestCase: GuestCase, { exitCode, stdout, stderr }: GuestResult): void {
  // One comparison, so that a failure shows all three.
  const expectedStdout =
    typeof guestCase.stdout === "string" ? guestCase.stdout : expect.stringMatching(guestCase.stdout);
  const expectedExitCode = guestCase.exitCode ?? 0;
  expect({ exitCode, stdout, stderr }).toEqual({ exitCode: expectedExitCode, stdout: expectedStdout, stderr });
}

function passed(guestCase: GuestCase, result: GuestResult | undefined): boolean {
  if (result === undefined) return false;
  try {
    check(guestCase, result);
    return true;
  } catch {
    return false;
  }
}
