import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningProcess, root } from "../tracing/process.ts";
import { startTracer } from "../tracing/tracer.ts";

const PACKETS = 40;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
/** Of IPv4 without options and of UDP. */
const HEADERS_BYTES = 28;
const ETHERNET_BYTES = 14;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "packets-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Packet {
  readonly unixMs: number;
  readonly bytes: Buffer;
}

/** What a file holds, read by what is written of the format. */
function readPackets(path: string): { readonly linkType: number; readonly packets: readonly Packet[] } {
  const file = readFileSync(path);
  expect(file.readUInt32LE(0)).toBe(0xa1b23c4d);
  const packets: Packet[] = [];
  let at = HEADER_BYTES;
  while (at < file.length) {
    const [seconds, ns, kept, whole] = [0, 4, 8, 12].map((offset) => file.readUInt32LE(at + offset));
    expect(kept).toBe(whole);
    packets.push({
      unixMs: seconds * 1000 + ns / 1e6,
      bytes: file.subarray(at + RECORD_BYTES, at + RECORD_BYTES + kept),
    });
    at += RECORD_BYTES + kept;
  }
  expect(at).toBe(file.length);
  return { linkType: file.readUInt32LE(20), packets };
}

/** Sends datagrams of 1, 2, 3… bytes to itself over the loopback device; gives the port. */
async function sendPackets(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  for (let size = 1; size <= PACKETS; size++) {
    await new Promise((sent) => socket.send(Buffer.alloc(size, size), port, "127.0.0.1", sent));
  }
  socket.close();
  return port;
}

/** Those that were sent to the port: what else there is on the machine is not ours. */
function sentTo(port: number, packets: readonly Packet[], start: number): readonly Packet[] {
  return packets.filter(
    ({ bytes }) => bytes.length >= start + HEADERS_BYTES && bytes.readUInt16BE(start + 22) === port,
  );
}

test("packets are in their files: without the Ethernet header, with it, and the first bytes only", async () => {
  const [whole, ethernet, short, none] = ["whole", "ethernet", "short", "none"].map((name) => join(folder, name));
  const script = `rawtracepoint:net_dev_queue {
    $skb = (struct sk_buff *)arg0;
    @whole[skboutput("${whole}", $skb, $skb->len, 14)] = count();
    @ethernet[skboutput("${ethernet}", $skb, $skb->len, 0)] = count();
    @short[skboutput("${short}", $skb, 42, 14)] = count();
    if ($skb->len == 0) { skboutput("${none}", $skb, 1, 0); } }`;
  await using tracer = await startTracer(["-e", script]);
  const start = Date.now();
  const port = await sendPackets();
  const { code, stdout } = await tracer.stop("SIGINT");
  expect(code).toBe(0);
  for (const name of ["whole", "ethernet", "short"]) expect(stdout).toMatch(new RegExp(`^@${name}\\[0\\]: \\d+$`, "m"));
  const files = [whole, ethernet, short, none].map(readPackets);
  expect(files.map(({ linkType }) => linkType)).toEqual([101, 1, 101, 101]);
  const [raw, framed, cut] = files.map(({ packets }, index) => sentTo(port, packets, index === 1 ? ETHERNET_BYTES : 0));
  const sizes = Array.from({ length: PACKETS }, (_, index) => index + 1);
  const bySize = (packets: readonly Packet[]) => packets.map(({ bytes }) => bytes.length).sort((a, b) => a - b);
  expect(bySize(raw)).toEqual(sizes.map((size) => HEADERS_BYTES + size));
  expect(bySize(framed)).toEqual(sizes.map((size) => ETHERNET_BYTES + HEADERS_BYTES + size));
  expect(bySize(cut)).toEqual(sizes.map(() => HEADERS_BYTES));
  for (const { unixMs, bytes } of raw) {
    expect(bytes[0]).toBe(0x45);
    const size = bytes.length - HEADERS_BYTES;
    expect(bytes.subarray(HEADERS_BYTES)).toEqual(Buffer.alloc(size, size));
    expect(unixMs).toBeGreaterThan(start - 50);
    expect(unixMs).toBeLessThan(Date.now() + 50);
  }
  expect(files[3].packets).toEqual([]);
});

test("a length beyond the packet's is refused by the kernel", async () => {
  const script = `rawtracepoint:net_dev_queue { @[skboutput("${join(folder, "long")}", (struct sk_buff *)arg0, 60000, 0)] = count(); }`;
  await using tracer = await startTracer(["-e", script]);
  await sendPackets();
  const { stdout } = await tracer.stop("SIGINT");
  expect(stdout).toMatch(/^@\[-14\]: \d+$/m);
  expect(readPackets(join(folder, "long")).packets).toEqual([]);
});

test("a file that cannot be written is told before anything is attached", async () => {
  const script = `rawtracepoint:net_dev_queue { skboutput("${folder}/no/file", (struct sk_buff *)arg0, 1, 0); }`;
  const tracer = await RunningProcess.start(`${root}beetrace`, ["-e", script]);
  const { code, stderr } = await tracer.finish();
  expect(code).toBe(1);
  expect(stderr).toContain(`ERROR: cannot write packets to '${folder}/no/file': ENOENT`);
});
