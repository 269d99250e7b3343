import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcplifer");
});
afterAll(() => tcp[Symbol.dispose]());

const SESSION = { count: 5, requestBytes: 300_000, replyBytes: 70_000, holdMs: 60 } as const;

test.each([4, 6] as const)("both ends of every session over IPv%i, with bytes and age", async (family) => {
  const { rows, text } = await runTool("tcplife", ["--name", tcp.name, "--json"], tcp.command({ ...SESSION, family }));
  expect(rows).toHaveLength(10);
  expect(text).toBe("");
  const address = family === 4 ? "127.0.0.1" : "::1";
  for (const { client, server, port, ownPort, heldNs, wholeNs } of tcp.sessions()) {
    const common = { comm: tcp.name, ip: family, laddr: address, raddr: address };
    const out = rows.find(({ lport }) => lport === ownPort);
    expect(out).toMatchObject({ ...common, pid: client, rport: port });
    const back = rows.find(({ rport }) => rport === ownPort);
    expect(back).toMatchObject({ ...common, pid: server, lport: port });
    for (const age of [out?.age_ns, back?.age_ns].map(Number)) {
      expect(age).toBeGreaterThan(heldNs * 0.9);
      expect(age).toBeLessThan(wholeNs * 1.1);
    }
    // The kernel counts the SYN and the FIN, as far as they were acknowledged, as a byte each.
    expect(Number(out?.tx_bytes) - 300_000).toBeOneOf([1, 2]);
    expect(Number(out?.rx_bytes) - 70_000).toBeOneOf([0, 1]);
    expect(Number(back?.tx_bytes) - 70_000).toBeOneOf([0, 1]);
    expect(Number(back?.rx_bytes) - 300_000).toBeOneOf([0, 1]);
  }
});

test.each(["server", "reset"] as const)("closed by %s: every end once", async (closes) => {
  const { rows } = await runTool("tcplife", ["--json"], tcp.command({ family: 4, count: 8, closes, holdMs: 1 }));
  const sessions = tcp.sessions();
  const own = new Set(sessions.map(({ ownPort }) => ownPort));
  const port = sessions[0].port;
  const clients = rows.filter((row) => row.rport === port && own.has(Number(row.lport)));
  const servers = rows.filter((row) => row.lport === port && own.has(Number(row.rport)));
  expect([clients.length, servers.length]).toEqual([8, 8]);
  expect(new Set(clients.map(({ pid }) => pid))).toEqual(new Set([sessions[0].client]));
  // Who accepted a session that the peer resets is not known.
  const server = closes === "reset" ? 0 : sessions[0].server;
  expect(new Set(servers.map(({ pid }) => pid))).toEqual(new Set([server]));
});

test("the lines of the BCC tool", async () => {
  const command = tcp.command({ family: 4, count: 1, requestBytes: 4096, replyBytes: 2048, holdMs: 20 });
  const { lines } = await runTool("tcplife", ["--name", tcp.name], command);
  expect(lines[0]).toBe("PID   COMM       LADDR           LPORT RADDR           RPORT TX_KB RX_KB MS");
  expect(lines).toHaveLength(3);
  expect(lines.find((line) => line.startsWith(String(tcp.sessions()[0].client)))).toMatch(
    /^\d+ +tcplifer {3}127\.0\.0\.1 {7}\d{5} 127\.0\.0\.1 {7}\d{5} {5}4 {5}2 \d\d\.\d\d$/,
  );
  const wide = await runTool("tcplife", ["-Ttw", "--name", tcp.name], command);
  const address = "ADDR".padEnd(38);
  expect(wide.lines[0]).toBe(
    `TIME     TIME(s)   PID   COMM             IP L${address} LPORT R${address} RPORT  TX_KB  RX_KB MS`,
  );
  expect(wide.lines[1]).toMatch(/^\d\d:\d\d:\d\d 0\.000000 {2}\d+ +tcplifer +4 {2}127/);
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows } = await runTool("tcplife", [...options, "--json"], tcp.command({ family: 4, count: 3, holdMs: 30 }));
    const ports = new Set(tcp.sessions().flatMap(({ port, ownPort }) => [port, ownPort]));
    return rows.filter(({ lport, rport }) => ports.has(Number(lport)) && ports.has(Number(rport))).length;
  };
  expect(await seen("-m", "20")).toBe(6);
  expect(await seen("-m", "2000")).toBe(0);
  expect(await seen("-6")).toBe(0);
  expect(await seen("-4")).toBe(6);
  expect(await seen("-L", "1,2")).toBe(0);
  expect(await seen("--uid", "root")).toBe(6);
  expect(await seen("--uid", "nobody")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
});

test("CSV has names first", async () => {
  const { lines } = await runTool("tcplife", ["-s", "--name", tcp.name], tcp.command({ family: 6, count: 2 }));
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe("ns,pid,comm,ip,laddr,lport,raddr,rport,tx_bytes,rx_bytes,age_ns");
  expect(lines[1].split(",").slice(2, 5)).toEqual([tcp.name, "6", "::1"]);
});
