import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Opens n connections to a socket that lets `limit` wait and accepts none. */
const SOURCE = `#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  int family = atoi(argv[1]) == 4 ? AF_INET : AF_INET6, count = atoi(argv[2]);
  struct sockaddr_in6 to = {.sin6_family = family};
  if (family == AF_INET) ((struct sockaddr_in *)&to)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else to.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof to;
  int listener = socket(family, SOCK_STREAM, 0);
  bind(listener, (void *)&to, size);
  listen(listener, atoi(argv[3]));
  getsockname(listener, (void *)&to, &size);
  for (int i = 0; i < count; i++) connect(socket(family, SOCK_STREAM, 0), (void *)&to, size);
  return 0;
}
`;

let queue: Workload;
beforeAll(() => {
  queue = compileWorkload("backlogger", SOURCE);
});
afterAll(() => queue[Symbol.dispose]());

/** A limit that nobody else has. */
const LIMIT = 77;
const command = (family: 4 | 6) => queue.command(String(family), "9", String(LIMIT));
const SECTION = `backlog_max = ${LIMIT}`;

test.each([4, 6] as const)("how many wait at each arrival over IPv%i", async (family) => {
  const { rows, text } = await runTool("tcpsynbl", [`-${family}`, "--json"], command(family));
  expect(text).toBe("");
  const own = rows.filter(({ section }) => section === SECTION);
  // 0 to 8 of them, one more at each.
  expect(own.map(({ min, max, count }) => [min, max, count])).toEqual([
    [0, 0, 1],
    [1, 1, 1],
    [2, 3, 2],
    [4, 7, 4],
    [8, 15, 1],
  ]);
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("tcpsynbl", ["-T"], command(4));
  expect(lines[0]).toBe("Tracing SYN backlog size. Ctrl-C to end.");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  const at = lines.indexOf(SECTION);
  expect(lines.slice(at - 1, at + 4)).toEqual([
    "",
    SECTION,
    "     backlog             : count     distribution",
    `         0 -> 1          : 2        |${"*".repeat(20).padEnd(40)}|`,
    `         2 -> 3          : 2        |${"*".repeat(20).padEnd(40)}|`,
  ]);
});

test("filters", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("tcpsynbl", [...options, "--json"], command(4))).rows.filter(({ section }) => section === SECTION)
      .length;
  expect(await seen("-6")).toBe(0);
  expect(await seen("-P", "1")).toBe(0);
  expect(await seen("--uid", "0")).toBe(5);
  expect(await seen("--uid", "nobody")).toBe(0);
});
