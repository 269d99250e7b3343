import { existsSync } from "node:fs";
import { effectiveCapabilities, lockdown } from "@beetrace/ebpf";
import type { CommandName } from "./process-name.ts";

/** Why this process may not trace, and what helps. */
export interface PrivilegeProblem {
  readonly message: string;
  readonly hint: string;
}

/**
 * What stands between this process and tracing, if anything does: capabilities (bpf_capable and perfmon_capable in
 * include/linux/capability.h), or a kernel locked down so far that programs may read no kernel memory
 * (man 7 kernel_lockdown).
 */
export function privilegeProblem(name: CommandName): PrivilegeProblem | undefined {
  if (!existsSync("/proc/self/status")) {
    return { message: "/proc is not mounted", hint: "as root: mount -t proc proc /proc" };
  }
  const held = effectiveCapabilities();
  if (!held.has("CAP_SYS_ADMIN") && !(held.has("CAP_BPF") && held.has("CAP_PERFMON"))) {
    const inContainer = process.geteuid?.() === 0;
    return {
      message: inContainer
        ? `${name} lacks CAP_BPF and CAP_PERFMON (or CAP_SYS_ADMIN) although it runs as root`
        : `${name} needs CAP_BPF and CAP_PERFMON; please run ${name} as the root user.`,
      hint: inContainer
        ? "start the container with --privileged, or add these capabilities"
        : `sudo ${name} …, or setcap these and CAP_DAC_READ_SEARCH (capabilities(7))`,
    };
  }
  if (lockdown() !== "confidentiality") return undefined;
  return {
    message: "Kernel lockdown is enabled and set to 'confidentiality': BPF programs may not read kernel memory",
    hint: "boot with lockdown=integrity, or without Secure Boot (man 7 kernel_lockdown)",
  };
}
