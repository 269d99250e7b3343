import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, start, type Workload } from "../testing.ts";

/** Each function keeps some memory and gives some back, so many times; with a third argument, in as many threads. */
const SOURCE = `#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline)) void
static volatile void *kept;
static int times;
FUNCTION by_malloc(void) { kept = malloc(100); free(malloc(50)); }
FUNCTION by_large_malloc(void) { kept = malloc(1000000); free(malloc(2000000)); }
FUNCTION by_calloc(void) { kept = calloc(3, 7); free(calloc(5, 5)); }
FUNCTION by_realloc(void) {
  kept = realloc(realloc(malloc(10), 300), 5000);
  free(realloc(malloc(7), 70));
  realloc(malloc(8), 0);
}
FUNCTION by_failed_realloc(void) { void *p = malloc(77); if (realloc(p, (size_t)1 << 60)) abort(); }
FUNCTION by_new_realloc(void) { kept = realloc(0, 33); }
FUNCTION by_posix_memalign(void) { void *p; if (posix_memalign(&p, 64, 333)) abort(); }
FUNCTION by_aligned_alloc(void) { kept = aligned_alloc(64, 640); free(memalign(32, 96)); }
FUNCTION by_valloc(void) { kept = valloc(11); free(pvalloc(12)); }
FUNCTION by_mmap(void) {
  kept = mmap(0, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 4096);
  mmap(0, 0, PROT_READ, MAP_PRIVATE, -1, 0);
}
static void *work(void *unused) {
  for (int i = 0; i < times; i++) {
    by_malloc(); by_large_malloc(); by_calloc(); by_realloc(); by_failed_realloc(); by_new_realloc();
    by_posix_memalign(); by_aligned_alloc(); by_valloc(); by_mmap();
  }
  return 0;
}
int main(int argc, char **argv) {
  times = atoi(argv[1]);
  if (argc < 3) { work(0); return 0; }
  pthread_t threads[16];
  for (int i = 0; i < atoi(argv[2]); i++) pthread_create(&threads[i], 0, work, 0);
  for (int i = 0; i < atoi(argv[2]); i++) pthread_join(threads[i], 0);
  return 0;
}
`;

/** Bytes that each function keeps at a time. */
const KEPT = {
  by_malloc: 100,
  by_large_malloc: 1_000_000,
  by_calloc: 21,
  by_realloc: 5000,
  by_failed_realloc: 77,
  by_new_realloc: 33,
  by_posix_memalign: 333,
  by_aligned_alloc: 640,
  by_valloc: 11,
  by_mmap: 8192,
};

/** Takes a hundred bytes each five milliseconds, and as many pipes as it is told to. */
const HOLDER = `#include <stdlib.h>
#include <unistd.h>
void *my_malloc(unsigned long size) { __asm__ volatile(""); return malloc(size + 16); }
void my_free(void *p) { free(p); }
__attribute__((noinline)) void leak(void) { static volatile void *p; p = my_malloc(100); my_free(my_malloc(10)); }
int main(int argc, char **argv) {
  int ends[2];
  for (int i = 0; i < atoi(argv[1]); i++) if (pipe(ends)) abort();
  for (int i = 0; i < atoi(argv[2]); i++) { leak(); usleep(5000); }
  return 0;
}
`;

const FLAGS = ["-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-fno-builtin", "-pthread", "-w"];
let leaker: Workload;
let holder: Workload;
beforeAll(() => {
  leaker = compileWorkload("leaker", SOURCE, ...FLAGS);
  holder = compileWorkload("holder", HOLDER, ...FLAGS);
});
afterAll(() => {
  leaker[Symbol.dispose]();
  holder[Symbol.dispose]();
});

const functionOf = ({ stack }: Row) => (stack as readonly string[])[0]?.replace(/\+.*/, "") ?? "";
const sums = (rows: readonly Row[]) => Object.fromEntries(rows.map((row) => [functionOf(row), [row.bytes, row.count]]));

test("what each function of a program never freed, to the byte", async () => {
  const { rows, code } = await runTool("memleak", ["-c", `${leaker.path} 50`, "--json"]);
  expect(sums(rows)).toEqual(Object.fromEntries(Object.entries(KEPT).map(([name, bytes]) => [name, [50 * bytes, 50]])));
  expect(rows.map(({ bytes }) => bytes)).toEqual(rows.map(({ bytes }) => Number(bytes)).sort((a, b) => a - b));
  expect(code).toBe(0);
});

