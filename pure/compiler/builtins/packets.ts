/** Packets that are written to files. */
import { PACKET_SAMPLE, PACKETS_MAP } from "../compiled.ts";
import { addressArgument, bounded } from "../lower/memory.ts";
import { scalar } from "../lower/place.ts";
import { INT64, isInteger, type Type, typeName } from "../semantics/types.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** The event of the CPU that the program runs on: BPF_F_CURRENT_CPU of include/uapi/linux/bpf.h. */
const BPF_F_CURRENT_CPU = 0xffff_ffffn;
/** In the flags the length of the packet follows: BPF_F_CTXLEN_MASK. */
const LENGTH_SHIFT = 32n;
/** A record of a perf event has 16 bits for its size; so much is left for a packet (include/uapi/linux/perf_event.h). */
const PACKET_BYTES_MAX = 65_000;

function isPacket(type: Type): boolean {
  return type.kind === "pointer" && type.to.kind === "struct" && type.to.name === "sk_buff";
}

function checkNumber(use: Use, index: number, what: string, c: Checking): void {
  const { type } = c.check(use.args[index]);
  if (!isInteger(type) && type.kind !== "none")
    c.error(use.args[index].span, `skboutput() expects an integer as the ${what} (${typeName(type)} provided)`);
}

/** `skboutput("a.pcap", args.skb, args.skb.len, 14)`: 0, or a negated errno. */
export const skboutput: Builtin = {
  name: "skboutput",
  form: 'skboutput("FILE", SKB, LENGTH, OFFSET)',
  doc: "Writes LENGTH bytes of a packet (struct sk_buff), without its first OFFSET ones, to a file in the format of pcap; 0, or a negated errno. OFFSET is where the IP header starts. Requires Linux 5.5.",
  arity: [4, 4],
  providers: ["fentry", "fexit", "rawtracepoint"],
  check(use, c) {
    c.constantString(use, 0);
    const packet = c.check(use.args[1]).type;
    if (packet.kind !== "none" && !isPacket(packet))
      c.error(use.args[1].span, `skboutput() expects a 'struct sk_buff *' (${typeName(packet)} provided)`);
    checkNumber(use, 2, "length", c);
    checkNumber(use, 3, "offset", c);
    return { type: INT64 };
  },
  lower(use, l) {
    const [file, packet, length, offset] = [0, 1, 2, 3].map((index) => expressionAt(use, index)!);
    const index = l.assembly.packetFile(String(l.info(file).constant));
    const skb = l.b.inReg(l.scalar(packet));
    const size = bounded(l, l.scalar(length), PACKET_BYTES_MAX);
    const skipped = l.scalar(offset);
    const sample = l.temp(PACKET_SAMPLE.bytes);
    l.b.store(sample.base, sample.offset + PACKET_SAMPLE.file, 4, BigInt(index));
    l.b.store(sample.base, sample.offset + PACKET_SAMPLE.skip, 4, bounded(l, skipped, PACKET_BYTES_MAX));
    l.b.store(sample.base, sample.offset + PACKET_SAMPLE.length, 8, size);
    l.b.store(sample.base, sample.offset + PACKET_SAMPLE.timeNs, 8, l.b.call("ktime_get_boot_ns"));
    const flags = l.b.alu("or", l.b.alu("lsh", l.b.inReg(size), LENGTH_SHIFT), BPF_F_CURRENT_CPU);
    const map = { kind: "map", map: PACKETS_MAP } as const;
    return scalar(l.b.call("skb_output", skb, map, flags, addressArgument(l, sample), BigInt(PACKET_SAMPLE.bytes)));
  },
};
