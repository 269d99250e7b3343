import { missionCases } from "../mission/guest-cases.ts";
import { kernelCases } from "./kernel-cases.ts";
import { peerCases } from "./peer-cases.ts";
import { serverCases } from "./server-cases.ts";
import { toolCases } from "./tool-cases.ts";

/** The kernels the guest suite boots: the newest 6.1 and 6.12 of Debian 12. */
export const guestKernels = ["6.1", "6.12"] as const;

export type GuestKernel = (typeof guestKernels)[number];

/** One command that runs as root in a guest, and what must come of it. */
export interface GuestCase {
  readonly name: string;
  /** Given to bash in the repository's root; the workloads are in `.cache/workloads`. */
  readonly command: string;
  /** All of standard output, or a pattern that it contains. */
  readonly stdout: string | RegExp;
  /** Default 0. */
  readonly exitCode?: number;
  /** Default: every kernel. */
  readonly kernels?: readonly GuestKernel[];
  /** Default 60. The emulated processor is 10 to 20 times slower than a real one. */
  readonly timeoutSeconds?: number;
  /** In a guest whose processors are NUMA nodes and have frequencies. */
  readonly server?: boolean;
}

/** Counts calls of vfs_read with a size that only the workload reads, by the kernel's own tracefs and nothing else. */
const countReadsByTracefs = `
  tracing=/sys/kernel/tracing
  echo 'p:reads vfs_read size=%dx' >$tracing/kprobe_events
  echo 'hist:keys=size if size == 4321' >$tracing/events/kprobes/reads/trigger
  .cache/workloads/reads 100 4321
  grep '^{ size:' $tracing/events/kprobes/reads/hist
  echo '!hist:keys=size if size == 4321' >$tracing/events/kprobes/reads/trigger
  echo >$tracing/kprobe_events`;

/** Every row runs in one boot of each of its kernels, in this order; those that take a server in another one. */
export const guestCases: readonly GuestCase[] = [
  { name: "the kernel is 6.1", command: "uname -r", stdout: /^6\.1\.0-\d+-amd64\n$/, kernels: ["6.1"] },
  { name: "the kernel is 6.12", command: "uname -r", stdout: /^6\.12\.\d+\+deb\d+-amd64\n$/, kernels: ["6.12"] },
  { name: "kprobes count exactly", command: countReadsByTracefs, stdout: /^\{ size: +4321 \} hitcount: +100\n$/ },
  { name: "the kernel describes its types", command: "od -An -tx2 -N2 /sys/kernel/btf/vmlinux", stdout: " eb9f\n" },
  { name: "node starts", command: "node -p 'process.platform'", stdout: "linux\n" },
  ...missionCases,
  ...kernelCases,
  ...toolCases,
  ...peerCases,
  ...serverCases,
];
