/** Protocols above IP by number: include/uapi/linux/in.h. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  6: "TCP",
  17: "UDP",
  33: "DCCP",
  58: "ICMPV6",
  132: "SCTP",
  136: "UDPLITE",
  255: "RAW",
  262: "MPTCP",
};

/** `TCP` */
export function protocolName(protocol: number): string {
  return PROTOCOLS[protocol] ?? "UNKNOWN";
}
