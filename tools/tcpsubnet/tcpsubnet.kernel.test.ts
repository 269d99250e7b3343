import { afterAll, beforeAll, expect, test } from "vitest";
import { TcpWorkload } from "../tcp-workload.ts";
import { type Row, runTool } from "../testing.ts";

let tcp: TcpWorkload;
beforeAll(() => {
  tcp = new TcpWorkload("tcpsubnets");
});
afterAll(() => tcp[Symbol.dispose]());

const SESSION = { count: 3, requestBytes: 5000, replyBytes: 700 } as const;
const BYTES = 3 * 5700;
/** The objects of all intervals together. */
const sums = (rows: readonly Row[]) => {
  const all: Record<string, number> = {};
  for (const { entries } of rows)
    for (const [subnet, bytes] of Object.entries(entries as Record<string, number>))
      all[subnet] = (all[subnet] ?? 0) + bytes;
  return all;
};
const sent = async (family: 4 | 6, ...argv: string[]) =>
  sums((await runTool("tcpsubnet", ["--name", tcp.name, "-J", ...argv], tcp.command({ ...SESSION, family }))).rows);

test("exactly what both ends send, in the first subnet that fits", async () => {
  expect(await sent(4)).toEqual({ "127.0.0.1/32": BYTES });
  expect(await sent(4, "128.0.0.0/1,127.0.0.0/8,127.0.0.1/32")).toEqual({ "127.0.0.0/8": BYTES });
  expect(await sent(4, "10.0.0.0/8")).toEqual({});
  expect(await sent(4, "0.0.0.0/0", "-fb")).toEqual({ "0.0.0.0/0": BYTES * 8 });
  expect(await sent(6)).toEqual({});
  expect(await sent(4, "--uid", "nobody")).toEqual({});
});

test("the lines of the BCC tool", async () => {
  const argv = ["--name", tcp.name, "-i", "60", "-fK", "127.0.0.0/8"];
  const { lines, text } = await runTool("tcpsubnet", argv, tcp.command({ ...SESSION, family: 4 }));
  expect(text).toBe("");
  expect(lines).toEqual([
    "Tracing... Output every 60 secs. Hit Ctrl-C to end",
    expect.stringMatching(/^\[\d\d\/\d\d\/\d\d \d\d:\d\d:\d\d\]$/),
    `${"127.0.0.0/8".padEnd(21)}     16`,
  ]);
  const { lines: csv } = await runTool("tcpsubnet", [...argv, "--csv"], tcp.command({ ...SESSION, family: 4 }));
  expect(csv[0]).toBe("date,time,subnet,sent");
  expect(csv[1]).toMatch(/,127\.0\.0\.0\/8,16$/);
});

test("wrong use is told", async () => {
  const { text, code } = await runTool("tcpsubnet", ["10.0.0.0/40"]);
  expect([code, text]).toEqual([1, expect.stringContaining("'10.0.0.0/40' is no subnet of IPv4")]);
});
