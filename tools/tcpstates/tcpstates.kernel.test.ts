import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { type Row, runTool } from "../testing.ts";

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

/** Receives so many entries for the journal, in a mount namespace of its own, while the command behind it runs there. */
const JOURNAL = `import json, os, signal, socket, subprocess, sys, threading
file, most, *command = sys.argv[1:]
subprocess.check_call(["mount", "-t", "tmpfs", "tmpfs", "/run"])
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
entries = []
def receive():
    while len(entries) < int(most) and (entry := journal.recv(65536)):
        entries.append(entry.decode())
    journal.close()
receiver = threading.Thread(target=receive)
receiver.start()
tool = subprocess.Popen(command)
signal.signal(signal.SIGINT, lambda *_: tool.send_signal(signal.SIGINT))
code = tool.wait()
if receiver.is_alive():
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"", "/run/systemd/journal/socket")
receiver.join()
json.dump(entries, open(file, "w"))
sys.exit(code)`;

/** Runs `tcpstates -Y --json` during 20 sessions, with a journal that takes so many entries. */
async function logged(most: number) {
  const folder = mkdtempSync(join(tmpdir(), "journal-"));
  try {
    const file = join(folder, "entries");
    const under = ["unshare", "--mount", "python3", "-c", JOURNAL, file, String(most)];
    const run = await runTool("tcpstates", ["-Y", "--json"], tcp.command({ family: 6, count: 20 }), under);
    return { ...run, entries: JSON.parse(readFileSync(file, "utf8")) as string[] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an entry of the journal for each change", async () => {
  const { rows, text, code, entries } = await logged(1e6);
  expect({ text, code }).toEqual({ text: "", code: 0 });
  expect(entries).toEqual(rows.map(asEntry));
  const { port } = tcp.sessions()[0];
  const own = rows.filter(({ lport, rport }) => lport === port || rport === port);
  // Twenty sessions of five changes at each end, and two of the listener.
  expect(own).toHaveLength(202);
  expect(own[0].ip).toBe(6);
});

/** What the journal is sent for a row. */
function asEntry({ pid, comm, ip, laddr, lport, raddr, rport, oldstate, newstate, held_ns }: Row): string {
  return `MESSAGE=${comm} ${laddr} ${lport} → ${raddr} ${rport} ${oldstate} → ${newstate}
PRIORITY=5
SYSLOG_IDENTIFIER=tcpstates
OBJECT_PID=${pid}
OBJECT_COMM=${comm}
OBJECT_IPV${ip}_SOURCE_ADDRESS=${laddr}
OBJECT_TCP_SOURCE_PORT=${lport}
OBJECT_IPV${ip}_DESTINATION_ADDRESS=${raddr}
OBJECT_TCP_DESTINATION_PORT=${rport}
OBJECT_TCP_OLD_STATE=${oldstate}
OBJECT_TCP_NEW_STATE=${newstate}
OBJECT_TCP_SPAN_TIME=${Math.floor(Number(held_ns) / 1000)}
`;
}

test("a journal that goes away", async () => {
  const { text, code, entries } = await logged(3);
  expect({ text, code }).toEqual({ text: "ERROR: /run/systemd/journal/socket: write: ECONNREFUSED\n", code: 255 });
  expect(entries).toHaveLength(3);
});

test("no journal", async () => {
  const under = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run; exec "$@"', "sh"];
  const { text, code } = await runTool("tcpstates", ["-Y"], undefined, under);
  expect(text).toBe(
    "ERROR: the journal cannot be written: /run/systemd/journal/socket: connect: ENOENT\n" +
      "HINT: --journal takes a running systemd-journald\n",
  );
  expect(code).toBe(1);
});
