import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcpstater");
});
afterAll(() => tcp[Symbol.dispose]());

const CLIENT = [
  "CLOSE SYN_SENT",
  "SYN_SENT ESTABLISHED",
  "ESTABLISHED FIN_WAIT1",
  "FIN_WAIT1 FIN_WAIT2",
  "FIN_WAIT2 CLOSE",
];
const SERVER = [
  "LISTEN SYN_RECV",
  "SYN_RECV ESTABLISHED",
  "ESTABLISHED CLOSE_WAIT",
  "CLOSE_WAIT LAST_ACK",
  "LAST_ACK CLOSE",
];

test.each([4, 6] as const)("each state of both ends over IPv%i, in order, and how long it lasted", async (family) => {
  const { rows, text } = await runTool("tcpstates", ["--json"], tcp.command({ family, count: 4, holdMs: 50 }));
  expect(text).toBe("");
  for (const { port, ownPort, heldNs, wholeNs } of tcp.sessions()) {
    const established = rows.find(
      (row) => row.lport === ownPort && row.rport === port && row.newstate === "ESTABLISHED",
    );
    const client = rows.filter(({ skaddr, rport }) => skaddr === established?.skaddr && rport === port);
    const own = client.filter((row, index) => row.lport === ownPort || client[index + 1]?.lport === ownPort);
    expect(own.map(({ oldstate, newstate }) => `${oldstate} ${newstate}`)).toEqual(CLIENT);
    const server = rows.filter(({ lport, rport }) => lport === port && rport === ownPort);
    expect(server.map(({ oldstate, newstate }) => `${oldstate} ${newstate}`)).toEqual(SERVER);
    expect(new Set(server.map(({ skaddr }) => skaddr)).size).toBe(1);
    expect(established?.skaddr).toMatch(/^ffff[0-9a-f]{12}$/);
    for (const { held_ns } of [own[2], server[2]]) {
      expect(Number(held_ns)).toBeGreaterThan(heldNs * 0.9);
      expect(Number(held_ns)).toBeLessThan(wholeNs * 1.1);
    }
  }
});

test("the lines of the BCC tool, of one program", async () => {
  const { lines } = await runTool("tcpstates", ["--name", tcp.name], tcp.command({ family: 4, count: 1 }));
  expect(lines[0]).toBe(
    "SKADDR           C-PID C-COMM     LADDR           LPORT RADDR           RPORT OLDSTATE    -> NEWSTATE    MS",
  );
  const [{ client, ownPort, port }] = tcp.sessions();
  const opened = lines.find((line) => line.includes("SYN_SENT    -> ESTABLISHED"));
  expect(opened).toMatch(/^ffff[0-9a-f]{12} /);
  expect(opened).toContain(` ${client} `.padEnd(7));
  expect(opened).toContain(`127.0.0.1       ${ownPort} 127.0.0.1       ${port} SYN_SENT    -> ESTABLISHED 0.`);
});

test("filters", async () => {
  const seen = async (...options: string[]) => {
    const { rows } = await runTool("tcpstates", [...options, "--json"], tcp.command({ family: 4, count: 2 }));
    const { port } = tcp.sessions()[0];
    return rows.filter(({ lport, rport }) => lport === port || rport === port).length;
  };
  // Two sessions of five changes at each end, and two of the listener.
  expect(await seen("-4")).toBe(22);
  expect(await seen("-6")).toBe(0);
  expect(await seen("-L", "1")).toBe(0);
  expect(await seen("--uid", "nobody")).toBe(0);
});
