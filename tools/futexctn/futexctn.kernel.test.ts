import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";
import { isAbout } from "../wait-workload.ts";

/**
 * COUNT MS: a thread `waiter` waits so often at each of two locks, in waits(), until main() wakes it after so many
 * milliseconds; and once until its time is over. Prints the address of the first lock and the microseconds that it waited there.
 */
const SOURCE = `#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static int locks[2];
static long count, first_us;
static long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
__attribute__((noinline)) long waits(int *lock, int value, struct timespec *limit) {
  long start = now_us();
  while (__atomic_load_n(lock, __ATOMIC_ACQUIRE) == value) {
    syscall(SYS_futex, lock, FUTEX_WAIT_PRIVATE, value, limit, NULL, 0);
    if (limit) break;
  }
  return now_us() - start;
}
static void *waiter(void *unused) {
  struct timespec limit = {0, 1000000};
  prctl(PR_SET_NAME, "waiter");
  waits(&locks[0], 0, &limit);
  for (long i = 0; i < count; i++) {
    first_us += waits(&locks[0], i, NULL);
    waits(&locks[1], i, NULL);
  }
  return unused;
}
int main(int argc, char **argv) {
  pthread_t thread;
  count = atol(argv[1]);
  pthread_create(&thread, NULL, waiter, NULL);
  for (long i = 0; i < 2 * count; i++) {
    usleep(atol(argv[2]) * 1000);
    __atomic_add_fetch(&locks[i % 2], 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, &locks[i % 2], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
  }
  pthread_join(thread, NULL);
  printf("%p %ld\\n", (void *)&locks[0], first_us);
  return 0;
}
`;

let contended: Workload;
beforeAll(() => {
  // At the same addresses in each run.
  contended = compileWorkload("contended", SOURCE, "-fno-omit-frame-pointer", "-static", "-no-pie", "-pthread");
});
afterAll(() => contended[Symbol.dispose]());

const buckets = (rows: readonly Row[]) => rows.filter(({ min }) => min !== undefined);
const total = (rows: readonly Row[]) => buckets(rows).reduce((sum, { count }) => sum + Number(count), 0);
const measured = (workload: string) => {
  const [lock, us] = workload.trim().split(" ");
  return { lock, us: Number(us) };
};

test("each wait that was ended by another thread, by lock", async () => {
  const { rows, workload } = await runTool("futexctn", ["--name", "waiter", "--json"], contended.command("10", "25"));
  const { lock, us } = measured(workload);
  const all = rows.filter(({ average }) => average !== undefined);
  expect(all.map(({ comm, count }) => [comm, count])).toEqual([
    ["waiter", 10],
    ["waiter", 10],
  ]);
  const first = all.find((row) => row.lock === lock)!;
  expect(isAbout(Number(first.average) * 10, us)).toBe(true);
  expect(Number(first.least)).toBeLessThanOrEqual(Number(first.average));
  expect(Number(first.most)).toBeGreaterThanOrEqual(Number(first.average));
  expect(String(first.user_stack)).toContain("waiter+0x");
  expect(total(rows.filter((row) => row.lock === lock))).toBe(10);
});

test("as text, of one lock, in milliseconds", async () => {
  const { lock } = measured((await runTool("futexctn", [], contended.command("1", "1"))).workload);
  const argv = ["-m", "-l", lock, "--name", "waiter"];
  const { lines } = await runTool("futexctn", argv, contended.command("5", "20"));
  expect(lines.slice(0, 3)).toEqual(["", "", ""]);
  expect(lines[3]).toMatch(
    new RegExp(
      `^waiter\\[\\d+\\] lock ${lock} contended 5 times, \\d+ avg msecs \\[max: \\d+ msecs, min \\d+ msecs\\]$`,
    ),
  );
  expect(lines[4]).toBe("    -");
  expect(lines).toContain("    waiter");
  expect(lines.filter((line) => line === "    -")).toHaveLength(2);
  expect(lines).toContain("     msecs               : count     distribution");
});

test("a process and a lock once; other processes not at all", async () => {
  const { rows } = await runTool("futexctn", ["-s", "--name", "waiter", "--json"], contended.command("5", "20"));
  expect(rows.filter(({ average }) => average !== undefined)).toHaveLength(2);
  expect(rows[0]).toMatchObject({ comm: "contended", count: 5 });
  expect(rows[0]).not.toHaveProperty("tid");
  const none = await runTool("futexctn", ["-p", "1", "--json"], contended.command("5", "1"));
  expect(none.rows.filter(({ pid }) => pid !== 1)).toEqual([]);
});

test("what is no address", async () => {
  expect((await runTool("futexctn", ["-l", "mutex"])).text).toContain("'mutex' is not an address");
});
