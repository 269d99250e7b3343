/** States of a TCP socket by number, as `ss` and the BCC tools name them: include/net/tcp_states.h. */
const STATES = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
] as const;

/** `ESTABLISHED`; the number where it is not known. */
export function tcpStateName(state: unknown): string {
  return STATES[Number(state)] || String(state);
}

/** Flags of a TCP header, from the lowest bit: RFC 9293, section 3.1. */
const FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"] as const;

/** `["SYN", "ACK"]` */
export function tcpFlagNames(flags: number): readonly string[] {
  return FLAGS.filter((_, bit) => (flags >> bit) & 1);
}
