/** For tests of tools that show how long tasks wait for a processor. */
import { readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { compileWorkload, runTool, type ToolRun, type Workload } from "./testing.ts";

/** Processes that run all the time; each writes how long it waited and how often, by the scheduler's own account. */
const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++)
    if (fork() == 0) {
      time_t end = time(0) + 3;
      while (time(0) < end);
      long long ran, waited = 0, times = 0;
      FILE *file = fopen("/proc/self/schedstat", "r");
      fscanf(file, "%lld %lld %lld", &ran, &waited, &times);
      file = fopen(argv[2], "a");
      fprintf(file, "%d %lld %lld\\n", getpid(), waited, times);
      fclose(file);
      return 0;
    }
  while (wait(0) > 0);
  return 0;
}
`;

/** What the scheduler counted of a process. */
export interface Waits {
  readonly pid: number;
  readonly ns: number;
  readonly times: number;
}

/** Twice as many busy processes as there are processors, for three seconds, under the name `crowd`. */
export class Crowd implements Disposable {
  readonly #workload: Workload;
  readonly #file: string;

  constructor() {
    this.#workload = compileWorkload("crowd", SOURCE, "-w");
    this.#file = join(this.#workload.path, "..", "waited");
  }

  /** Runs a tool while they run. */
  traced(tool: string, ...argv: readonly string[]): Promise<ToolRun> {
    rmSync(this.#file, { force: true });
    return runTool(tool, argv, this.#workload.command(String(cpus().length * 2), this.#file));
  }

  /** How long each of the last run has waited. */
  waits(): readonly Waits[] {
    const lines = readFileSync(this.#file, "utf8").trim().split("\n");
    if (lines.length !== cpus().length * 2) throw new Error(`${lines.length} processes have said how long they waited`);
    return lines.map((line) => {
      const [pid, ns, times] = line.split(" ").map(Number);
      return { pid, ns, times };
    });
  }

  [Symbol.dispose](): void {
    this.#workload[Symbol.dispose]();
  }
}
