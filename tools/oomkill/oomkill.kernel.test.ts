import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n children, one after the other, that go into a control group and take memory until they are killed. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    int status, child = fork();
    if (child == 0) {
      int group = open(argv[2], O_WRONLY);
      if (write(group, "0", 1) != 1) return 1;
      for (;;) memset(malloc(1 << 20), 1, 1 << 20);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == 9) printf("%d ", child);
  }
  return 0;
}
`;

/** Of version 1 where that has the memory. */
const isFirst = existsSync("/sys/fs/cgroup/memory");
const group = `/sys/fs/cgroup/${isFirst ? "memory/" : ""}oomkill-test`;

let hog: Workload;
beforeAll(() => {
  hog = compileWorkload("hog", SOURCE);
  if (!isFirst) writeFileSync("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
  mkdirSync(group);
  writeFileSync(`${group}/${isFirst ? "memory.limit_in_bytes" : "memory.max"}`, String(20 << 20));
});
afterAll(() => {
  hog[Symbol.dispose]();
  rmdirSync(group);
});

test("each kill, with its victim", async () => {
  const { rows, workload } = await runTool("oomkill", ["--json"], hog.command("3", `${group}/cgroup.procs`));
  const killed = workload.trim().split(" ").map(Number);
  expect(killed).toHaveLength(3);
  const own = rows.filter(({ victim_comm }) => victim_comm === "hog");
  expect(own.map(({ victim_pid }) => victim_pid)).toEqual(killed);
  for (const { pid, comm, victim_pid } of own) expect({ pid, comm }).toEqual({ pid: victim_pid, comm: "hog" });
  expect(own[0].loadavg).toMatch(/^[\d.]+ [\d.]+ [\d.]+ \d+\/\d+ \d+$/);
});

test("as a sentence; of others nothing", async () => {
  const { lines } = await runTool("oomkill", [], hog.command("1", `${group}/cgroup.procs`));
  expect(lines[0]).toBe("Tracing OOM kills... Ctrl-C to stop.");
  expect(lines[1]).toMatch(
    /^\d\d:\d\d:\d\d Triggered by PID (\d+) \("hog"\), OOM kill of PID \1 \("hog"\), (\?|\d+) pages, loadavg: [\d.]+ /,
  );
  const { rows } = await runTool("oomkill", ["--json", "--pid", "1"], hog.command("1", `${group}/cgroup.procs`));
  expect(rows).toEqual([]);
});
