/** Time and the machine. */
import { softwareTai, startTime } from "../lower/clocks.ts";
import { scalar } from "../lower/place.ts";
import { UINT32, UINT64 } from "../semantics/types.ts";
import type { Builtin, Use } from "./builtin.ts";

type Mode = "boot" | "monotonic" | "tai" | "sw_tai";

const HELPERS: Readonly<Record<Mode, string>> = {
  boot: "ktime_get_boot_ns",
  monotonic: "ktime_get_ns",
  tai: "ktime_get_tai_ns",
  sw_tai: "ktime_get_boot_ns",
};

/** The clock that a use of nsecs() names. */
export function clockMode(use: Use): Mode | undefined {
  const [mode] = use.args;
  if (mode === undefined) return "boot";
  return mode.kind === "identifier" && mode.name in HELPERS ? (mode.name as Mode) : undefined;
}

export const nsecs: Builtin = {
  name: "nsecs",
  form: "nsecs[(boot|monotonic|tai|sw_tai)]",
  doc: "Nanoseconds of a clock of the kernel: since boot, unless another clock is named.",
  arity: [0, 1],
  pure: true,
  check(use, c) {
    const mode = clockMode(use);
    if (!mode) return c.error(use.span, "Invalid timestamp mode: nsecs takes boot, monotonic, tai or sw_tai");
    if (mode === "tai" && !c.target.features.helper("ktime_get_tai_ns")) {
      return c.error(
        use.span,
        "Kernel does not support tai timestamp: bpf_ktime_get_tai_ns requires Linux 6.1",
        "nsecs(sw_tai) computes it in user space",
      );
    }
    return { type: UINT64 };
  },
  lower(use, l) {
    const mode = clockMode(use)!;
    return scalar(mode === "sw_tai" ? softwareTai(l) : l.b.call(HELPERS[mode]));
  },
};

export const elapsed: Builtin = {
  name: "elapsed",
  form: "elapsed",
  doc: "Nanoseconds since tracing began.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.alu("sub", l.b.call("ktime_get_boot_ns"), startTime(l))),
};

export const jiffies: Builtin = {
  name: "jiffies",
  form: "jiffies",
  doc: "The kernel's tick counter. Requires Linux 5.9.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.call("jiffies64")),
};

export const cpu: Builtin = {
  name: "cpu",
  form: "cpu",
  doc: "The number of the CPU that the probe fires on.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.extend(l.b.call("get_smp_processor_id"), 32, false)),
};

export const ncpus: Builtin = {
  name: "ncpus",
  form: "ncpus",
  doc: "How many CPUs the machine can have.",
  arity: [0, 0],
  pure: true,
  check: (_use, c) => ({ type: UINT64, constant: BigInt(c.target.possibleCpus) }),
};

export const numaid: Builtin = {
  name: "numaid",
  form: "numaid",
  doc: "The NUMA node of the CPU that the probe fires on.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT32 }),
  lower: (_use, l) => scalar(l.b.extend(l.b.call("get_numa_node_id"), 32, false)),
};

export const rand: Builtin = {
  name: "rand",
  form: "rand",
  doc: "A random number of 32 bits.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.extend(l.b.call("get_prandom_u32"), 32, false)),
};

export const strftime: Builtin = {
  name: "strftime",
  form: 'strftime("FORMAT", NSECS)',
  doc: "A timestamp as text; it is formatted when it is printed. %f is microseconds.",
  arity: [2, 2],
  pure: true,
  check(use, c) {
    const format = c.constantString(use, 0);
    const [, when] = use.args;
    const info = c.check(when);
    if (info.type.kind !== "int" && info.type.kind !== "none")
      return c.error(when.span, "strftime() expects an integer as its second argument");
    if (typeof info.constant === "bigint" && info.constant < 0n)
      return c.error(when.span, "strftime() cannot take a negative time");
    const inner = (when.kind === "identifier" || when.kind === "call") && when.name === "nsecs" ? when : undefined;
    const clock = inner
      ? clockMode({ node: inner, name: "nsecs", args: inner.kind === "call" ? inner.args : [], span: when.span })
      : "boot";
    if (clock === "monotonic") return c.error(when.span, "strftime() can not take a monotonic timestamp");
    return { type: { kind: "timestamp", clock: clock ?? "boot", format: format ?? "" } };
  },
  lower(use, l) {
    const [, when] = use.args;
    return scalar(when.kind === "type-name" ? 0n : l.scalar(when));
  },
};
