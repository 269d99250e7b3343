import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NetworkNamespace } from "../network-namespace.ts";
import { TcpWorkload } from "../tcp-workload.ts";
import { type Row, runTool } from "../testing.ts";

/** The kernel's own record of the changes, which is another way to them than the tool's. */
class Changes implements Disposable {
  readonly #folder = `/sys/kernel/tracing/instances/tcpcong-${process.pid}`;

  constructor() {
    mkdirSync(this.#folder);
    writeFileSync(`${this.#folder}/events/tcp/tcp_cong_state_set/enable`, "1");
  }

  clear(): void {
    writeFileSync(`${this.#folder}/trace`, "");
  }

  /** Microseconds in each state by number, and how often it changed, for the connection that has this local port. */
  of(port: number): { readonly us: readonly number[]; readonly changes: number } {
    const us = [0, 0, 0, 0, 0];
    let changes = 0;
    let last: { at: number; state: number } | undefined;
    for (const [, seconds, state] of this.#lines(port)) {
      const now = { at: Number(seconds) * 1e6, state: Number(state) };
      if (last?.state === now.state) continue;
      if (last !== undefined) {
        us[last.state] += now.at - last.at;
        changes++;
      }
      last = now;
    }
    return { us, changes };
  }

  #lines(port: number): readonly RegExpMatchArray[] {
    const pattern = new RegExp(` ([\\d.]+): tcp_cong_state_set: .*sport=${port} .*cong_state=(\\d+)`, "g");
    return [...readFileSync(`${this.#folder}/trace`, "utf8").matchAll(pattern)];
  }

  [Symbol.dispose](): void {
    writeFileSync(`${this.#folder}/events/tcp/tcp_cong_state_set/enable`, "0");
    rmdirSync(this.#folder);
  }
}

let tcp: TcpWorkload;
let network: NetworkNamespace;
let changes: Changes;
beforeAll(() => {
  tcp = new TcpWorkload("tcpcongest");
  network = new NetworkNamespace();
  network.drop("numgen inc mod 5 == 3");
  changes = new Changes();
});
afterAll(() => {
  changes[Symbol.dispose]();
  network[Symbol.dispose]();
  tcp[Symbol.dispose]();
});

const SESSION = { count: 2, requestBytes: 200_000, replyBytes: 100_000, holdMs: 30 } as const;
const lossy = (family: 4 | 6) => network.command(tcp.command({ ...SESSION, family }));
const FIELDS = ["open_us", "disorder_us", "cwr_us", "recovery_us", "loss_us"];

test.each([4, 6] as const)("the time of each state over IPv%i, as the kernel's own record has it", async (family) => {
  changes.clear();
  const { rows, text } = await runTool("tcpcong", ["--json"], lossy(family));
  expect(text).toBe("");
  const ports = tcp.sessions().map(({ ownPort }) => ownPort);
  let all = 0;
  for (const port of ports) {
    const row: Row | undefined = rows.find(({ lport }) => lport === port);
    const known = changes.of(port);
    expect(row?.changes ?? 0).toBe(known.changes);
    FIELDS.forEach((field, state) => {
      expect(Math.abs(Number(row?.[field] ?? 0) - known.us[state])).toBeLessThan(
        known.us[state] * 0.1 + 50 * (known.changes + 1),
      );
    });
    all += known.changes;
  }
  expect(all).toBeGreaterThan(1);
});

test("histograms: as many as there are changes", async () => {
  changes.clear();
  const { rows } = await runTool("tcpcong", ["-d", "-u", "--json"], lossy(4));
  const sections = new Set(rows.map(({ section }) => section));
  expect(sections).toContain("tcp_congest_state = open");
  const count = rows.reduce((sum, row) => sum + Number(row.count), 0);
  const known = tcp.sessions().flatMap(({ ownPort, port }) => [changes.of(ownPort).changes, port]);
  expect(count).toBeGreaterThanOrEqual(known[0] + known[2]);
});

test("the lines of the BCC tool", async () => {
  const { lines } = await runTool("tcpcong", ["-T"], lossy(4));
  expect(lines[0]).toBe("Tracing tcp congestion control status duration... Hit Ctrl-C to end.");
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines[3]).toBe("LAddrPort             RAddrPort             Open_ms Dod_ms Rcov_ms Cwr_ms  Los_ms Chgs");
  expect(lines[4]).toMatch(/^127\.0\.0\.1\/\d+ +127\.0\.0\.1\/\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+$/);
  const { lines: six } = await runTool("tcpcong", ["-6", "-u"], lossy(6));
  expect(six[2]).toBe(
    `LAddrPort6${" ".repeat(23)}RAddrPort6${" ".repeat(23)}Open_us Dod_us Rcov_us Cwr_us  Los_us Chgs`,
  );
});

test("filters", async () => {
  const seen = async (...options: string[]) => (await runTool("tcpcong", [...options, "--json"], lossy(4))).rows.length;
  expect(await seen("-L", "1-1023")).toBe(0);
  expect(await seen("-6")).toBe(0);
  expect(await seen("--name", "nobody")).toBe(0);
  expect(await seen("-R", "1024-65535", "-4")).toBeGreaterThan(0);
});
