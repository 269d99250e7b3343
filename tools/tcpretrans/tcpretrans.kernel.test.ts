import { afterAll, beforeAll, expect, test } from "vitest";
import { NetworkNamespace } from "../network-namespace.ts";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
let network: NetworkNamespace;
beforeAll(() => {
  tcp = new TcpWorkload("tcpresender");
  network = new NetworkNamespace();
  // The first of three, and the loss probe that follows; the third arrives.
  network.drop("numgen inc mod 3 < 2");
});
afterAll(() => {
  network[Symbol.dispose]();
  tcp[Symbol.dispose]();
});

const SESSION = { count: 3, requestBytes: 100, replyBytes: 100 } as const;
const lossy = (family: 4 | 6) => network.command(tcp.command({ ...SESSION, family }));
const ours = (rows: readonly Record<string, unknown>[]) => {
  const ports = new Set(tcp.sessions().flatMap(({ port, ownPort }) => [port, ownPort]));
  return rows.filter(({ lport, rport }) => ports.has(Number(lport)) && ports.has(Number(rport)));
};

test.each([4, 6] as const)("as many over IPv%i as the kernel counts, loss probes apart", async (family) => {
  const [resent, probes] = ["TcpRetransSegs", "TcpExtTCPLossProbes"].map((name) => network.counter(name));
  const { rows, text } = await runTool("tcpretrans", ["-l", "--json"], lossy(family));
  const own = ours(rows);
  expect(own).toHaveLength(network.counter("TcpRetransSegs") - resent);
  expect(own.filter(({ type }) => type === "L")).toHaveLength(network.counter("TcpExtTCPLossProbes") - probes);
  expect(own.length).toBeGreaterThanOrEqual(12);
  const address = family === 4 ? "127.0.0.1" : "::1";
  for (const row of own)
    expect(row).toMatchObject({ ip: family, laddr: address, raddr: address, state: "ESTABLISHED" });
  expect(text).toBe("");
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("tcpretrans", ["-4", "--localport", "1"], lossy(4));
  expect(lines).toEqual([
    "Tracing retransmits ... Hit Ctrl-C to end",
    "TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE",
  ]);
  const { lines: all } = await runTool("tcpretrans", ["-s"], lossy(4));
  expect(all[1]).toBe("TIME     PID     IP LADDR:LPORT          T> RADDR:RPORT          STATE        SEQ");
  const [{ port, ownPort }] = tcp.sessions();
  const line = all.find((each) => each.includes(`127.0.0.1:${ownPort}      R> 127.0.0.1:${port}`));
  expect(line).toMatch(/^\d\d:\d\d:\d\d \d+ +4 {2}127\.0\.0\.1:\d+ +R> 127\.0\.0\.1:\d+ +ESTABLISHED {2}\d+$/);
});

test("counts", async () => {
  const before = network.counter("TcpRetransSegs");
  const { rows } = await runTool("tcpretrans", ["-c", "--json"], lossy(6));
  const own = ours(rows);
  expect(own).toHaveLength(6);
  expect(own.reduce((sum, { retransmits }) => sum + Number(retransmits), 0)).toBe(
    network.counter("TcpRetransSegs") - before,
  );
});

test("by who sent it, whatever task runs when it is sent again", async () => {
  const before = network.counter("TcpRetransSegs");
  const { rows } = await runTool("tcpretrans", ["--name", tcp.name, "--json"], lossy(4));
  expect(rows).toHaveLength(network.counter("TcpRetransSegs") - before);
  const [{ client, server, port }] = tcp.sessions();
  for (const row of rows) expect(row).toMatchObject({ pid: row.lport === port ? server : client, comm: tcp.name });
  expect((await runTool("tcpretrans", ["--name", "nobody", "--json"], lossy(4))).rows).toEqual([]);
  expect((await runTool("tcpretrans", ["--uid", "nobody", "--json"], lossy(4))).rows).toEqual([]);
  expect(ours((await runTool("tcpretrans", ["--uid", "0", "--json"], lossy(4))).rows).length).toBeGreaterThan(11);
});
