import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Looks localhost up in three ways, so many times, and writes how long each took. */
const SOURCE = `#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
int main(int argc, char **argv) {
  FILE *results = fopen(argv[2], "w");
  for (int i = 0; i < atoi(argv[1]); i++) {
    struct addrinfo *found;
    long start = now();
    if (getaddrinfo("localhost", NULL, NULL, &found) == 0) freeaddrinfo(found);
    long first = now();
    gethostbyname("ip6-localhost");
    long second = now();
    gethostbyname2("127.0.0.9", AF_INET);
    fprintf(results, "%ld %ld %ld\\n", first - start, second - first, now() - second);
    getaddrinfo(NULL, "80", NULL, &found);
    freeaddrinfo(found);
  }
  fclose(results);
  return 0;
}
`;

let lookups: Workload;
const folder = mkdtempSync(join(tmpdir(), "lookups-"));
const results = join(folder, "ns");
beforeAll(() => {
  lookups = compileWorkload("lookups", SOURCE);
});
afterAll(() => {
  lookups[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

test("every look-up, with its name and no longer than it took", async () => {
  const { rows, text } = await runTool(
    "gethostlatency",
    ["--name", lookups.name, "--json"],
    lookups.command("50", results),
  );
  const hosts = ["localhost", "ip6-localhost", "127.0.0.9"];
  expect(rows.map(({ host }) => host)).toEqual(Array(50).fill(hosts).flat());
  const took = readFileSync(results, "utf8").trim().split(/\s+/).map(Number);
  rows.forEach(({ latency_ns }, index) => {
    expect(Number(latency_ns)).toBeLessThan(took[index]);
  });
  expect(text).toBe("");
});

test("the lines of the BCC tool, filters", async () => {
  const { lines } = await runTool("gethostlatency", ["--name", lookups.name], lookups.command("1", results));
  expect(lines[0]).toBe("TIME      PID     COMM                  LATms HOST");
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d {2}\d+ +lookups {6,} +\d+\.\d\d localhost$/);
  expect(lines).toHaveLength(4);
  const none = await runTool("gethostlatency", ["-p", "1", "--json"], lookups.command("1", results));
  expect(none.rows).toEqual([]);
});
