import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../columns.ts";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n children and n threads, at once; lives a second and more. */
const SOURCE = `#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *arg) { return arg; }
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    if (fork() == 0) _exit(0);
    wait(NULL);
    pthread_t thread;
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
  }
  usleep(1200000);
  return 0;
}
`;

let breeder: Workload;
beforeAll(() => {
  breeder = compileWorkload("breeder", SOURCE, "-pthread");
});
afterAll(() => breeder[Symbol.dispose]());

const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("processes and threads, each once", async () => {
  const { rows } = await runTool("pidpersec", ["--name", "breeder", "--json"], breeder.command("70"));
  expect(total(rows)).toBe(140);
  expect(rows.length).toBeGreaterThanOrEqual(2);
  const others = await runTool("pidpersec", ["--uid", "nobody", "--name", "breeder", "--json"], breeder.command("5"));
  expect(total(others.rows)).toBe(0);
});

test("a line a second", async () => {
  const { lines } = await runTool("pidpersec", ["--name", "breeder"], breeder.command("20"));
  expect(lines[0]).toBe("Tracing... Ctrl-C to end.");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d: PIDs\/sec: 40$/);
});
