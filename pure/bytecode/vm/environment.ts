/** What a program can learn of the machine and the task it runs on: an argument, so that a run can be repeated. */
export interface VmEnvironment {
  /** The process: what user space calls the pid, the kernel the tgid. */
  readonly pid: number;
  /** The thread: what user space calls the tid, the kernel the pid. */
  readonly tid: number;
  readonly uid: number;
  readonly gid: number;
  /** At most 15 bytes. */
  readonly comm: string;
  readonly cpu: number;
  readonly numaNode: number;
  readonly cgroupId: bigint;
  /** Address of the task_struct. */
  readonly currentTask: bigint;
  /** The cookie that the program was attached with. */
  readonly attachCookie: bigint;
  /** Address of the function that a kprobe or uprobe is on. */
  readonly functionAddress: bigint;
  /** Return addresses, innermost first. */
  readonly kernelStack: readonly bigint[];
  readonly userStack: readonly bigint[];
  readonly monotonicNs: () => bigint;
  readonly boottimeNs: () => bigint;
  readonly taiNs: () => bigint;
  /** An unsigned 32-bit number. */
  readonly random: () => number;
}

/** A task that is nobody in particular, clocks that go on 1 µs each time they are read, and a fixed random sequence. */
export function defaultEnvironment(): VmEnvironment {
  let ticks = 0n;
  const clock = (startNs: bigint) => () => startNs + 1000n * ticks++;
  return {
    pid: 1000,
    tid: 1001,
    uid: 0,
    gid: 0,
    comm: "vm",
    cpu: 0,
    numaNode: 0,
    cgroupId: 1n,
    currentTask: 0n,
    attachCookie: 0n,
    functionAddress: 0n,
    kernelStack: [],
    userStack: [],
    monotonicNs: clock(1_000_000_000n),
    boottimeNs: clock(2_000_000_000n),
    taiNs: clock(1_700_000_000_000_000_000n),
    random: xorshift32(2463534242),
  };
}

/** Source: George Marsaglia, "Xorshift RNGs", 2003. */
function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
