import { hexByte } from "./byte-text.ts";

/** An internet address of 4 or 16 bytes as text; empty for any other length. */
export function inetText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return bytes.length === 16 ? ipv6Text(bytes) : "";
}

/**
 * RFC 5952: lower-case hex without leading zeros, the longest run of two or more zero groups (the first of equals)
 * as `::`. IPv4-mapped and IPv4-compatible addresses end in a dotted quad, as inet_ntop writes them.
 */
function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2] << 8) | bytes[index * 2 + 1]);
  const zeros = longestZeroRun(groups);
  const dotted = zeros.from === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff));
  const parts = groups.map((group) => group.toString(16));
  if (dotted) parts.splice(6, 2, inetText(bytes.subarray(12)));
  if (zeros.length < 2) return parts.join(":");
  return `${parts.slice(0, zeros.from).join(":")}::${parts.slice(zeros.from + zeros.length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { readonly from: number; readonly length: number } {
  let best = { from: 0, length: 0 };
  let from = 0;
  for (let at = 0; at < groups.length; at++) {
    if (groups[at] !== 0) from = at + 1;
    else if (at + 1 - from > best.length) best = { from, length: at + 1 - from };
  }
  return best;
}

/** Six bytes as `AA:BB:CC:DD:EE:FF`. */
export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, hexByte).join(":").toUpperCase();
}
