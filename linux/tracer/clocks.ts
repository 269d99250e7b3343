import { type Assembler, assembleProgram, type MapSpec, type ProgramSpec, R0, R6 } from "@beetrace/bytecode";
import { Collection } from "@beetrace/ebpf";

/** How the kernel's clocks stood to each other at one moment, in nanoseconds. */
export interface ClockReading {
  /** CLOCK_BOOTTIME. */
  readonly bootNs: bigint;
  /** CLOCK_REALTIME. */
  readonly unixNs: bigint;
  /** What CLOCK_TAI is ahead of CLOCK_REALTIME: whole seconds, 0 where nobody told the kernel. */
  readonly taiOffsetNs: bigint;
}

const NS_PER_MS = 1_000_000n;
const NS_PER_S = 1_000_000_000;

const READINGS: MapSpec = { name: "clocks", type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: 16, maxEntries: 1 };

/**
 * Reads the clocks by a BPF program, through the helpers that scripts use: so they are those of the kernel even inside
 * a time namespace, and both are read within a microsecond. `hasTai`: the kernel has bpf_ktime_get_tai_ns (Linux 6.1);
 * the real time is then exact, otherwise it is found by waiting for the next millisecond. Requires Linux 5.10.
 */
export function readClocks(hasTai: boolean): ClockReading {
  const collection = Collection.load({ maps: [READINGS], programs: [clockProgram(hasTai)] });
  try {
    const program = collection.program("clocks");
    const tickMs = hasTai ? Date.now() : nextMillisecond();
    program.testRun();
    const value = collection.map("clocks").lookup(new Uint8Array(4)) ?? new Uint8Array(16);
    const [bootNs, taiNs] = new BigUint64Array(value.buffer, value.byteOffset, 2);
    return hasTai ? withTai(bootNs, taiNs, tickMs) : { bootNs, unixNs: BigInt(tickMs) * NS_PER_MS, taiOffsetNs: 0n };
  } finally {
    collection[Symbol.dispose]();
  }
}

/** The offset is a whole number of seconds: a coarse look at the real time tells which, and then both are exact. */
function withTai(bootNs: bigint, taiNs: bigint, nowMs: number): ClockReading {
  const aheadNs = Number(taiNs - BigInt(nowMs) * NS_PER_MS);
  const taiOffsetNs = BigInt(Math.round(aheadNs / NS_PER_S)) * BigInt(NS_PER_S);
  return { bootNs, unixNs: taiNs - taiOffsetNs, taiOffsetNs };
}

function nextMillisecond(): number {
  const before = Date.now();
  for (;;) {
    const now = Date.now();
    if (now !== before) return now;
  }
}

function clockProgram(hasTai: boolean): ProgramSpec {
  return assembleProgram({ name: "clocks", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, (a: Assembler) => {
    a.loadMapValue(R6, "clocks");
    a.call("bpf_ktime_get_boot_ns");
    a.store("u64", R6, 0, R0);
    if (hasTai) {
      a.call("bpf_ktime_get_tai_ns");
      a.store("u64", R6, 8, R0);
    }
    a.movImm(R0, 0);
    a.exit();
  });
}
