import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** Sends n times to itself and lets the data lie for a time; prints how long, from before it came and from after. */
const SOURCE = `#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000L + t.tv_nsec;
}
int main(int argc, char **argv) {
  int family = atoi(argv[1]) == 4 ? AF_INET : AF_INET6, count = atoi(argv[2]);
  struct sockaddr_in6 to = {.sin6_family = family}, own;
  if (family == AF_INET) ((struct sockaddr_in *)&to)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else to.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof to;
  int listener = socket(family, SOCK_STREAM, 0), fd = socket(family, SOCK_STREAM, 0);
  bind(listener, (void *)&to, size);
  listen(listener, 1);
  getsockname(listener, (void *)&to, &size);
  connect(fd, (void *)&to, size);
  size = sizeof own;
  getsockname(fd, (void *)&own, &size);
  int accepted = accept(listener, NULL, NULL);
  char data[100];
  printf("{\\"pid\\":%d,\\"port\\":%d,\\"own\\":%d,\\"waits\\":[", getpid(), ntohs(to.sin6_port), ntohs(own.sin6_port));
  for (int i = 0; i < count; i++) {
    long before = now();
    write(fd, data, sizeof data);
    long after = now();
    usleep(1000 * atoi(argv[3]));
    long reading = now();
    read(accepted, data, sizeof data);
    printf("%s[%ld,%ld]", i ? "," : "", reading - after, now() - before);
  }
  printf("]}");
  return 0;
}
`;

let waiter: Workload;
beforeAll(() => {
  waiter = compileWorkload("pktwaiter", SOURCE);
});
afterAll(() => waiter[Symbol.dispose]());

test.each([4, 6] as const)("how long each segment lies over IPv%i", async (family) => {
  const argv = ["--name", waiter.name, "--json"];
  const { rows, text, workload } = await runTool("tcppktlat", argv, waiter.command(String(family), "6", "20"));
  const { pid, port, own, waits } = JSON.parse(workload);
  expect(text).toBe("");
  expect(rows).toHaveLength(6);
  const address = family === 4 ? "127.0.0.1" : "::1";
  rows.forEach(({ latency_ns, ...row }, index) => {
    const common = { pid, tid: pid, comm: waiter.name, ip: family, laddr: address, raddr: address };
    expect(row).toMatchObject({ ...common, lport: port, rport: own });
    expect(latency_ns).toBeGreaterThan(waits[index][0] * 0.95);
    expect(latency_ns).toBeLessThan(waits[index][1] * 1.05);
  });
});

test("the lines of libbpf-tools' tool", async () => {
  const { lines } = await runTool("tcppktlat", ["--name", waiter.name], waiter.command("4", "1", "20"));
  expect(lines[0]).toBe("PID     TID     COMM             LADDR           LPORT RADDR           RPORT MS");
  expect(lines[1]).toMatch(/^\d+ +\d+ +pktwaiter {8}127\.0\.0\.1 {7}\d+ +127\.0\.0\.1 {7}\d+ +\d+\.\d\d$/);
  const { lines: wide } = await runTool("tcppktlat", ["-Tw", "--name", waiter.name], waiter.command("6", "1", "20"));
  expect(wide[0]).toBe(
    `TIME(s)  PID     TID     COMM             ${"LADDR".padEnd(26)} LPORT ${"RADDR".padEnd(26)} RPORT MS`,
  );
  expect(wide[1]).toMatch(/^\d\d:\d\d:\d\d \d+ /);
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows, workload } = await runTool("tcppktlat", [...options, "--json"], waiter.command("4", "3", "20"));
    return rows.filter(({ rport }) => rport === JSON.parse(workload).own).length;
  };
  expect(await seen("15000")).toBe(3);
  expect(await seen("60000000")).toBe(0);
  expect(await seen("-6")).toBe(0);
  expect(await seen("-l", "1")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
});
