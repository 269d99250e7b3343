import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, start, type Workload } from "../testing.ts";

/** Threads take two of three mutexes each, one after the other; with an argument the last one's order closes the cycle. */
const SOURCE = `#include <pthread.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
static pthread_mutex_t fork_a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t fork_b = PTHREAD_MUTEX_INITIALIZER, fork_c = PTHREAD_MUTEX_INITIALIZER;
FUNCTION void eat(pthread_mutex_t *left, pthread_mutex_t *right) {
  pthread_mutex_lock(left);
  pthread_mutex_lock(right);
  pthread_mutex_unlock(right);
  pthread_mutex_unlock(left);
}
static void *plato(void *arg) { eat(&fork_a, &fork_b); return arg; }
static void *kant(void *arg) { eat(&fork_b, &fork_c); return arg; }
static void *hegel(void *arg) { eat(&fork_c, &fork_a); return arg; }
static void *hume(void *arg) { eat(&fork_a, &fork_c); return arg; }
FUNCTION void dine(void *(*philosopher)(void *)) {
  pthread_t thread;
  pthread_create(&thread, NULL, philosopher, NULL);
  pthread_join(thread, NULL);
}
int main(int argc, char **argv) {
  for (;;) {
    dine(plato);
    dine(kant);
    dine(argc > 1 ? hegel : hume);
    usleep(50000);
  }
}
`;

let folder: string;
let table: Workload;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tool-"));
  table = compileWorkload("philosophers", SOURCE, "-pthread", "-fno-omit-frame-pointer");
});
afterAll(() => {
  table[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

test("a cycle of three, with who made it; ends by itself", async () => {
  using running = start(table.command("wrong"));
  const { rows, code } = await runTool("deadlock", [String(running.pid), "--json"]);
  expect(code).toBe(0);
  expect(rows).toHaveLength(1);
  const [{ mutexes, orders, threads }] = rows as unknown as {
    readonly mutexes: readonly { readonly variable: string }[];
    readonly orders: readonly { readonly first: string; readonly second: string; readonly second_stack: string[] }[];
    readonly threads: readonly { readonly parent_tid: number; readonly stack: string[] }[];
  }[];
  expect(mutexes.map(({ variable }) => variable).sort()).toEqual(["fork_a", "fork_b", "fork_c"]);
  expect(orders.map(({ second }) => second)).toEqual([1, 2, 0].map((next) => orders[next].first));
  const who = orders.map(({ second_stack }) => second_stack.slice(0, 3));
  for (const name of ["plato", "kant", "hegel"]) expect(who).toContainEqual(["pthread_mutex_lock", "eat", name]);
  expect(threads).toHaveLength(3);
  // The first thread may have begun before the tool.
  const known = threads.filter(({ parent_tid }) => parent_tid === running.pid);
  expect(known.length).toBeGreaterThanOrEqual(2);
  for (const { stack } of known) expect(stack).toEqual(expect.arrayContaining(["dine", "main"]));
});

test("as text", async () => {
  using running = start(table.command("wrong"));
  const { lines } = await runTool("deadlock", [String(running.pid)]);
  expect(lines.slice(0, 4)).toEqual([
    "Tracing... Hit Ctrl-C to end.",
    "----------------",
    "Potential Deadlock Detected!",
    "",
  ]);
  const mutex = "Mutex M\\d \\(fork_[abc] 0x[0-9a-f]{16}\\)";
  expect(lines[4]).toMatch(new RegExp(`^Cycle in lock order graph: (${mutex}) => ${mutex} => ${mutex} => \\1$`));
  expect(lines[6]).toMatch(
    new RegExp(`^${mutex} acquired here while holding ${mutex} in Thread \\d+ \\(philosophers\\):$`),
  );
  expect(lines[7]).toMatch(/^@ [0-9a-f]{16} pthread_mutex_lock$/);
  expect(lines[8]).toMatch(/^@ [0-9a-f]{16} eat$/);
});

test("orders that agree are no deadlock; the graph as a file", async () => {
  using running = start(table.command());
  const file = join(folder, "graph.json");
  const { rows } = await runTool("deadlock", [String(running.pid), "--dump-graph", file, "--json", "--duration", "1"]);
  expect(rows).toEqual([]);
  const { nodes, links } = JSON.parse(readFileSync(file, "utf8"));
  expect(nodes).toHaveLength(3);
  expect(links).toHaveLength(3);
});

test("a process is needed, and one that has mutexes", async () => {
  expect((await runTool("deadlock", [])).text).toContain("deadlock needs a process");
  expect((await runTool("deadlock", [String(process.pid), "--lock-symbols", "no_such_lock"])).text).toContain(
    `no file of process ${process.pid} has a function no_such_lock`,
  );
});
