import { cpus } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** As many processes as it is told, which run all the time for two seconds. */
const SOURCE = `#include <stdlib.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++)
    if (fork() == 0) { time_t end = time(0) + 3; while (time(0) < end); return 0; }
  while (wait(0) > 0);
  return 0;
}
`;

let crowd: Workload;
beforeAll(() => {
  crowd = compileWorkload("crowd", SOURCE);
});
afterAll(() => crowd[Symbol.dispose]());

test("all processors are sampled", async () => {
  const { rows, lines } = await runTool("runqlen", ["--json", "2", "1"]);
  const samples = rows.reduce((sum, { count }) => sum + Number(count), 0);
  expect(samples).toBeGreaterThan(cpus().length * 99 * 2 * 0.4);
  expect(lines.length).toBe(rows.length);
  const text = await runTool("runqlen", ["-C", "1", "1"]);
  expect(text.lines[0]).toBe("Sampling run queue length... Hit Ctrl-C to end.");
  expect(text.lines).toContainEqual(expect.stringMatching(/^cpu = \d+$/));
  expect(text.lines).toContain("     runqlen       : count     distribution");
  expect(text.lines.at(-1)).toMatch(/^ {8}\d+ +: \d+ +\|\** *\|$/);
});

test("where many want to run, somebody waits", async () => {
  const command = crowd.command(String(cpus().length * 4));
  const { rows } = await runTool("runqlen", ["--json", "--name", "crowd"], command);
  const waiting = rows.filter(({ value }) => Number(value) > 0).reduce((sum, { count }) => sum + Number(count), 0);
  const all = rows.reduce((sum, { count }) => sum + Number(count), 0);
  expect(waiting / all).toBeGreaterThan(0.8);
  const whole = (await runTool("runqlen", ["--json", "-H", "--name", "crowd"], command)).rows;
  expect(Math.max(...whole.map(({ value }) => Number(value)))).toBeGreaterThanOrEqual(3);
  const { lines } = await runTool("runqlen", ["-O", "--name", "crowd"], command);
  expect(Number(/^runqocc: ([\d.]+)%$/.exec(lines.at(-1) ?? "")?.[1])).toBeGreaterThan(80);
});
