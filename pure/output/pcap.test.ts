import { expect, it } from "vitest";
import { pcapHeader, pcapRecord } from "./index.ts";

const linkType = (first?: readonly number[]) =>
  new DataView(pcapHeader(first && Uint8Array.from(first)).buffer).getUint32(20, true);

const ETHERNET = [...[2, 0, 0, 0, 0, 1], ...[2, 0, 0, 0, 0, 2]];

it("a file starts with its magic number, version 2.4, and the most that is kept of a packet", () => {
  const bytes = [0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, ...[0, 0, 0, 0], ...[0, 0, 0, 0], 0xff, 0xff, 0, 0, 101, 0, 0, 0];
  expect([...pcapHeader()]).toEqual(bytes);
});

it.each([
  ["IPv4", [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1], 101],
  ["IPv6", [0x60, ...Array.from({ length: 39 }, () => 0)], 101],
  ["Ethernet with IPv4", [...ETHERNET, 8, 0, 0x45], 1],
  ["Ethernet with IPv6", [...ETHERNET, 0x86, 0xdd, 0x60], 1],
  ["Ethernet with ARP", [...ETHERNET, 8, 6, 0], 1],
  ["IPv4 from 8.6.0.1", [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 8, 6, 0, 1], 101],
  ["IPv4 from 8.0.0.1", [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 8, 0, 0, 1], 101],
  ["something else", [1, 2, 3], 101],
  ["nothing", [], 101],
])("packets of %s", (_, first, type) => expect(linkType(first)).toBe(type));

it("a packet is preceded by its time and its length", () => {
  const view = new DataView(pcapRecord(1_700_000_000_123_456_789n, 60).buffer);
  expect([0, 4, 8, 12].map((at) => view.getUint32(at, true))).toEqual([1_700_000_000, 123_456_789, 60, 60]);
});
