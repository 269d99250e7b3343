import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n signals of each kind: to a child which may ignore it, to a process that cannot be, to itself as a thread. */
const SOURCE = `#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  signal(SIGUSR2, SIG_IGN);
  int child = fork();
  if (child == 0) {
    prctl(PR_SET_NAME, "receiver");
    for (;;) pause();
  }
  usleep(50000);
  for (int i = 0; i < atoi(argv[1]); i++) {
    kill(child, SIGCONT);
    kill(child, SIGUSR2);
    kill(99999999, SIGUSR1);
    syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
  }
  signal(SIGUSR1, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGRTMIN + 2);
  kill(child, SIGKILL);
  wait(NULL);
  return 0;
}
`;

let sender: Workload;
beforeAll(() => {
  sender = compileWorkload("sender", SOURCE);
});
afterAll(() => sender[Symbol.dispose]());

const sent = async (...options: string[]) =>
  (await runTool("sigsnoop", [...options, "--name", "sender", "--json"], sender.command("40"))).rows;

test("every signal, with its target and what became of it", async () => {
  const rows = (await sent()).filter(({ signal }) => signal !== 17);
  const [pid] = rows.map((row) => row.pid);
  const of = (signal: number) => rows.filter((row) => row.signal === signal);
  expect(of(18)).toHaveLength(40);
  for (const row of of(18)) expect(row).toMatchObject({ pid, tcomm: "receiver" });
  expect(of(12).map(({ result }) => result)).toEqual(Array(80).fill("ignored"));
  expect(of(12).filter(({ tpid, tcomm }) => tpid === pid && tcomm === "sender")).toHaveLength(40);
  expect(of(10)).toEqual([]);
  expect(of(36)).toMatchObject([{ tpid: pid, result: "delivered" }]);
  expect(of(9)).toMatchObject([{ tcomm: "receiver", result: "delivered" }]);
  expect(rows).toHaveLength(122);
});

test("of calls, with their results", async () => {
  const rows = await sent("-k");
  const of = (signal: number) => rows.filter((row) => row.signal === signal);
  expect(of(18)).toHaveLength(40);
  for (const row of of(18)) expect(row).toMatchObject({ tcomm: "receiver", result: 0 });
  expect(of(10)).toHaveLength(40);
  for (const row of of(10)) expect(row).toMatchObject({ tpid: 99999999, tcomm: "", result: -3 });
  expect(of(12)).toHaveLength(80);
  expect(rows).toHaveLength(162);
  expect(await sent("-k", "-x")).toHaveLength(40);
});

test("by signal, by result, by sender", async () => {
  expect(await sent("-s", "9,CONT")).toHaveLength(41);
  expect((await sent("-x")).filter(({ signal }) => signal === 12)).toHaveLength(80);
  expect(await sent("-p", "1")).toEqual([]);
});

test("in columns, by name", async () => {
  const { lines } = await runTool("sigsnoop", ["-n", "-s", "KILL,36,USR2", "--name", "sender"], sender.command("1"));
  expect(lines[0]).toBe("TIME     PID     COMM             SIG          TPID    TCOMM            RESULT");
  expect(lines.slice(1).map((line) => line.replace(/^\d\d:\d\d:\d\d \d+ +/, "").replace(/\d{3,}/, "N"))).toEqual([
    expect.stringMatching(/^sender {11}SIGUSR2 {6}N +receiver {9}ignored$/),
    expect.stringMatching(/^sender {11}SIGUSR2 {6}N +sender {11}ignored$/),
    expect.stringMatching(/^sender {11}SIGNAL-36 {4}N +sender {11}0$/),
    expect.stringMatching(/^sender {11}SIGKILL {6}N +receiver {9}0$/),
  ]);
});
