import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcptopper");
});
afterAll(() => tcp[Symbol.dispose]());

const SESSION = { count: 3, requestBytes: 300_000, replyBytes: 70_000 } as const;

test.each([4, 6] as const)("every byte of both ends over IPv%i", async (family) => {
  const { rows, text } = await runTool(
    "tcptop",
    ["--name", tcp.name, "--json", "60"],
    tcp.command({ ...SESSION, family }),
  );
  expect(rows).toHaveLength(6);
  for (const { client, server, port, ownPort } of tcp.sessions()) {
    const address = family === 4 ? "127.0.0.1" : "::1";
    const common = { comm: tcp.name, ip: family, laddr: address, raddr: address };
    expect(rows.find(({ lport }) => lport === ownPort)).toEqual({
      ...common,
      pid: client,
      lport: ownPort,
      rport: port,
      rx_bytes: 70_000,
      tx_bytes: 300_000,
    });
    expect(rows.find(({ rport }) => rport === ownPort)).toEqual({
      ...common,
      pid: server,
      lport: port,
      rport: ownPort,
      rx_bytes: 300_000,
      tx_bytes: 70_000,
    });
  }
  expect(text).toBe("");
});

test("the screen of the BCC tool", async () => {
  const command = tcp.command({ family: 4, count: 1, requestBytes: 4096, replyBytes: 2047 });
  const { lines } = await runTool("tcptop", ["-C", "--name", tcp.name, "60"], command);
  const [{ client, server, port, ownPort }] = tcp.sessions();
  expect(lines.slice(0, 2)).toEqual(["Tracing... Output every 60 secs. Hit Ctrl-C to end", ""]);
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d loadavg: \d+\.\d\d /);
  expect(lines[4]).toBe("PID     COMM         LADDR                 RADDR                  RX_KB  TX_KB");
  const line = (pid: number, from: number, to: number, received: number, sent: number) =>
    `${String(pid).padEnd(7)} tcptopper    ${`127.0.0.1:${from}`.padEnd(21)} ${`127.0.0.1:${to}`.padEnd(21)}      ${received}      ${sent}`;
  expect(lines.slice(5).toSorted()).toEqual(
    [line(client, ownPort, port, 1, 4), line(server, port, ownPort, 4, 1)].toSorted(),
  );
  const six = await runTool("tcptop", ["-CS", "--name", tcp.name, "60"], tcp.command({ family: 6, count: 1 }));
  expect(six.lines.slice(3, 5)).toEqual([
    "",
    `PID     COMM         ${"LADDR6".padEnd(32)} ${"RADDR6".padEnd(32)}  RX_KB  TX_KB`,
  ]);
});

test("order, number of rows, filters", async () => {
  const seen = async (...options: string[]) =>
    (await runTool("tcptop", ["--name", tcp.name, "--json", "60", ...options], tcp.command({ ...SESSION, family: 4 })))
      .rows;
  expect((await seen("-s", "sent", "-r", "3")).map(({ tx_bytes }) => tx_bytes)).toEqual([300_000, 300_000, 300_000]);
  expect((await seen("-s", "received", "-r", "1")).map(({ rx_bytes }) => rx_bytes)).toEqual([300_000]);
  expect(await seen("-6")).toEqual([]);
  expect(await seen("-p", "1")).toEqual([]);
});

test("an interval of its own, so many times", async () => {
  const { stdout, code } = await runTool("tcptop", ["-C", "0.2", "3", "--name", "nobody"]);
  expect(stdout.match(/loadavg/g)).toHaveLength(3);
  expect(code).toBe(0);
});
