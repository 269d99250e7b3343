import { statSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { type Row, runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcptraced");
});
afterAll(() => tcp[Symbol.dispose]());

const namespace = statSync("/proc/self/ns/net").ino;
const of = (rows: readonly Row[], type: string, sport: number) =>
  rows.filter((row) => row.type === type && row.sport === sport);

test.each([4, 6] as const)(
  "each connection over IPv%i is made, accepted and closed once at each end",
  async (family) => {
    const argv = ["--name", tcp.name, "--json"];
    const { rows, text } = await runTool("tcptracer", argv, tcp.command({ family, count: 5, holdMs: 5 }));
    expect(text).toBe("");
    expect(rows).toHaveLength(20);
    const address = family === 4 ? "127.0.0.1" : "::1";
    const common = { comm: tcp.name, uid: 0, ip: family, saddr: address, daddr: address, netns: namespace };
    for (const { client, server, port, ownPort } of tcp.sessions()) {
      expect(of(rows, "connect", ownPort)).toEqual([expect.objectContaining({ ...common, pid: client, dport: port })]);
      expect(of(rows, "close", ownPort)).toEqual([expect.objectContaining({ ...common, pid: client, dport: port })]);
      const backs = rows.filter(({ dport }) => dport === ownPort);
      expect(backs.map(({ type, pid, sport }) => [type, pid, sport])).toEqual([
        ["accept", server, port],
        ["close", server, port],
      ]);
    }
  },
);

test("closed by the server, and reset", async () => {
  for (const closes of ["server", "reset"] as const) {
    const { rows } = await runTool("tcptracer", ["--json"], tcp.command({ family: 4, count: 3, closes, holdMs: 5 }));
    for (const { client, server, port, ownPort } of tcp.sessions()) {
      const ends = rows.filter(({ type, sport, dport }) => type === "close" && [sport, dport].includes(ownPort));
      expect(ends.filter(({ dport }) => dport === port)).toEqual([expect.objectContaining({ pid: client })]);
      expect(ends.filter(({ sport }) => sport === port)).toEqual([expect.objectContaining({ pid: server })]);
    }
  }
});

test("the lines of the BCC tool", async () => {
  const command = tcp.command({ family: 6, count: 1 });
  const { lines } = await runTool("tcptracer", ["-t", "--name", tcp.name], command);
  const [{ client, port, ownPort }] = tcp.sessions();
  expect(lines.slice(0, 2)).toEqual([
    "Tracing TCP established connections. Ctrl-C to end.",
    "TIME(s)  T  PID    COMM             IP SADDR            DADDR            SPORT  DPORT",
  ]);
  const row = `C  ${String(client).padEnd(6)} tcptraced        6  [::1]            [::1]            ${String(ownPort).padEnd(6)} ${port}`;
  expect(lines[2]).toMatch(/^0\.000 {4}/);
  expect(lines.slice(2).map((line) => line.slice(9))).toContain(row);
  const { lines: wide } = await runTool("tcptracer", ["-tv", "--name", tcp.name], command);
  expect(wide[1]).toBe(
    "TIME(ns)      TYPE         PID    COMM             IP SADDR            DADDR            SPORT  DPORT   NETNS",
  );
  expect(wide[2]).toMatch(new RegExp(`^0 {13}connect {6}\\d+ .* ${namespace}$`));
});

test("filters, and a connection that is refused", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("tcptracer", [...options, "--json"], tcp.command({ family: 4, count: 2 }))).rows.filter(
      ({ comm }) => comm === tcp.name,
    ).length;
  expect(await seen("-N", String(namespace))).toBe(8);
  expect(await seen("-N", "1")).toBe(0);
  expect(await seen("-6")).toBe(0);
  expect(await seen("-u", "nobody")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
  const refused = await runTool("tcptracer", ["--name", "bash", "--json"], ["bash", "-c", ": </dev/tcp/127.0.0.1/1"]);
  expect(refused.rows).toEqual([]);
});
