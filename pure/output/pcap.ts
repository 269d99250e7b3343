// The savefile format of libpcap (its manual page pcap-savefile) with times in nanoseconds, and the numbers of
// https://www.tcpdump.org/linktypes.html.

/** A packet begins with an Ethernet header. */
const LINKTYPE_ETHERNET = 1;
/** A packet begins with an IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;

const MAGIC_NANOSECONDS = 0xa1b2_3c4d;
const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;
const SNAP_BYTES = 0xffff;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
const NS_PER_S = 1_000_000_000n;

const ETHERNET_BYTES = 14;
const ETHERTYPES = [0x0800, 0x86dd];
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;

/** What a file starts with. `first` is its first packet, which tells what packets begin with: an IP header, if nothing else. */
export function pcapHeader(first?: Uint8Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_BYTES));
  view.setUint32(0, MAGIC_NANOSECONDS, true);
  view.setUint16(4, VERSION_MAJOR, true);
  view.setUint16(6, VERSION_MINOR, true);
  view.setUint32(16, SNAP_BYTES, true);
  view.setUint32(20, first !== undefined && isEthernet(first) ? LINKTYPE_ETHERNET : LINKTYPE_RAW, true);
  return new Uint8Array(view.buffer);
}

/** What stands before a packet of `sizeBytes`, which is whole. */
export function pcapRecord(unixNs: bigint, sizeBytes: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(RECORD_BYTES));
  view.setUint32(0, Number(unixNs / NS_PER_S), true);
  view.setUint32(4, Number(unixNs % NS_PER_S), true);
  view.setUint32(8, sizeBytes, true);
  view.setUint32(12, sizeBytes, true);
  return new Uint8Array(view.buffer);
}

/** Whether there is an Ethernet header before one of ARP or of the IP version that it announces. */
function isEthernet(packet: Uint8Array): boolean {
  if (packet.length <= ETHERNET_BYTES) return false;
  const type = (packet[12] << 8) | packet[13];
  if (type === ETHERTYPE_ARP) return packet[0] >> 4 !== 4 && packet[0] >> 4 !== 6;
  return ETHERTYPES.includes(type) && packet[ETHERNET_BYTES] >> 4 === (type === ETHERTYPE_IPV4 ? 4 : 6);
}
