import { EFAULT, ERANGE } from "./errno.ts";
import type { VmHelper, VmMachine } from "./machine.ts";

type Space = "kernel" | "user" | undefined;

/** A size argument: the kernel takes a u32. */
function sizeOf(argument: bigint): number {
  return Number(BigInt.asUintN(32, argument));
}

/** Where user space ends and kernel space starts on x86-64 with four-level page tables. */
const USER_END = 0x8000_0000_0000n;
const KERNEL_START = 0xffff_8000_0000_0000n;

/** What is no kernel address is not even tried to be read as one: copy_from_kernel_nofault in mm/maccess.c. */
function probeErrno(space: Space, source: bigint): number {
  const asUser = space === "user" || (space === undefined && source < USER_END);
  return asUser || source >= KERNEL_START ? EFAULT : ERANGE;
}

/** Copies all of it, or clears the destination and fails. */
function probeRead(space: Space): VmHelper {
  return (machine, destination, size, source) => {
    const target = machine.memory.write(destination, sizeOf(size));
    const bytes = machine.memory.probe(source, target.length, space);
    if (bytes === undefined) {
      target.fill(0);
      return BigInt(-probeErrno(space, source));
    }
    target.set(bytes);
    return 0n;
  };
}

/** Copies up to a NUL or the size, always ends with a NUL, and returns the length with it. Leaves the rest as it was. */
function probeReadString(space: Space): VmHelper {
  return (machine, destination, size, source) => {
    const target = machine.memory.write(destination, sizeOf(size));
    if (target.length === 0) return 0n;
    const bytes = machine.memory.probeUpTo(source, target.length, space);
    const end = bytes?.indexOf(0) ?? -1;
    if (bytes === undefined || bytes.length === 0 || (end < 0 && bytes.length < target.length)) {
      target.fill(0);
      return BigInt(-probeErrno(space, source));
    }
    const length = end < 0 ? target.length : end + 1;
    target.set(bytes.subarray(0, length));
    target[length - 1] = 0;
    return BigInt(length);
  };
}

function compareStrings(machine: VmMachine, a: bigint, size: number, b: bigint): bigint {
  const left = machine.memory.read(a, size);
  for (let i = 0; i < size; i++) {
    const right = machine.memory.load(b + BigInt(i), 1);
    const difference = BigInt(left[i]) - right;
    if (difference !== 0n || right === 0n) return difference;
  }
  return 0n;
}

/** Helpers that read memory which the verifier knows nothing about, and compare strings. */
export const MEMORY_HELPERS: Readonly<Record<string, VmHelper>> = {
  bpf_probe_read: probeRead(undefined),
  bpf_probe_read_kernel: probeRead("kernel"),
  bpf_probe_read_user: probeRead("user"),
  bpf_copy_from_user: probeRead("user"),
  bpf_probe_read_str: probeReadString(undefined),
  bpf_probe_read_kernel_str: probeReadString("kernel"),
  bpf_probe_read_user_str: probeReadString("user"),
  /** Only the sign of the result has a meaning, in the low 32 bits as everywhere in C. */
  bpf_strncmp: (machine, a, size, b) => compareStrings(machine, a, sizeOf(size), b),
};
