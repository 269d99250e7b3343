import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JDK, needs, startWaiting, WAIT } from "../language-workload.ts";
import { runTool } from "../testing.ts";

const java = needs(`${JDK}/javac`, "Java", "openjdk-17-jdk-headless");

const C_SOURCE = `#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
void *worker(void *unused) { return 0; }
void *cleaner(void *unused) { return 0; }
int main(int argc, char **argv) {
  ${WAIT.c}
  pthread_t thread;
  for (int i = 0; i < 7; i++) {
    pthread_create(&thread, 0, i == 6 ? cleaner : worker, 0);
    pthread_join(thread, 0);
  }
  if (!fork()) { pthread_create(&thread, 0, worker, 0); pthread_join(thread, 0); }
  return 0;
}
`;

const compiled = (path: string, folder: string) => {
  execFileSync("gcc", ["-rdynamic", "-o", join(folder, "threads"), path]);
  return [join(folder, "threads")];
};

test("threads of C by the function that they begin in", async () => {
  using program = await startWaiting(compiled, "threads.c", C_SOURCE);
  const { rows } = await runTool("uthreads", [String(program.pid), "--json"], program.release);
  expect(rows.map(({ name }) => name)).toEqual([...Array(6).fill("worker"), "cleaner"]);
  expect(new Set(rows.map(({ tid }) => tid)).size).toBe(7);
  expect(rows.every(({ tid, type }) => Number(tid) > program.pid && type === "pthread")).toBe(true);
});

test("as BCC prints them", async () => {
  using program = await startWaiting(compiled, "threads.c", C_SOURCE);
  const { lines } = await runTool("uthreads", ["-l", "none", String(program.pid)], program.release);
  expect(lines[0]).toBe(`Tracing thread events in process ${program.pid} (language: none)... Ctrl-C to quit.`);
  expect(lines[1]).toBe("TIME     ID               TYPE     DESCRIPTION");
  expect(lines[2]).toMatch(/^\d+\.\d{3} +\d+ +pthread +worker$/);
  expect(lines).toHaveLength(9);
});

test.skipIf(java.isMissing)(`${java.title}: threads with their names, as they begin and end`, async () => {
  const source = `class Threads {
  public static void main(String[] argv) throws Exception {
    ${WAIT.java}
    for (int i = 0; i < 4; i++) { Thread thread = new Thread(() -> {}, "worker-" + i); thread.start(); thread.join(); }
  }
}`;
  const command = (path: string, folder: string) => {
    execFileSync(`${JDK}/javac`, ["-d", folder, path]);
    return [`${JDK}/java`, "-cp", folder, "Threads"];
  };
  using program = await startWaiting(command, "Threads.java", source);
  const { rows } = await runTool("javathreads", [String(program.pid), "--json"], program.release);
  const workers = rows.filter(({ name }) => String(name).startsWith("worker-"));
  expect(workers.map(({ type, name }) => `${type} ${name}`)).toEqual(
    [0, 1, 2, 3].flatMap((index) => [`start worker-${index}`, `stop worker-${index}`]),
  );
  expect(workers[0].tid).toBe(workers[1].tid);
  expect(rows.some(({ type, tid }) => type === "pthread" && tid === workers[0].tid)).toBe(true);
});
