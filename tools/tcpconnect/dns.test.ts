import fc from "fast-check";
import { expect, it } from "vitest";
import { DnsNames, dnsAnswer } from "./dns.ts";

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex"));

/** www.example.org: an alias, then an address of each kind, names as pointers. */
const ANSWER = bytesOf(`
  1234 8180 0001 0003 0000 0000  03 777777 07 6578616d706c65 03 6f7267 00 0001 0001
  c00c 0005 0001 0000003c 0006 03 777732 c010
  c02d 0001 0001 0000003c 0004 cb007105
  c02d 001c 0001 0000003c 0010 20010db8000000000000000000000001`);

it("an answer has a name and its addresses, through an alias", () => {
  expect(dnsAnswer(ANSWER)).toEqual({ name: "www.example.org", addresses: ["203.0.113.5", "2001:db8::1"] });
});

it("a question is none, and what is cut off has what came", () => {
  const question = ANSWER.slice();
  question[2] = 0x01;
  expect(dnsAnswer(question)).toBeUndefined();
  expect(dnsAnswer(ANSWER.subarray(0, ANSWER.length - 1))?.addresses).toEqual(["203.0.113.5"]);
  expect(dnsAnswer(ANSWER.subarray(0, 40))).toEqual({ name: "www.example.org", addresses: [] });
});

it("any bytes are an answer or none", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(ANSWER.length), (bytes, keep) => {
      const mixed = Uint8Array.from([...ANSWER.subarray(0, keep), ...bytes]);
      for (const address of dnsAnswer(mixed)?.addresses ?? []) expect(address).toMatch(/^[\d.]+$|^[\da-f:]+$/);
    }),
  );
});

it("names of addresses, with the age of those that were asked for a while ago", () => {
  const names = new DnsNames();
  names.add({ name: "a.example", addresses: ["192.0.2.1", "127.0.0.2"] }, 1e9);
  expect(names.text("192.0.2.1", 1.05e9)).toBe("a.example");
  expect(names.text("::ffff:192.0.2.1", 1.05e9)).toBe("a.example");
  expect(names.text("192.0.2.1", 2.5e9)).toBe("a.example (1500.0ms)");
  expect(names.text("127.0.0.2", 1e9)).toBe("a.example");
  expect([names.text("127.0.0.1", 1e9), names.text("::1", 1e9)]).toEqual(["localhost", "localhost"]);
  expect(names.text("192.0.2.2", 1e9)).toBe("No DNS Query");
});
