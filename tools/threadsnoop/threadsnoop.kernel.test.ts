import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n threads, one after the other, and one more 200 ms later. */
const SOURCE = `#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
void *weave(void *arg) { return arg; }
void *sew(void *arg) { return arg; }
int main(int argc, char **argv) {
  pthread_t thread;
  for (int i = 0; i < atoi(argv[1]); i++) {
    pthread_create(&thread, NULL, weave, NULL);
    pthread_join(thread, NULL);
  }
  usleep(200000);
  pthread_create(&thread, NULL, sew, NULL);
  pthread_join(thread, NULL);
  return 0;
}
`;

let weaver: Workload;
beforeAll(() => {
  weaver = compileWorkload("weaver", SOURCE, "-pthread");
});
afterAll(() => weaver[Symbol.dispose]());

test("every thread, with the function that it begins in", async () => {
  const { rows } = await runTool("threadsnoop", ["--name", "weaver", "--json"], weaver.command("100"));
  expect(rows.filter(({ func }) => func === "weave")).toHaveLength(100);
  expect(rows.filter(({ func }) => func === "sew")).toHaveLength(1);
});

test("in columns, with the milliseconds since the first", async () => {
  const { lines } = await runTool("threadsnoop", ["--name", "weaver"], weaver.command("1"));
  expect(lines[0]).toBe("TIME(ms)   PID     COMM             FUNC");
  expect(lines[1]).toMatch(/^0 {10}\d+ +weaver {11}weave$/);
  const [, ms] = /^(\d+) +\d+ +weaver {11}sew$/.exec(lines[2]) ?? [];
  expect(Number(ms)).toBeGreaterThanOrEqual(200);
  expect(Number(ms)).toBeLessThan(240);
});
