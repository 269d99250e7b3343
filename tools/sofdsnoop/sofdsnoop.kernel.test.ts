import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Passes a file, a pipe and a socket through a socket in one message, n more files in another; then a message without. */
const SOURCE = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
static char control[CMSG_SPACE(253 * sizeof(int))];
static char byte;
static struct iovec data = {&byte, 1};
static void send_all(int fd, int *fds, int count) {
  struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
  if (count > 0) {
    m.msg_control = control;
    m.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(c), fds, count * sizeof(int));
  }
  sendmsg(fd, &m, 0);
}
static int receive(int fd) {
  struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  recvmsg(fd, &m, 0);
  return m.msg_controllen ? *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m)) : -1;
}
static unsigned long inode(int fd) {
  struct stat s;
  fstat(fd, &s);
  return s.st_ino;
}
int main(int argc, char **argv) {
  int pair[2], ends[2], many[253];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  pipe(ends);
  int three[] = {open("/etc/hostname", O_RDONLY), ends[0], pair[0]};
  send_all(pair[0], three, 3);
  int first = receive(pair[1]);
  for (int i = 0; i < 253; i++) many[i] = three[0];
  send_all(pair[0], many, atoi(argv[1]));
  receive(pair[1]);
  send_all(pair[0], NULL, 0);
  receive(pair[1]);
  send_all(-1, three, 3);
  printf("{\\"pid\\":%d,\\"from\\":[%d,%lu],\\"to\\":[%d,%lu],\\"file\\":%d,\\"pipe\\":%lu,\\"first\\":%d}", getpid(), pair[0],
         inode(pair[0]), pair[1], inode(pair[1]), three[0], inode(ends[0]), first);
  return 0;
}
`;

let passer: Workload;
beforeAll(() => {
  passer = compileWorkload("fdpasser", SOURCE);
});
afterAll(() => passer[Symbol.dispose]());

test("every descriptor, at both ends, with what it is", async () => {
  const { rows, text, workload } = await runTool("sofdsnoop", ["-n", passer.name, "--json"], passer.command("1"));
  const { pid, from, to, file, pipe, first } = JSON.parse(workload);
  expect(text).toBe("");
  expect(rows).toHaveLength(8);
  const common = { ns: expect.any(Number), pid, tid: pid, comm: passer.name };
  const name = expect.stringMatching(/^(\/etc\/)?hostname$/);
  const sent = { ...common, action: "SEND", socket: `${from[0]}:socket:[${from[1]}]` };
  const received = { ...common, action: "RECV", socket: `${to[0]}:socket:[${to[1]}]` };
  expect(rows.slice(0, 6)).toEqual([
    { ...sent, fd: file, name },
    { ...sent, fd: expect.any(Number), name: `pipe:[${pipe}]` },
    { ...sent, fd: from[0], name: `socket:[${from[1]}]` },
    { ...received, fd: first, name },
    { ...received, fd: first + 1, name: `pipe:[${pipe}]` },
    { ...received, fd: first + 2, name: `socket:[${from[1]}]` },
  ]);
});

test("as many as a message can have", async () => {
  const { rows } = await runTool("sofdsnoop", ["-n", passer.name, "--json"], passer.command("253"));
  expect(rows).toHaveLength(2 * (3 + 253));
});

test("the lines of the BCC tool", async () => {
  const { lines, workload } = await runTool("sofdsnoop", ["-n", passer.name], passer.command("1"));
  const { pid, from, pipe } = JSON.parse(workload);
  expect(lines[0]).toBe("ACTION TID    COMM             SOCKET                    FD    NAME");
  const socket = `${from[0]}:socket:[${from[1]}]`.padEnd(25);
  expect(lines[2]).toMatch(/^SEND {3}\d+ +fdpasser /);
  expect(lines[2]).toContain(`SEND   ${String(pid).padEnd(6)} fdpasser         ${socket} `);
  expect(lines[2]).toMatch(new RegExp(` pipe:\\[${pipe}\\]$`));
  const { lines: timed } = await runTool("sofdsnoop", ["-T", "-n", passer.name], passer.command("1"));
  expect(timed[0]).toMatch(/^TIME\(s\) {7}ACTION /);
  expect(timed[1]).toMatch(/^0\.000000000 {3}SEND /);
});

test("filters", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("sofdsnoop", [...options, "--json"], passer.command("1"))).rows.filter(
      ({ comm }) => comm === passer.name,
    ).length;
  expect(await seen("-p", "1")).toBe(0);
  expect(await seen("-t", "1")).toBe(0);
  expect(await seen("--uid", "0")).toBe(8);
});
