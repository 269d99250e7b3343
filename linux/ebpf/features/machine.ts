import { readFileSync } from "node:fs";
import { release } from "node:os";

/** Version of the running kernel. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `"6.1.0-18-amd64"`. */
export function parseKernelVersion(text: string): KernelVersion {
  const [, major = "0", minor = "0", patch = "0"] = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** The running kernel's version, as `uname -r` has it. Distributions port features back: probe rather than compare. */
export function kernelVersion(): KernelVersion {
  return parseKernelVersion(release());
}

/** Whether the running kernel is at least `minimum` (`"5.8"`). */
export function isAtLeast(version: KernelVersion, minimum: string): boolean {
  const { major, minor } = parseKernelVersion(minimum);
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** Kernel lockdown: what even root may not do. `none` where the kernel has no such thing. */
export type Lockdown = "none" | "integrity" | "confidentiality";

/** Reads `"none [integrity] confidentiality"`. */
export function parseLockdown(text: string): Lockdown {
  const mode = /\[(\w+)\]/.exec(text)?.[1];
  return mode === "integrity" || mode === "confidentiality" ? mode : "none";
}

/** The lockdown mode in force (Documentation/ABI/testing/…/securityfs, man 7 kernel_lockdown). */
export function lockdown(): Lockdown {
  return parseLockdown(read("/sys/kernel/security/lockdown") ?? "");
}

/** Capabilities that tracing asks for, and their bit numbers (include/uapi/linux/capability.h). */
export const CAPABILITIES = {
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;
/** The name of one of {@link CAPABILITIES}, as in `CAP_BPF`. */
export type Capability = keyof typeof CAPABILITIES;

/** The capabilities in a CapEff line's number (hexadecimal). */
export function parseCapabilities(hex: string): ReadonlySet<Capability> {
  const bits = BigInt(`0x${hex}`);
  const held = new Set<Capability>();
  for (const name of Object.keys(CAPABILITIES) as Capability[]) {
    if (((bits >> BigInt(CAPABILITIES[name])) & 1n) === 1n) held.add(name);
  }
  return held;
}

/** The effective capabilities of this process. */
export function effectiveCapabilities(): ReadonlySet<Capability> {
  return parseCapabilities(/^CapEff:\s*([0-9a-f]+)$/m.exec(read("/proc/self/status") ?? "")?.[1] ?? "0");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
