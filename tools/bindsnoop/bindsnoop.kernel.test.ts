import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Binds TCP and UDP sockets of both versions with different options; each address twice, which fails without SO_REUSEADDR. */
const SOURCE = `#include <arpa/inet.h>
#include <linux/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
static int bound(int type, const char *address, int port, int level, int option) {
  int fd = socket(AF_INET, type, 0), one = 1;
  if (option) setsockopt(fd, level, option, &one, sizeof one);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int ret = bind(fd, (void *)&to, sizeof to);
  socklen_t size = sizeof to;
  getsockname(fd, (void *)&to, &size);
  return ret ? -1 : ntohs(to.sin_port);
}
int main() {
  int port = bound(SOCK_STREAM, "127.0.0.1", 0, 0, 0);
  bound(SOCK_STREAM, "127.0.0.1", port, 0, 0);
  int udp = bound(SOCK_DGRAM, "127.0.0.2", 0, SOL_SOCKET, SO_REUSEPORT);
  bound(SOCK_DGRAM, "127.0.0.2", udp, SOL_SOCKET, SO_REUSEPORT);
  int free_ = bound(SOCK_STREAM, "198.51.100.7", 0, SOL_IP, IP_FREEBIND);
  bound(SOCK_STREAM, "127.0.0.3", 0, SOL_IP, IP_BIND_ADDRESS_NO_PORT);
  int transparent = bound(SOCK_STREAM, "127.0.0.4", 0, SOL_IP, IP_TRANSPARENT);
  int fd = socket(AF_INET6, SOCK_STREAM, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = {{{1}}}};
  to.sin6_addr = (struct in6_addr){{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
  setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
  bind(fd, (void *)&to, sizeof to);
  socklen_t size = sizeof to;
  getsockname(fd, (void *)&to, &size);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  bind(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&un, sizeof un.sun_family);
  bind(0, (void *)&un, sizeof un);
  printf("{\\"pid\\":%d,\\"tcp\\":%d,\\"udp\\":%d,\\"free\\":%d,\\"transparent\\":%d,\\"six\\":%d}", getpid(), port, udp, free_,
         transparent, ntohs(to.sin6_port));
  return 0;
}
`;

let binder: Workload;
beforeAll(() => {
  binder = compileWorkload("binder", SOURCE);
});
afterAll(() => binder[Symbol.dispose]());

test("every bind that succeeds, with protocol, address, options and interface", async () => {
  const { rows, text, workload } = await runTool("bindsnoop", ["--name", binder.name, "--json"], binder.command());
  const { pid, tcp, udp, free, transparent, six } = JSON.parse(workload);
  expect(text).toBe("");
  const common = { ns: expect.any(Number), pid, uid: 0, comm: binder.name, ret: 0, ip: 4, interface: 0 };
  const udpRow = { ...common, protocol: "UDP", addr: "127.0.0.2", port: udp, options: "....r" };
  expect(rows).toEqual([
    { ...common, protocol: "TCP", addr: "127.0.0.1", port: tcp, options: "....." },
    udpRow,
    udpRow,
    { ...common, protocol: "TCP", addr: "198.51.100.7", port: free, options: "F...." },
    { ...common, protocol: "TCP", addr: "127.0.0.3", port: 0, options: "..N.." },
    { ...common, protocol: "TCP", addr: "127.0.0.4", port: transparent, options: ".T..." },
    { ...common, protocol: "TCP", ip: 6, addr: "::1", port: six, options: "...R.", interface: 1 },
  ]);
});

test("errors, with the address that was asked for", async () => {
  const { rows, workload } = await runTool("bindsnoop", ["-E", "--name", binder.name, "--json"], binder.command());
  const failed = rows.filter(({ ret }) => ret !== 0);
  expect(rows).toHaveLength(8);
  expect(failed).toEqual([expect.objectContaining({ ret: -98, addr: "127.0.0.1", port: JSON.parse(workload).tcp })]);
});

test("the lines of the BCC tool", async () => {
  const { lines, workload } = await runTool("bindsnoop", ["--name", binder.name], binder.command());
  const { pid, tcp } = JSON.parse(workload);
  expect(lines.slice(0, 3)).toEqual([
    "Tracing binds ... Hit Ctrl-C to end",
    "     PID COMM         PROT ADDR            PORT   OPTS IF",
    `${String(pid).padStart(8)} binder       TCP  127.0.0.1       ${String(tcp).padStart(5)} .....  0`,
  ]);
  const { lines: wide } = await runTool("bindsnoop", ["-twEU", "--name", binder.name], binder.command());
  const rc = "RC".padEnd(25);
  expect(wide[1]).toBe(`TIME(s)      UID ${rc}        PID COMM         PROT ${"ADDR".padEnd(39)} PORT   OPTS IF`);
  expect(wide[3]).toMatch(/^0\.\d{6} +0 address already in use +\d+ binder +TCP +127\.0\.0\.1 /);
});

test("counts", async () => {
  const argv = ["--count", "--name", binder.name];
  const { rows, workload } = await runTool("bindsnoop", [...argv, "--json"], binder.command());
  const { udp, six } = JSON.parse(workload);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toEqual({ ip: 4, addr: "127.0.0.2", port: udp, binds: 2 });
  expect(rows[5]).toEqual({ ip: 6, addr: "::1", port: six, binds: 1 });
  const { lines, workload: again } = await runTool("bindsnoop", argv, binder.command());
  expect(lines[2]).toBe(`${"LADDR".padEnd(32)} ${"LPORT".padStart(20)}     BINDS`);
  expect(lines[3]).toBe(`${"127.0.0.2".padEnd(32)} ${String(JSON.parse(again).udp).padStart(20)}     2`);
});

test("filters", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("bindsnoop", [...options, "--json"], binder.command())).rows.filter(
      ({ comm }) => comm === binder.name,
    ).length;
  expect(await seen("-P", "0,1")).toBe(1);
  expect(await seen("-u", "root", "-6")).toBe(1);
  expect(await seen("-u", "nobody")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
});
