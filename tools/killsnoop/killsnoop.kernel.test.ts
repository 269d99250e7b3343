import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n signals of each kind to a child, n to a process that cannot be. */
const SOURCE = `#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int child = fork();
  if (child == 0) for (;;) pause();
  for (int i = 0; i < atoi(argv[1]); i++) {
    kill(child, 0);
    kill(child, SIGCONT);
    kill(99999999, SIGUSR1);
  }
  kill(child, SIGKILL);
  wait(NULL);
  return 0;
}
`;

let killer: Workload;
beforeAll(() => {
  killer = compileWorkload("killer", SOURCE);
});
afterAll(() => killer[Symbol.dispose]());

const sent = async (...options: string[]) =>
  (await runTool("killsnoop", [...options, "--name", "killer", "--json"], killer.command("50"))).rows;

test("every signal, with its target and result", async () => {
  const rows = await sent();
  const target = rows.find(({ signal }) => signal === 9)?.tpid;
  expect(rows.filter(({ signal, tpid, result }) => signal === 0 && tpid === target && result === 0)).toHaveLength(50);
  expect(rows.filter(({ signal, tpid, result }) => signal === 18 && tpid === target && result === 0)).toHaveLength(50);
  expect(rows.filter(({ signal, tpid, result }) => signal === 10 && tpid === 99999999 && result === -3)).toHaveLength(
    50,
  );
  expect(rows).toHaveLength(151);
});

test("by signal, by target, by result", async () => {
  expect(await sent("-s", "9,10")).toHaveLength(51);
  expect(await sent("-s", "SIGCONT")).toHaveLength(50);
  expect(await sent("-T", "99999999")).toHaveLength(50);
  expect(await sent("-x")).toHaveLength(50);
  expect(await sent("-p", "1")).toHaveLength(0);
});

test("in columns", async () => {
  const { lines } = await runTool("killsnoop", ["-x", "--name", "killer"], killer.command("1"));
  expect(lines[0]).toMatch(/^TIME {6}PID +COMM {13}SIG {2}TPID +RESULT$/);
  expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d {2}\d+ +killer {11}10 {3}99999999 +-3$/);
  expect(lines).toHaveLength(2);
});
