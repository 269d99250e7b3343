/** What names the addresses were asked for by: answers of name servers (RFC 1035). */

import { inetText } from "@beetrace/output";

const TYPE_A = 1;
const TYPE_AAAA = 28;
const HEADER_BYTES = 12;
/** Type, class, time to live, length of the data. */
const RECORD_BYTES = 10;
const POINTER = 0xc0;

/** A name, and the addresses that it has; as many as are in the bytes, which may be cut off. */
export interface DnsAnswer {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** The answer to one question; none for what is something else. */
export function dnsAnswer(bytes: Uint8Array): DnsAnswer | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) return undefined;
  const isResponse = view.getUint8(2) >> 7 === 1;
  const [questions, answers] = [view.getUint16(4), view.getUint16(6)];
  if (!isResponse || questions !== 1) return undefined;
  const question = readName(bytes, HEADER_BYTES);
  let at = question.end + 4; // type and class
  const addresses: string[] = [];
  for (let index = 0; index < answers; index++) {
    at = readName(bytes, at).end;
    if (at + RECORD_BYTES > bytes.length) break;
    const [type, size] = [view.getUint16(at), view.getUint16(at + 8)];
    at += RECORD_BYTES;
    const data = bytes.subarray(at, at + size);
    if ((type === TYPE_A && data.length === 4) || (type === TYPE_AAAA && data.length === 16))
      addresses.push(inetText(data));
    at += size;
  }
  return { name: question.name, addresses };
}

/** Its own labels, and where it ends: with an empty label, or with a pointer to the rest. */
function readName(bytes: Uint8Array, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  while (at < bytes.length && bytes[at] !== 0 && bytes[at] < POINTER) {
    const next = at + 1 + bytes[at];
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, next)));
    at = next;
  }
  return { name: labels.join("."), end: at + (bytes[at] >= POINTER ? 2 : 1) };
}

const AGE_SHOWN_MS = 100;
/** Names that are kept; the oldest goes. */
const ADDRESSES_MAX = 65_536;

/** The names by which addresses were asked for last. Times are in nanoseconds. */
export class DnsNames {
  readonly #names = new Map<string, { readonly name: string; readonly ns: number }>();

  add({ name, addresses }: DnsAnswer, ns: number): void {
    for (const address of addresses) {
      this.#names.delete(address);
      this.#names.set(address, { name, ns });
    }
    for (const oldest of this.#names.keys()) {
      if (this.#names.size <= ADDRESSES_MAX) break;
      this.#names.delete(oldest);
    }
  }

  /** What BCC's tcpconnect says of an address: its name, with the age of an answer that did not come just now. */
  text(address: string, ns: number): string {
    const known = this.#names.get(address.replace(/^::ffff:(?=\d+\.)/, ""));
    if (known === undefined) return address === "::1" || address.startsWith("127.") ? "localhost" : "No DNS Query";
    const ageMs = (ns - known.ns) / 1e6;
    return ageMs > AGE_SHOWN_MS ? `${known.name} (${ageMs.toFixed(1)}ms)` : known.name;
  }
}
