import { afterAll, beforeAll, expect, test } from "vitest";
import { NetworkNamespace } from "../network-namespace.ts";
import { TcpWorkload } from "../tcp-workload.ts";
import { compileWorkload, runTool } from "../testing.ts";

let tcp: TcpWorkload;
let slow: NetworkNamespace;
beforeAll(() => {
  tcp = new TcpWorkload("tcplatent");
  slow = new NetworkNamespace();
  // Every other SYN: the one that is sent again, after a second, arrives.
  slow.drop("numgen inc mod 2 == 0", "tcp flags & (syn | ack) == syn");
});
afterAll(() => {
  slow[Symbol.dispose]();
  tcp[Symbol.dispose]();
});

test.each([4, 6] as const)("as long over IPv%i as connect() took", async (family) => {
  const command = slow.command(tcp.command({ family, count: 2 }));
  const { rows, text } = await runTool("tcpconnlat", ["--name", tcp.name, "--json"], command);
  const sessions = tcp.sessions();
  expect(rows.map(({ lport }) => lport)).toEqual(sessions.map(({ ownPort }) => ownPort));
  const address = family === 4 ? "127.0.0.1" : "::1";
  sessions.forEach(({ client, port, connectNs }, index) => {
    const expected = { pid: client, comm: tcp.name, ip: family, saddr: address, daddr: address, dport: port };
    expect(rows[index]).toMatchObject(expected);
    expect(connectNs).toBeGreaterThan(900_000_000);
    expect(Number(rows[index].latency_ns) / connectNs).toBeGreaterThan(0.9);
    expect(Number(rows[index].latency_ns)).toBeLessThan(connectNs);
  });
  expect(text).toBe("");
});

test("the lines of the BCC tool, only slow ones", async () => {
  const { lines } = await runTool("tcpconnlat", ["500"], slow.command(tcp.command({ family: 4, count: 1 })));
  expect(lines[0]).toBe("PID     COMM         IP SADDR            DADDR            DPORT LAT(ms)");
  expect(lines.find((line) => line.includes(tcp.name))).toMatch(
    /^\d+ +tcplatent {4}4 {2}127\.0\.0\.1 {8}127\.0\.0\.1 {8}\d{5} 1\d\d\d\.\d\d$/,
  );
  const fast = await runTool("tcpconnlat", ["-Lt", "500", "--name", tcp.name], tcp.command({ family: 4, count: 9 }));
  expect(fast.lines).toEqual([
    "TIME(s)   PID     COMM         IP SADDR            LPORT  DADDR            DPORT LAT(ms)",
  ]);
});

test("a connection that is refused was answered", async () => {
  using refused = compileWorkload(
    "refused",
    `#include <arpa/inet.h>
#include <sys/socket.h>
int main(void) {
  struct sockaddr_in to = {AF_INET, htons(1), {htonl(INADDR_LOOPBACK)}};
  connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&to, sizeof to);
  return 0;
}
`,
  );
  const { rows } = await runTool("tcpconnlat", ["--json", "--name", refused.name], refused.command());
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ comm: "refused", dport: 1 });
});
