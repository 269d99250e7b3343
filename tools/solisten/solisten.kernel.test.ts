import { statSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Listens at a port of either version, at one that the kernel chooses, through a Unix socket, and where it cannot. */
const SOURCE = `#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
static int own_port(int fd) {
  struct sockaddr_in6 at;
  socklen_t size = sizeof at;
  getsockname(fd, (void *)&at, &size);
  return ntohs(at.sin6_port);
}
int main() {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  int four = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
  int unbound = socket(AF_INET, SOCK_STREAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);
  bind(four, (void *)&in, sizeof in);
  bind(six, (void *)&in6, sizeof in6);
  bind(local, (void *)&un, sizeof un.sun_family);
  listen(four, 5);
  listen(six, 128);
  listen(unbound, 0);
  listen(local, 1);
  listen(socket(AF_INET, SOCK_DGRAM, 0), 1);
  listen(0, 1);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(own_port(four)), .sin_addr = in.sin_addr};
  int connected = socket(AF_INET, SOCK_STREAM, 0);
  connect(connected, (void *)&to, sizeof to);
  listen(connected, 9);
  printf("{\\"pid\\":%d,\\"four\\":%d,\\"six\\":%d,\\"unbound\\":%d}", getpid(), own_port(four), own_port(six),
         own_port(unbound));
  return 0;
}
`;

let listener: Workload;
beforeAll(() => {
  listener = compileWorkload("listener", SOURCE);
});
afterAll(() => listener[Symbol.dispose]());

const namespace = statSync("/proc/self/ns/net").ino;

test("every TCP socket that begins to listen", async () => {
  const { rows, text, workload } = await runTool("solisten", ["--name", listener.name, "--json"], listener.command());
  const { pid, four, six, unbound } = JSON.parse(workload);
  expect(text).toBe("");
  const common = { ns: expect.any(Number), pid, comm: listener.name, netns: namespace, ret: 0 };
  expect(rows).toEqual([
    { ...common, ip: 4, backlog: 5, port: four, addr: "127.0.0.1" },
    { ...common, ip: 6, backlog: 128, port: six, addr: "::" },
    { ...common, ip: 4, backlog: 0, port: unbound, addr: "0.0.0.0" },
  ]);
});

test("calls that fail", async () => {
  const { rows, workload } = await runTool("solisten", ["-x", "--name", listener.name, "--json"], listener.command());
  expect(rows).toHaveLength(4);
  expect(rows[3]).toMatchObject({ ret: -22, backlog: 9, ip: 4 });
  expect(rows[3].port).not.toBe(JSON.parse(workload).four);
});

test("the lines of the BCC tool", async () => {
  const { lines, workload } = await runTool("solisten", ["--name", listener.name], listener.command());
  const { pid, six } = JSON.parse(workload);
  expect(lines[0]).toBe("PID     COMM         PROTO  BACKLOG  PORT  ADDR");
  expect(lines[2]).toBe(`${String(pid).padEnd(7)} listener     TCPv6  128      ${String(six).padEnd(5)} ::`);
  const { lines: more } = await runTool(
    "solisten",
    ["--show-netns", "-t", "--name", listener.name],
    listener.command(),
  );
  expect(more[0]).toBe("TIME(s)  PID     COMM         NETNS        PROTO  BACKLOG  PORT  ADDR");
  expect(more[1]).toContain(` listener     ${String(namespace).padEnd(12)} TCPv4  5 `);
});

test("filters", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("solisten", [...options, "--name", listener.name, "--json"], listener.command())).rows.length;
  expect(await seen("-6")).toBe(1);
  expect(await seen("-n", String(namespace))).toBe(3);
  expect(await seen("-n", "1")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
  expect(await seen("-P", "1")).toBe(0);
});
