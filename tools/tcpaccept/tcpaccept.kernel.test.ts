import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcpacceptor");
});
afterAll(() => tcp[Symbol.dispose]());

test.each([4, 6] as const)("every connection over IPv%i, by who accepted it", async (family) => {
  const command = tcp.command({ family, count: 200 });
  const { rows, text } = await runTool("tcpaccept", ["--name", tcp.name, "--json"], command);
  const sessions = tcp.sessions();
  const address = family === 4 ? "127.0.0.1" : "::1";
  const { server, port } = sessions[0];
  expect(rows.map(({ rport }) => rport)).toEqual(sessions.map(({ ownPort }) => ownPort));
  const expected = { pid: server, comm: tcp.name, ip: family, raddr: address, laddr: address, lport: port };
  for (const row of rows) expect(row).toMatchObject(expected);
  expect(text).toBe("");
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("tcpaccept", ["-Tt", "--name", tcp.name], tcp.command({ family: 4, count: 2 }));
  expect(lines[0]).toBe("TIME     TIME(s)  PID     COMM         IP RADDR            RPORT LADDR            LPORT");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(
    /^\d\d:\d\d:\d\d 0\.000 {4}\d+ +tcpacceptor {2}4 {2}127\.0\.0\.1 {8}\d{5} 127\.0\.0\.1 {8}\d{5}$/,
  );
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows } = await runTool("tcpaccept", [...options, "--json"], tcp.command({ family: 6, count: 3 }));
    const { port } = tcp.sessions()[0];
    return rows.filter(({ lport }) => lport === port).length;
  };
  expect(await seen("-6", "--uid", "root")).toBe(3);
  expect(await seen("-4")).toBe(0);
  expect(await seen("-P", "80")).toBe(0);
  expect(await seen("-p", "1")).toBe(0);
});