test("the same in four threads at once", async () => {
  const { rows } = await runTool("memleak", ["-c", `${leaker.path} 100 4`, "--json", "-T", "100"]);
  const own = rows.filter((row) => functionOf(row) in KEPT);
  expect(sums(own)).toEqual(
    Object.fromEntries(Object.entries(KEPT).map(([name, bytes]) => [name, [400 * bytes, 400]])),
  );
});

test("sizes, order and number are chosen; as text, as BCC prints it", async () => {
  const argv = ["-c", `${leaker.path} 3`, "-z", "100", "-Z", "640", "--sort", "count", "-T", "2"];
  const { lines } = await runTool("memleak", argv);
  expect(lines[0]).toBe(`Executing '${leaker.path} 3' and tracing the resulting process.`);
  expect(lines[1]).toMatch(/^\[\d\d:\d\d:\d\d\] Top 2 stacks with outstanding allocations:$/);
  const heads = lines.filter((line) => line.includes("allocations from stack"));
  expect(heads).toHaveLength(2);
  for (const head of heads) expect(head).toMatch(/^\t(300|999|1920) bytes in 3 allocations from stack$/);
  expect(lines).toContainEqual(expect.stringMatching(/^\t\t0x[0-9a-f]{16}\tby_\w+\+0x[0-9a-f]+ \[leaker\]$/));
});

test("each address; each call as it comes", async () => {
  const { lines } = await runTool("memleak", ["-c", `${leaker.path} 7`, "-a", "-Z", "100", "-z", "100"]);
  const listed = lines.filter((line) => /^\taddr = [0-9a-f]+ size = 100$/.test(line));
  expect(new Set(listed).size).toBe(7);
  const { rows } = await runTool("memleak", ["-c", `${leaker.path} 7`, "-t", "--json", "-z", "50", "-Z", "50"]);
  expect(rows.map(({ event, size }) => [event, size])).toEqual(
    Array.from({ length: 14 }, (_, index) => [index % 2 === 0 ? "alloc" : "free", 50]),
  );
});

test("a process that runs; another allocator", async () => {
  using running = start(holder.command("0", "4000"));
  const held = async (...options: string[]) => {
    const { rows } = await runTool("memleak", ["-p", String(running.pid), "-o", "0", "--json", ...options, "1", "1"]);
    return rows;
  };
  const libc = (await held()).at(-1)!;
  expect(functionOf(libc)).toBe("my_malloc");
  expect(Number(libc.count)).toBeGreaterThan(5);
  expect(libc.bytes).toBe(Number(libc.count) * 116);
  const own = (await held("-O", holder.path, "--symbols-prefix", "my_")).at(-1)!;
  expect(functionOf(own)).toBe("leak");
  expect(own.bytes).toBe(Number(own.count) * 100);
  expect(await held("-o", "100000")).toEqual([]);
});

test("about one allocation in so many", async () => {
  const argv = ["-c", `${leaker.path} 1000`, "-s", "10", "-z", "100", "-Z", "100", "--json"];
  const { rows } = await runTool("memleak", argv);
  expect(Number(rows[0].count)).toBeGreaterThan(50);
  expect(Number(rows[0].count)).toBeLessThan(160);
});

test("the kernel's memory", async () => {
  const { rows } = await runTool(
    "memleak",
    ["--name", "holder", "-o", "0", "--json", "-T", "1000", "1"],
    holder.command("200", "400"),
  );
  const isPipe = ({ stack }: Row) => /^__kmalloc_noprof\+.*,alloc_pipe_info\+/.test(String(stack));
  expect(rows.filter(isPipe).map(({ count }) => count)).toContain(200);
  expect(rows.filter(({ count }) => Number(count) > 100_000)).toEqual([]);
});

test("as a profile", async () => {
  const [flame, pprof] = ["o.svg", "o.pb.gz"].map((name) => join(leaker.path, "..", name));
  const { text } = await runTool("memleak", ["-c", `${leaker.path} 2`, "--flame", flame, "--pprof", pprof]);
  const bytes = 2 * Object.values(KEPT).reduce((sum, each) => sum + each, 0);
  expect(text).toContain(`o.svg: ${bytes.toLocaleString("en")} bytes in 10 stacks`);
  expect(readFileSync(flame, "utf8")).toContain("<title>by_large_malloc\n2,000,000 bytes");
  expect(gunzipSync(readFileSync(pprof)).includes("inuse_space")).toBe(true);
});
