import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n children of each kind: done, failed, killed; one that lives 300 ms; n threads. */
const SOURCE = `#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *arg) { return arg; }
int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  for (int i = 0; i < n; i++) {
    if (fork() == 0) _exit(0);
    wait(NULL);
    if (fork() == 0) _exit(3);
    wait(NULL);
    if (fork() == 0) kill(getpid(), SIGKILL);
    wait(NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
  }
  if (fork() == 0) {
    usleep(300000);
    _exit(42);
  }
  wait(NULL);
  return 0;
}
`;

let leaver: Workload;
beforeAll(() => {
  leaver = compileWorkload("leaver", SOURCE, "-pthread");
});
afterAll(() => leaver[Symbol.dispose]());

test("every process, with its end and its age", async () => {
  const { rows } = await runTool("exitsnoop", ["--name", "leaver", "--json"], leaver.command("50"));
  const ended = (code: number, signal: number) => rows.filter((row) => row.code === code && row.signal === signal);
  expect(ended(0, 0)).toHaveLength(51);
  expect(ended(3, 0)).toHaveLength(50);
  expect(ended(0, 9)).toHaveLength(50);
  const [late] = ended(42, 0);
  expect(Number(late.age_ns) / 1e6).toBeGreaterThan(300);
  expect(Number(late.age_ns) / 1e6).toBeLessThan(330);
  expect(rows.every(({ pid, tid }) => pid === tid)).toBe(true);
  expect(new Set(rows.filter(({ code, signal }) => code !== 0 || signal !== 0).map(({ ppid }) => ppid)).size).toBe(1);
});

test("in columns", async () => {
  const { lines } = await runTool(
    "exitsnoop",
    ["-x", "--utc", "--label", "L", "--name", "leaver"],
    leaver.command("2"),
  );
  expect(lines[0]).toBe("TIME-UTC     LABEL PCOMM            PID     PPID    TID     AGE(s)  EXIT_CODE");
  const ends = lines.slice(1).map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} L {5}leaver +\d+ +\d+ +\d+ +/, ""));
  expect(ends).toEqual([
    "0.00    code 3",
    "0.00    signal 9 (KILL)",
    "0.00    code 3",
    "0.00    signal 9 (KILL)",
    expect.stringMatching(/^0\.3[0-3] {4}code 42$/),
  ]);
});

test("threads, one by one", async () => {
  const { rows } = await runTool("exitsnoop", ["--per-thread", "--name", "leaver", "--json"], leaver.command("20"));
  expect(rows.filter(({ pid, tid }) => pid !== tid)).toHaveLength(20);
  expect(rows).toHaveLength(20 * 4 + 2);
});
