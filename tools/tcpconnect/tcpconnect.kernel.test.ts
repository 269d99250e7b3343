import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { runTool } from "../testing.ts";

/** A name server, who asks it and receives the answer in this way, and two connections: to the answer, and not. */
const ASKING = `
import os, socket, struct, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.77", 53))
to = socket.create_server(("127.0.0.78", 0))
other = socket.create_server(("127.0.0.79", 0))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.connect(server.getsockname())
client.send(struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\\x03www\\x07example\\0" + struct.pack(">HH", 1, 1))
data, who = server.recvfrom(512)
answer = struct.pack(">3HIH", 0xc00c, 1, 1, 60, 4) + socket.inet_aton("127.0.0.78")
server.sendto(data[:2] + struct.pack(">5H", 0x8180, 1, 1, 0, 0) + data[12:] + answer, who)
{
    "recvfrom": lambda: client.recvfrom(512),
    "recvmsg": lambda: client.recvmsg(512),
    "read": lambda: os.read(client.fileno(), 512),
}[sys.argv[1]]()
for one in to, other:
    socket.create_connection(one.getsockname())
`;

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

test.each(["recvfrom", "recvmsg", "read"])("with the name that was asked for, received by %s", async (how) => {
  const { lines } = await runTool("tcpconnect", ["-d", "--name", "python3"], ["/usr/bin/python3", "-c", ASKING, how]);
  expect(lines[1]).toBe("PID     COMM         IP SADDR            DADDR            DPORT  QUERY");
  expect(lines.slice(2).map((line) => line.split(/ +/).slice(4).join(" "))).toEqual([
    expect.stringMatching(/^127\.0\.0\.78 \d+ www\.example$/),
    expect.stringMatching(/^127\.0\.0\.79 \d+ localhost$/),
  ]);
});

test("names and counts do not go together", async () => {
  const { text, code } = await runTool("tcpconnect", ["-dc"]);
  expect(text).toContain("choose one of the two");
  expect(code).toBe(1);
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
