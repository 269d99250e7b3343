import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/** A client, over IPv4 of 127.0.0.77, asks n times and is answered. What its socket counted and measured is printed. */
const SOURCE = `#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int family = atoi(argv[1]) == 4 ? AF_INET : AF_INET6, count = atoi(argv[2]);
  struct sockaddr_in6 to = {.sin6_family = family};
  if (family == AF_INET) ((struct sockaddr_in *)&to)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else to.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof to;
  int listener = socket(family, SOCK_STREAM, 0);
  bind(listener, (void *)&to, size);
  listen(listener, 1);
  getsockname(listener, (void *)&to, &size);
  char data[100] = {0};
  if (fork() == 0) {
    int fd = accept(listener, NULL, NULL);
    for (int i = 0; i < count; i++) {
      read(fd, data, sizeof data);
      write(fd, data, sizeof data);
    }
    char end;
    read(fd, &end, 1);
    return 0;
  }
  int fd = socket(family, SOCK_STREAM, 0);
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f00004d)};
  if (family == AF_INET) bind(fd, (void *)&from, sizeof from);
  connect(fd, (void *)&to, size);
  for (int i = 0; i < count; i++) {
    write(fd, data, sizeof data);
    read(fd, data, sizeof data);
  }
  usleep(100000);
  struct tcp_info info;
  socklen_t length = sizeof info;
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
  printf("{\\"segments\\":%u,\\"rtt\\":%u}", info.tcpi_segs_in, info.tcpi_rtt);
  close(fd);
  wait(NULL);
  return 0;
}
`;

interface Measured {
  readonly segments: number;
  readonly rtt: number;
}

let pair: Workload;
beforeAll(() => {
  pair = compileWorkload("rttpair", SOURCE);
});
afterAll(() => pair[Symbol.dispose]());

const total = (rows: readonly Row[]) => rows.reduce((sum, { count }) => sum + Number(count), 0);

test("every segment that comes, with the time that the socket knows", async () => {
  const { rows, text, workload } = await runTool("tcprtt", ["-a", "127.0.0.77", "--json"], pair.command("4", "50"));
  const { rtt, segments } = JSON.parse(workload) as Measured;
  expect(text).toBe("");
  // Neither the handshake nor what comes after close() is for an established connection.
  expect(total(rows)).toBe(segments - 1);
  expect(rows.some(({ min, max }) => Number(min ?? 0) <= rtt && rtt <= Number(max))).toBe(true);
});

test("IPv6, both ends, by who sends", async () => {
  const argv = ["--name", pair.name, "-6", "-b", "--json"];
  const { rows, workload } = await runTool("tcprtt", argv, pair.command("6", "50"));
  expect(new Set(rows.map(({ section }) => section))).toEqual(new Set(["Local Address = ::1"]));
  // The answers and acknowledgements that came to the client, and its questions.
  expect(total(rows)).toBeGreaterThanOrEqual((JSON.parse(workload) as Measured).segments - 1 + 50);
});

test("filters", async () => {
  const seen = async (...options: string[]) =>
    total((await runTool("tcprtt", [...options, "--json"], pair.command("4", "20"))).rows);
  expect(await seen("-a", "127.0.0.77", "-P", "1")).toBe(0);
  expect(await seen("-a", "127.0.0.77", "-6")).toBe(0);
  expect(await seen("-a", "127.0.0.77", "--name", "nobody")).toBe(0);
  expect(await seen("-a", "127.0.0.77", "--uid", "nobody")).toBe(0);
  expect(await seen("-A", "127.0.0.77", "--name", pair.name)).toBeGreaterThanOrEqual(20);
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("tcprtt", ["-e", "-m", "-T", "--name", pair.name], pair.command("4", "10"));
  expect(lines[0]).toBe("Tracing TCP RTT... Hit Ctrl-C to end.");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines[4]).toMatch(/^All Addresses = \*\*\*\*\*\*\* \[AVG \d+\]$/);
  expect(lines[5]).toBe("     msecs               : count     distribution");
  const { lines: remote } = await runTool("tcprtt", ["-B", "--name", pair.name], pair.command("6", "1"));
  expect(remote[3]).toBe("Remote Address = ::1");
});

test("at intervals, for a time", async () => {
  const { lines, code } = await runTool("tcprtt", ["-i", "1", "-d", "2", "-T", "-P", "1"]);
  expect(code).toBe(0);
  expect(lines.filter((line) => /^\d\d:\d\d:\d\d$/.test(line)).length).toBeOneOf([2, 3]);
});
