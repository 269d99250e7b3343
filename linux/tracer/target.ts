import { statSync } from "node:fs";
import type { Btf } from "@beetrace/bytecode";
import type { Arch, Target, TargetFeatures } from "@beetrace/compiler";
import { type FeatureName, type Features, kernel, possibleCpuCount, probeFeatures } from "@beetrace/ebpf";
import { type CommandProcess, MachineCatalog } from "./catalog/index.ts";
import { callerFrames } from "./stack-machinery.ts";

/** Ways of attaching that `--no-feature` switches off. */
export type SwitchableFeature = "kprobe_multi" | "kprobe_session" | "uprobe_multi";

/** What to leave out of the live machine, and which process its catalog is for. */
export interface LiveTargetOptions {
  /** The traced process, to which targets of user probes are relative. */
  readonly pid?: number;
  /** The process that is going to execute a program: the target of user probes that name none. */
  readonly child?: CommandProcess;
  /** A file that lists the kernel functions that can be traced, in place of the kernel's own list. */
  readonly traceableFunctions?: string;
  /** Where debug files are looked for, before the usual places. */
  readonly debugDirectories?: readonly string[];
  /** As {@link MachineCatalogOptions.environment}. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Taken for missing although the kernel has them. */
  readonly withoutFeatures?: ReadonlySet<SwitchableFeature>;
}

/** The live machine. */
export interface LiveTarget extends Target, Disposable {
  readonly catalog: MachineCatalog;
}

/** Inode of the initial pid namespace: PROC_PID_INIT_INO of include/linux/proc_ns.h. */
const INITIAL_PID_NAMESPACE = 0xeffffffcn;
const ARCHES: Readonly<Record<string, Arch>> = { x64: "x86_64", arm64: "aarch64" };

/** The machine that runs this, for the compiler. Each part is read when it is first asked for. */
export function liveTarget(options: LiveTargetOptions = {}): LiveTarget {
  const catalog = new MachineCatalog(options);
  const features = probeFeatures();
  const { major, minor, patch } = features.kernel;
  const arch = ARCHES[process.arch];
  if (arch === undefined) throw new Error(`beetrace runs on x64 and arm64, not on ${process.arch}`);
  return {
    arch,
    kernelVersion: [major, minor, patch],
    catalog,
    features: liveFeatures(features, options.withoutFeatures ?? new Set()),
    ...pidNamespace(),
    get possibleCpus(): number {
      return possibleCpuCount();
    },
    get pageSizeBytes(): number {
      return kernel.pageSizeBytes;
    },
    get btf(): Btf | undefined {
      return catalog.types.vmlinux;
    },
    moduleBtf: (module) => catalog.types.of(module),
    [Symbol.dispose]: () => catalog[Symbol.dispose](),
  };
}

function liveFeatures(features: Features, without: ReadonlySet<SwitchableFeature>): TargetFeatures {
  const has = (name: FeatureName) => features.has(name);
  return {
    get btfTracepoint() {
      return has("tp_btf");
    },
    get cookies() {
      return has("perf_event_cookie");
    },
    get kprobeMulti() {
      return !without.has("kprobe_multi") && has("kprobe_multi");
    },
    get kprobeSession() {
      return !without.has("kprobe_multi") && !without.has("kprobe_session") && has("kprobe_session");
    },
    get uprobeMulti() {
      return !without.has("uprobe_multi") && has("uprobe_multi");
    },
    get fentry() {
      return has("fentry");
    },
    callerFrames,
    // Programs of kernel and user probes can call all helpers of tracing.
    helper: (name) => features.hasHelper("BPF_PROG_TYPE_KPROBE", `bpf_${name}`),
    kfunc: (name, type) => features.hasKfunc(name, type),
  };
}

/** Inside a container pids are to be those that are seen there. */
function pidNamespace(): Pick<Target, "pidNamespace"> {
  const stat = statSync("/proc/self/ns/pid", { bigint: true, throwIfNoEntry: false });
  if (stat === undefined || stat.ino === INITIAL_PID_NAMESPACE) return {};
  return { pidNamespace: { dev: stat.dev, inode: stat.ino } };
}
