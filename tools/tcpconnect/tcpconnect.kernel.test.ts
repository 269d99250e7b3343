import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcpconnector");
});
afterAll(() => tcp[Symbol.dispose]());

test.each([4, 6] as const)("every connection over IPv%i, by who opened it", async (family) => {
  const { rows, text } = await runTool("tcpconnect", ["--json"], tcp.command({ family, count: 200 }));
  const [{ client, port }] = tcp.sessions();
  const address = family === 4 ? "127.0.0.1" : "::1";
  const own = rows.filter(({ dport }) => dport === port);
  expect(own).toHaveLength(200);
  const expected = { pid: client, uid: 0, comm: tcp.name, ip: family, saddr: address, daddr: address };
  for (const row of own) expect(row).toMatchObject(expected);
  expect(text).toBe("");
});

test("with the local port", async () => {
  const { lines } = await runTool("tcpconnect", ["-LUt"], tcp.command({ family: 4, count: 20 }));
  const sessions = tcp.sessions();
  expect(lines[0]).toBe("Tracing connect ... Hit Ctrl-C to end");
  expect(lines[1]).toBe("TIME(s)  UID   PID     COMM         IP SADDR            LPORT  DADDR            DPORT");
  const own = lines.filter((line) => line.includes(tcp.name));
  expect(own.map((line) => Number(line.split(/ +/)[6]))).toEqual(sessions.map(({ ownPort }) => ownPort));
  const pid = String(sessions[0].client).padEnd(7);
  expect(own[0]).toMatch(/^\d\.\d{3} {4}0 {5}/);
  expect(own[0]).toContain(`${pid} tcpconnector 4  127.0.0.1        ${sessions[0].ownPort}  127.0.0.1        `);
});

test("counts at the end", async () => {
  const command = tcp.command({ family: 6, count: 30 });
  const { lines } = await runTool("tcpconnect", ["-c", "--name", tcp.name], command);
  expect(lines.slice(1, 3)).toEqual(["", `${"LADDR".padEnd(26)}${"RADDR".padEnd(26)}${"RPORT".padEnd(21)}CONNECTS`]);
  const { port } = tcp.sessions()[0];
  expect(lines.slice(3)).toEqual([`${"::1".padEnd(26)}${"::1".padEnd(26)}${String(port).padEnd(21)}30`]);
  const { rows } = await runTool("tcpconnect", ["-c", "--json", "--name", tcp.name], command);
  expect(rows).toEqual([{ laddr: "::1", raddr: "::1", rport: tcp.sessions()[0].port, connects: 30 }]);
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows } = await runTool("tcpconnect", [...options, "--json"], tcp.command({ family: 4, count: 3 }));
    const { port } = tcp.sessions()[0];
    return rows.filter(({ dport }) => dport === port).length;
  };
  expect(await seen("-4", "-u", "root")).toBe(3);
  expect(await seen("-6")).toBe(0);
  expect(await seen("-u", "nobody")).toBe(0);
  expect(await seen("--dport", "443", "-P", "80,8080")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
  expect(await seen("--name", "connect")).toBe(3);
});

test("a port that is none is refused", async () => {
  const { text, code } = await runTool("tcpconnect", ["-P", "https"]);
  expect(text).toContain("'https' is not a port");
  expect(code).toBe(1);
});
