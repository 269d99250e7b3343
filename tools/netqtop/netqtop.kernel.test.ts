import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, type Row, runTool, type Workload } from "../testing.ts";

/** Sends n datagrams of each of four sizes to an address behind a pair of virtual interfaces; none is answered. */
const SOURCE = `#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  static char data[2000];
  int sizes[] = {10, 100, 1000, 1400}, fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};
  inet_pton(AF_INET, argv[1], &to.sin_addr);
  for (int i = 0; i < atoi(argv[2]); i++)
    for (int s = 0; s < 4; s++) sendto(fd, data, sizes[s], 0, (void *)&to, sizeof to);
  return 0;
}
`;

const ip = (command: string) => execFileSync("ip", command.split(" "));
/** An end of a pair, with the other end's hardware address known: nothing else passes. */
const [NEAR, FAR] = [`nqa${process.pid}`, `nqb${process.pid}`];
let sender: Workload;
beforeAll(() => {
  sender = compileWorkload("nqsender", SOURCE);
  ip(`link add ${NEAR} numtxqueues 2 numrxqueues 2 type veth peer name ${FAR}`);
  execFileSync("sysctl", ["-qw", `net.ipv6.conf.${NEAR}.disable_ipv6=1`, `net.ipv6.conf.${FAR}.disable_ipv6=1`]);
  ip(`addr add 198.18.77.1/24 dev ${NEAR}`);
  ip(`link set ${FAR} arp off up`);
  ip(`link set ${NEAR} up`);
  ip(`neigh add 198.18.77.2 lladdr 02:00:00:00:00:02 dev ${NEAR}`);
});
afterAll(() => {
  ip(`link del ${NEAR}`);
  sender[Symbol.dispose]();
});

const COUNT = 25;
const command = () => sender.command("198.18.77.2", String(COUNT));
const sum = (rows: readonly Row[], direction: string, field: string) =>
  rows.filter((row) => row.direction === direction).reduce((all, row) => all + Number(row[field]), 0);

test("every packet that is sent, by size", async () => {
  const { rows, text } = await runTool("netqtop", ["-n", NEAR, "--json"], command());
  expect(text).toBe("");
  expect(new Set(rows.map(({ direction, queue }) => `${direction} ${queue}`))).toEqual(
    new Set(["TX 0", "TX 1", "RX 0", "RX 1"]),
  );
  expect(sum(rows, "TX", "packets")).toBe(4 * COUNT);
  // Ethernet, IP and UDP add 42 bytes.
  expect(sum(rows, "TX", "bytes")).toBe(COUNT * (10 + 100 + 1000 + 1400 + 4 * 42));
  expect(["to64", "to512", "to2K", "to16K", "to64K"].map((field) => sum(rows, "TX", field))).toEqual([
    COUNT,
    COUNT,
    2 * COUNT,
    0,
    0,
  ]);
  expect(sum(rows, "RX", "packets")).toBe(0);
});

test("every packet that is received, without its Ethernet header", async () => {
  const { rows } = await runTool("netqtop", ["-n", FAR, "--json"], command());
  expect(sum(rows, "RX", "packets")).toBe(4 * COUNT);
  expect(sum(rows, "RX", "bytes")).toBe(COUNT * (10 + 100 + 1000 + 1400 + 4 * 28));
  expect(sum(rows, "TX", "packets")).toBe(0);
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("netqtop", ["-n", NEAR, "-i", "60"], command());
  expect(lines[0]).toMatch(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/);
  expect(lines.slice(1, 3)).toEqual([
    "TX",
    " QueueID    avg_size   [0, 64)    [64, 512)  [512, 2K)  [2K, 16K)  [16K, 64K)",
  ]);
  expect(lines[5]).toBe(" Total      669.5      25         25         50         0          0");
  expect(lines.slice(6, 8)).toEqual(["", "RX"]);
  expect(lines.at(-1)).toBe("-".repeat(77));
  const { lines: rates } = await runTool("netqtop", ["-n", NEAR, "-t", "-i", "60"], command());
  expect(rates[2]).toMatch(/\[16K, 64K\) BPS {8}PPS$/);
  expect(rates.at(-1)).toBe("-".repeat(95));
});

test("wrong use is told", async () => {
  expect((await runTool("netqtop", [])).text).toContain("Please specify a network interface.");
  expect((await runTool("netqtop", ["-n", "nosuch"])).text).toContain("there is no network interface nosuch");
});
