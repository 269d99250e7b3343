import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { compileWorkload, runTool } from "../testing.ts";

const FOLDER = "/sys/devices/system/cpu";
const hasFrequencies = existsSync(`${FOLDER}/cpu0/cpufreq`);

test.skipIf(hasFrequencies)("what the machine lacks", async () => {
  const { text } = await runTool("cpufreq", []);
  expect(text).toContain("ERROR: the kernel does not set frequencies here\n");
});

/** Runs a program for 0.5 s while the tool believes that all processors run at this frequency. */
async function sampledAt(khz: number): Promise<string> {
  const folder = mkdtempSync("/var/tmp/cpus-");
  for (const file of ["online", "possible", "present"])
    writeFileSync(join(folder, file), readFileSync(join(FOLDER, file), "latin1"));
  cpus().forEach((_, cpu) => {
    mkdirSync(join(folder, `cpu${cpu}/cpufreq`), { recursive: true });
    writeFileSync(join(folder, `cpu${cpu}/cpufreq/scaling_cur_freq`), `${khz}\n`);
  });
  using spinner = compileWorkload("spinner", "#include <time.h>\nint main() { while (clock() < 500000) {} }");
  const tool = `./beetrace cpufreq -d 1.5 --name spinner & sleep 0.7; ${spinner.path}; wait`;
  const run = promisify(execFile)("unshare", ["-m", "sh", "-c", `mount --bind ${folder} ${FOLDER}; ${tool}`]);
  const { stdout } = await run;
  rmSync(folder, { recursive: true });
  return stdout;
}

test("samples of a task, and of all", async () => {
  const text = await sampledAt(2_450_000);
  expect(text.split("\n")[0]).toBe("Sampling CPU freq system-wide & by process. Ctrl-C to end.");
  const [, task, count] =
    /^ {5}(spinner) +: count {5}distribution\n {8}2400 {7}: (\d+) +\|\*{40}\|\n\n/m.exec(text) ?? [];
  expect(task).toBe("spinner");
  expect(Number(count)).toBeGreaterThan(15);
  expect(Number(count)).toBeLessThanOrEqual(52);
  expect(text).toMatch(/^ {5}syswide {7}: count {5}distribution\n {8}2400 {7}: \d+ +\|\*{40}\|\n$/m);
});
