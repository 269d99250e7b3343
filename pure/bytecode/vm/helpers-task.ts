import { utf8Bytes } from "../btf/strings.ts";
import { EFAULT, EINVAL } from "./errno.ts";
import { VmFault } from "./error.ts";
import type { VmHelper, VmMachine } from "./machine.ts";

// Flags of bpf_get_stackid and bpf_get_stack; the lower eight bits are the number of frames to skip.
const BPF_F_SKIP_FIELD_MASK = 0xffn;
const BPF_F_USER_STACK = 1n << 8n;

function framesOf(machine: VmMachine, flags: bigint): readonly bigint[] {
  const { kernelStack, userStack } = machine.environment;
  const frames = (flags & BPF_F_USER_STACK) !== 0n ? userStack : kernelStack;
  return frames.slice(Number(flags & BPF_F_SKIP_FIELD_MASK));
}

/** With CONFIG_HZ=250, as most distributions have it. */
const NS_PER_JIFFY = 4_000_000n;

/** Helpers that tell the time, and on which CPU, for which task and from where the program was run. */
export const TASK_HELPERS: Readonly<Record<string, VmHelper>> = {
  bpf_ktime_get_ns: ({ environment }) => environment.monotonicNs(),
  bpf_ktime_get_boot_ns: ({ environment }) => environment.boottimeNs(),
  bpf_ktime_get_coarse_ns: ({ environment }) => environment.monotonicNs(),
  bpf_ktime_get_tai_ns: ({ environment }) => environment.taiNs(),
  bpf_get_prandom_u32: ({ environment }) => BigInt(environment.random()),
  bpf_get_smp_processor_id: ({ environment }) => BigInt(environment.cpu),
  bpf_jiffies64: ({ environment }) => environment.boottimeNs() / NS_PER_JIFFY,
  bpf_get_numa_node_id: ({ environment }) => BigInt(environment.numaNode),
  bpf_get_current_pid_tgid: ({ environment }) => (BigInt(environment.pid) << 32n) | BigInt(environment.tid),
  bpf_get_current_uid_gid: ({ environment }) => (BigInt(environment.gid) << 32n) | BigInt(environment.uid),
  bpf_get_current_task: ({ environment }) => environment.currentTask,
  bpf_get_current_task_btf: ({ environment }) => environment.currentTask,
  bpf_get_current_cgroup_id: ({ environment }) => environment.cgroupId,
  bpf_get_attach_cookie: ({ environment }) => environment.attachCookie,
  bpf_get_func_ip: ({ environment }) => environment.functionAddress,

  bpf_get_current_comm({ memory, environment }, buffer, size) {
    const target = memory.write(buffer, Number(BigInt.asUintN(32, size)));
    if (target.length === 0) return BigInt(-EINVAL);
    target.fill(0);
    target.set(utf8Bytes(environment.comm).subarray(0, Math.min(15, target.length - 1)));
    return 0n;
  },

  /** Writes `struct bpf_pidns_info` (u32 pid, u32 tgid); the interpreter has one namespace. */
  bpf_get_ns_current_pid_tgid({ memory, environment }, _device, _inode, info, size) {
    if (size !== 8n) return BigInt(-EINVAL);
    memory.store(info, 4, BigInt(environment.tid));
    memory.store(info + 4n, 4, BigInt(environment.pid));
    return 0n;
  },

  bpf_get_stackid(machine, _context, mapAddress, flags) {
    const map = machine.mapAt(mapAddress);
    if (map.kind !== "stacks") throw new VmFault(`${map.spec.name} (${map.spec.type}) holds no stacks`);
    return BigInt(map.idOf(framesOf(machine, flags)));
  },

  /** Writes as many return addresses as fit and returns how many bytes they take. */
  bpf_get_stack(machine, _context, buffer, size, flags) {
    const target = machine.memory.write(buffer, Number(BigInt.asUintN(32, size)));
    const frames = framesOf(machine, flags).slice(0, Math.floor(target.length / 8));
    target.fill(0);
    if (frames.length === 0) return BigInt(-EFAULT);
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    frames.forEach((frame, i) => {
      view.setBigUint64(i * 8, frame, true);
    });
    return BigInt(frames.length * 8);
  },
};
