import { statSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NetworkNamespace } from "../network-namespace.ts";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/** Sends n segments of 200 bytes over the loopback interface and resets the connection; or both ends close it. */
const SOURCE = `#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int family = atoi(argv[1]) == 4 ? AF_INET : AF_INET6, one = 1;
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
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  char data[200] = {0};
  for (int i = 0; i < atoi(argv[2]); i++) write(fd, data, sizeof data);
  if (argc > 3) {
    int accepted = accept(listener, NULL, NULL);
    close(fd);
    close(accepted);
    goto end;
  }
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
  close(fd);
end:
  printf("{\\"pid\\":%d,\\"port\\":%d,\\"own\\":%d}", getpid(), ntohs(to.sin6_port), ntohs(own.sin6_port));
  return 0;
}
`;

interface Sent {
  readonly pid: number;
  readonly port: number;
  readonly own: number;
}

let sender: Workload;
let network: NetworkNamespace;
beforeAll(() => {
  sender = compileWorkload("tcpdropped", SOURCE);
  network = new NetworkNamespace();
  network.drop("");
});
afterAll(() => {
  network[Symbol.dispose]();
  sender[Symbol.dispose]();
});

const SEGMENTS = 6;
const lossy = (family: 4 | 6) => network.command(sender.command(String(family), String(SEGMENTS)));
const dropped = (rows: readonly Row[], { port, own }: Sent) =>
  rows.filter(({ sport, dport, reason }) => sport === own && dport === port && reason === "NETFILTER_DROP");

test.each([4, 6] as const)("every segment that a filter drops over IPv%i, why and where", async (family) => {
  const { rows, text, workload } = await runTool("tcpdrop", ["--json"], lossy(family));
  const own = dropped(rows, JSON.parse(workload) as Sent);
  expect(text).toBe("");
  expect(own).toHaveLength(SEGMENTS);
  const address = family === 4 ? "127.0.0.1" : "::1";
  for (const row of own) {
    // Nothing has asked yet whose it is.
    expect(row).toMatchObject({ ip: family, saddr: address, daddr: address, state: "-", flags: "PSH|ACK" });
    expect(String(row.stack)).toContain("nft_do_chain");
  }
});

test("segments that a socket does not take, with its state", async () => {
  const { rows, workload } = await runTool("tcpdrop", ["-s", "--json"], sender.command("4", "0", "closed"));
  const { port, own } = JSON.parse(workload) as Sent;
  // The end of the other side comes to one that has closed: nobody will ask for it.
  const ended = rows.filter(({ sport, dport }) => sport === port && dport === own);
  expect(ended).toEqual([expect.objectContaining({ state: "CLOSE", flags: "FIN|ACK", reason: "QUEUE_PURGE" })]);
});

test("the lines of the BCC tool", async () => {
  const { lines, workload } = await runTool("tcpdrop", ["-4"], lossy(4));
  const { port, own } = JSON.parse(workload) as Sent;
  expect(lines[0]).toBe(
    "TIME     PID     IP SADDR:SPORT          > DADDR:DPORT          STATE (FLAGS)        REASON (CODE)",
  );
  const at = lines.findIndex((line) => line.includes(`127.0.0.1:${own}`) && line.includes("NETFILTER_DROP"));
  const [source, destination] = [own, port].map((each) => `127.0.0.1:${each}`.padEnd(20));
  expect(lines[at]).toContain(` 4  ${source} > ${destination} - (PSH|ACK)          NETFILTER_DROP (`);
  expect(lines[at]).toMatch(/^\d\d:\d\d:\d\d \d+ .* NETFILTER_DROP \(\d+\)$/);
  expect(lines[at + 1]).toMatch(/^\t[a-z_]+[\w.]*\+0x[0-9a-f]+$/);
  expect(lines.slice(at).indexOf("")).toBeGreaterThan(5);
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows, workload } = await runTool("tcpdrop", [...options, "--json"], lossy(4));
    return dropped(rows, JSON.parse(workload) as Sent).length;
  };
  const namespace = String(statSync(`/run/netns/${network.name}`).ino);
  expect(await seen("-6")).toBe(0);
  expect(await seen("--netns-id", namespace)).toBe(SEGMENTS);
  expect(await seen("--pid-netns", String(process.pid))).toBe(0);
  // What is asked of a socket is not answered where there is none.
  expect(await seen("--uid", "root")).toBe(0);
  expect(await seen("-s")).toBe(0);
});

test("wrong use is told", async () => {
  const { text, code } = await runTool("tcpdrop", ["--netns-id", "1", "--pid-netns", "1"]);
  expect([code, text]).toEqual([1, expect.stringContaining("--netns-id and --pid-netns exclude each other")]);
});
