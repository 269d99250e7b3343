import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type ProcessEvent, ProcessEvents } from "./index.ts";
import { UserSymbols } from "./symbols/index.ts";
import { buildProgram } from "./test/build.ts";
import { expectNothingLeft } from "./test/leaks.ts";

let directory: string;
let program: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "process-events-"));
  program = buildProgram(join(directory, "forks"), FORKS);
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(expectNothingLeft);

/** Forks so many times, one after the other; each child ends at once. */
const FORKS = `
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    pid_t child = fork();
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  }
}
`;

/** Everything that happens while `work` runs. */
function during(work: () => void): { events: ProcessEvent[]; losses: number; errors: unknown[] } {
  const seen = { events: [] as ProcessEvent[], losses: 0, errors: [] as unknown[] };
  using events = new ProcessEvents({
    onEvents: (more) => seen.events.push(...more),
    onLost: () => seen.losses++,
    onError: (error) => seen.errors.push(error),
  });
  work();
  events.drain();
  return seen;
}

/** Runs a program to its end; gives its number. */
function runToEnd(path: string, ...args: string[]): number {
  const { pid, status } = spawnSync(path, args);
  expect(status).toBe(0);
  return pid;
}

test("a program's life is told in its order", () => {
  let pid = 0;
  const { events, losses } = during(() => {
    pid = runToEnd(program, "0");
  });
  expect(losses).toBe(0);
  const own = events.filter((event) => event.pid === pid);
  expect(own[0]).toMatchObject({ kind: "fork", parent: process.pid });
  expect(own[1].kind).toBe("exec");
  expect(own.at(-1)?.kind).toBe("exit");
  const maps = own.flatMap((event) => (event.kind === "map" ? [event.mapping] : []));
  expect(maps.length).toBe(own.length - 3);
  const mapped = maps.find((mapping) => mapping.path === program);
  expect(mapped).toMatchObject({ inode: statSync(program).ino, executable: true, deleted: false });
  expect(maps.map(({ path }) => path)).toEqual(
    expect.arrayContaining([expect.stringContaining("libc.so.6"), "[vdso]"]),
  );
});

test("every child of many, on whatever CPU", () => {
  let pid = 0;
  const { events } = during(() => {
    pid = runToEnd(program, "100");
  });
  const children = events.flatMap((event) => (event.kind === "fork" && event.parent === pid ? [event.pid] : []));
  expect(new Set(children).size).toBe(100);
  for (const child of children) {
    const kinds = events.filter((event) => event.pid === child).map(({ kind }) => kind);
    expect(kinds).toEqual(["fork", "exit"]);
  }
  const times = events.map(({ timeNs }) => timeNs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("more than fits is told to be lost", () => {
  const { losses, errors } = during(() => runToEnd(program, "5000"));
  expect([losses, errors]).toEqual([1, []]);
});

test("a ring that fills up is read without being asked", async () => {
  const forked = new Set<number>();
  using _ = new ProcessEvents({
    onEvents(events) {
      for (const event of events) if (event.kind === "fork") forked.add(event.pid);
    },
    onLost: () => {}, // where this process does not get to run in time
    onError: (error) => expect.unreachable(String(error)),
  });
  await once(spawn(program, ["3000"]), "exit");
  expect(forked.size).toBeGreaterThan(500);
});

test("a process that has ended has names, its vdso too", () => {
  using symbols = new UserSymbols();
  let pid = 0;
  const { events } = during(() => {
    pid = runToEnd(program, "0");
  });
  symbols.apply(events);
  const maps = events.flatMap((event) => (event.kind === "map" && event.pid === pid ? [event.mapping] : []));
  const names = (path: string) => {
    const found = new Set<string | undefined>();
    for (const { start, end } of maps.filter((mapping) => mapping.path === path)) {
      for (let at = start; at < end; at += 16) found.add(symbols.lookup(pid, at)?.name);
    }
    return found;
  };
  expect(names(program)).toContain("main");
  expect([...names("[vdso]")].join(" ")).toMatch(/clock_gettime/);
});
