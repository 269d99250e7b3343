import { existsSync } from "node:fs";
import {
  type Assembler,
  ATTACH_TYPES,
  assembleProgram,
  BPF_F_MMAPABLE,
  type ProgramSpec,
  R0,
  R1,
  R2,
  R3,
  R10,
} from "@beetrace/bytecode";
import { loadKernelBtf } from "../kernel-btf.ts";
import { EBADF, EFAULT, ENOENT } from "../sys/error.ts";
import type { Sys } from "../sys/sys.ts";
import { canCreateMap, createMap, helperSupported, linkRefusal, loads, refusal, runsByHand } from "./try.ts";

/** Something that kernels have or have not. */
export interface Feature {
  readonly name: string;
  /** The first Linux version with it. */
  readonly minimumKernel: string;
  /** The build option that it needs, where not every kernel with BPF has it. */
  readonly option?: string;
  readonly probe: (sys: Sys) => boolean;
}

type About = Pick<ProgramSpec, "type"> & Partial<ProgramSpec>;

const PMUS = "/sys/bus/event_source/devices";

function returnsZero(about: About): ProgramSpec {
  return assembleProgram({ name: "probe", ...about }, (a) => {
    a.movImm(R0, 0);
    a.exit();
  });
}

function loadsEmpty(sys: Sys, about: About): boolean {
  return loads(sys, returnsZero(about));
}

function rawTracepointLoads(sys: Sys, write: (a: Assembler) => void): boolean {
  return loads(sys, assembleProgram({ name: "probe", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, write));
}

/** Instructions of a program before Linux 5.2, from where on it is what the verifier looks at that is limited. */
const BPF_MAXINSNS = 4096;

function canCallInFentry(sys: Sys, helper: string, attachTo: string): boolean {
  return helperSupported(sys, "BPF_PROG_TYPE_TRACING", helper, { expectedAttachType: "BPF_TRACE_FENTRY", attachTo });
}

/** Whether the kernel's struct has a member, which tells how the kernel was built. */
function hasMember(struct: string, member: string): boolean {
  if (!existsSync("/sys/kernel/btf/vmlinux")) return false;
  const btf = loadKernelBtf();
  const id = btf.findType("struct", struct);
  const type = id === undefined ? undefined : btf.type(id);
  return type?.kind === "struct" && type.members.some(({ name }) => name === member);
}

function kprobeMulti(sys: Sys, attachType: "BPF_TRACE_KPROBE_MULTI" | "BPF_TRACE_KPROBE_SESSION"): boolean {
  const program = returnsZero({ type: "BPF_PROG_TYPE_KPROBE", expectedAttachType: attachType });
  return linkRefusal(sys, program, ATTACH_TYPES[attachType], { kind: "kprobe-multi-unreadable" }) === EFAULT;
}

/** A directory is no file to probe: EBADF comes only from kernels that got as far as looking. */
function uprobeMulti(sys: Sys, attachType: "BPF_TRACE_UPROBE_MULTI" | "BPF_TRACE_UPROBE_SESSION"): boolean {
  const program = returnsZero({ type: "BPF_PROG_TYPE_KPROBE", expectedAttachType: attachType });
  const target = { kind: "uprobe-multi", path: "/", offsets: [1], flags: 0, pid: 0 } as const;
  return linkRefusal(sys, program, ATTACH_TYPES[attachType], target) === EBADF;
}

function batch(sys: Sys, type: "BPF_MAP_TYPE_HASH" | "BPF_MAP_TYPE_PERCPU_ARRAY"): boolean {
  const fd = createMap(sys, { type, keySize: 4, valueSize: 8, maxEntries: 1 });
  try {
    const values = sys.allocate(8 * 4096); // 8 bytes for each of any number of CPUs
    const buffers = { keys: sys.allocate(4), values, position: sys.allocate(4) };
    const { errno } = sys.mapLookupBatch(fd, buffers, 1, true);
    return errno === 0 || errno === ENOENT;
  } finally {
    sys.close(fd);
  }
}

/** All features, each probed by itself. */
export const FEATURES = [
  {
    name: "btf",
    minimumKernel: "5.4",
    option: "CONFIG_DEBUG_INFO_BTF",
    probe: () => existsSync("/sys/kernel/btf/vmlinux"),
  },
  {
    name: "module_btf",
    minimumKernel: "5.11",
    option: "CONFIG_DEBUG_INFO_BTF_MODULES",
    probe: () => hasMember("module", "btf_data"),
  },
  {
    name: "ringbuf",
    minimumKernel: "5.8",
    probe: (sys) => canCreateMap(sys, { type: "BPF_MAP_TYPE_RINGBUF", keySize: 0, valueSize: 0, maxEntries: 65536 }),
  },
  {
    name: "mmapable_array",
    minimumKernel: "5.5",
    probe: (sys) =>
      canCreateMap(sys, {
        type: "BPF_MAP_TYPE_ARRAY",
        keySize: 4,
        valueSize: 8,
        maxEntries: 1,
        flags: BPF_F_MMAPABLE,
      }),
  },
  { name: "map_batch", minimumKernel: "5.6", probe: (sys) => batch(sys, "BPF_MAP_TYPE_HASH") },
  { name: "map_batch_percpu_array", minimumKernel: "5.13", probe: (sys) => batch(sys, "BPF_MAP_TYPE_PERCPU_ARRAY") },
  { name: "kprobe", minimumKernel: "4.17", option: "CONFIG_KPROBE_EVENTS", probe: () => existsSync(`${PMUS}/kprobe`) },
  { name: "uprobe", minimumKernel: "4.17", option: "CONFIG_UPROBE_EVENTS", probe: () => existsSync(`${PMUS}/uprobe`) },
  {
    name: "uprobe_ref_ctr",
    minimumKernel: "4.20",
    option: "CONFIG_UPROBE_EVENTS",
    probe: () => existsSync(`${PMUS}/uprobe/format/ref_ctr_offset`),
  },
  {
    name: "kprobe_multi",
    minimumKernel: "5.18",
    option: "CONFIG_FPROBE",
    probe: (sys) => kprobeMulti(sys, "BPF_TRACE_KPROBE_MULTI"),
  },
  {
    name: "kprobe_session",
    minimumKernel: "6.10",
    option: "CONFIG_FPROBE",
    probe: (sys) => kprobeMulti(sys, "BPF_TRACE_KPROBE_SESSION"),
  },
  {
    name: "uprobe_multi",
    minimumKernel: "6.6",
    option: "CONFIG_UPROBE_EVENTS",
    probe: (sys) => uprobeMulti(sys, "BPF_TRACE_UPROBE_MULTI"),
  },
  {
    name: "uprobe_session",
    minimumKernel: "6.13",
    option: "CONFIG_UPROBE_EVENTS",
    probe: (sys) => uprobeMulti(sys, "BPF_TRACE_UPROBE_SESSION"),
  },
  {
    name: "fentry",
    minimumKernel: "5.5",
    option: "CONFIG_FUNCTION_TRACER",
    probe: (sys) =>
      loadsEmpty(sys, {
        type: "BPF_PROG_TYPE_TRACING",
        expectedAttachType: "BPF_TRACE_FENTRY",
        attachTo: "bpf_fentry_test1", // exists to be attached to, and never runs by itself
      }),
  },
  {
    name: "fmod_ret",
    minimumKernel: "5.7",
    option: "CONFIG_FUNCTION_TRACER",
    // The first is there for it, where functions can be made to fail at all; all hooks of security modules can be.
    probe: (sys) =>
      ["bpf_modify_return_test", "security_file_open"].some((attachTo) =>
        loadsEmpty(sys, { type: "BPF_PROG_TYPE_TRACING", expectedAttachType: "BPF_MODIFY_RETURN", attachTo }),
      ),
  },
  {
    name: "tp_btf",
    minimumKernel: "5.5",
    option: "CONFIG_DEBUG_INFO_BTF",
    probe: (sys) =>
      loadsEmpty(sys, {
        type: "BPF_PROG_TYPE_TRACING",
        expectedAttachType: "BPF_TRACE_RAW_TP",
        attachTo: "sched_switch",
      }),
  },
  {
    name: "iter",
    minimumKernel: "5.8",
    option: "CONFIG_DEBUG_INFO_BTF",
    probe: (sys) =>
      loadsEmpty(sys, { type: "BPF_PROG_TYPE_TRACING", expectedAttachType: "BPF_TRACE_ITER", attachTo: "task" }),
  },
  {
    name: "lsm",
    minimumKernel: "5.7",
    option: "CONFIG_BPF_LSM",
    probe: (sys) =>
      loadsEmpty(sys, { type: "BPF_PROG_TYPE_LSM", expectedAttachType: "BPF_LSM_MAC", attachTo: "file_open" }),
  },
  {
    name: "perf_event_cookie",
    minimumKernel: "5.15",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_TRACEPOINT", "bpf_get_attach_cookie"),
  },
  {
    name: "raw_tracepoint_cookie",
    minimumKernel: "6.10",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_get_attach_cookie"),
  },
  {
    name: "jmp32",
    minimumKernel: "5.1",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        a.movImm(R0, 0);
        a.jumpIfImm("==", R0, 0, "end", 32);
        a.label("end");
        a.exit();
      }),
  },
  {
    name: "atomic_fetch",
    minimumKernel: "5.12",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        a.movImm(R0, 1);
        a.storeImm("u64", R10, -8, 0);
        a.atomic("fetch_add", "u64", R10, -8, R0);
        a.exit();
      }),
  },
  {
    name: "cpu_v4",
    minimumKernel: "6.6",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        a.storeImm("u64", R10, -8, -6);
        a.loadSigned("u32", R0, R10, -8);
        a.movImm(R1, 2);
        a.alu("s/", R0, R1);
        a.exit();
      }),
  },
  {
    name: "large_programs",
    minimumKernel: "5.2",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        for (let count = 0; count < BPF_MAXINSNS; count++) a.movImm(R0, 0);
        a.exit();
      }),
  },
  {
    name: "bounded_loops",
    minimumKernel: "5.3",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        a.movImm(R0, 0);
        a.label("again");
        a.aluImm("+", R0, 1);
        a.jumpIfImm("<", R0, 10, "again");
        a.movImm(R0, 0);
        a.exit();
      }),
  },
  {
    name: "d_path",
    minimumKernel: "5.10",
    option: "CONFIG_FUNCTION_TRACER",
    // Programs may call it only in functions that the kernel lists: btf_allowlist_d_path of kernel/trace/bpf_trace.c.
    probe: (sys) => canCallInFentry(sys, "bpf_d_path", "filp_close"),
  },
  {
    name: "skb_output",
    minimumKernel: "5.5",
    option: "CONFIG_FUNCTION_TRACER",
    probe: (sys) => canCallInFentry(sys, "bpf_skb_output", "bpf_fentry_test1"),
  },
  {
    name: "bpf_loop",
    minimumKernel: "5.17",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_loop"),
  },
  {
    name: "for_each_map_elem",
    minimumKernel: "5.13",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_for_each_map_elem"),
  },
  {
    name: "map_lookup_percpu_elem",
    minimumKernel: "5.19",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_map_lookup_percpu_elem"),
  },
  {
    name: "get_func_ip",
    minimumKernel: "5.15",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_KPROBE", "bpf_get_func_ip"),
  },
  {
    name: "ktime_get_tai_ns",
    minimumKernel: "6.1",
    probe: (sys) => helperSupported(sys, "BPF_PROG_TYPE_RAW_TRACEPOINT", "bpf_ktime_get_tai_ns"),
  },
  {
    name: "open_coded_iterators",
    minimumKernel: "6.4",
    option: "CONFIG_DEBUG_INFO_BTF",
    probe: (sys) =>
      rawTracepointLoads(sys, (a) => {
        for (const call of ["bpf_iter_num_new", "bpf_iter_num_destroy"]) {
          a.mov(R1, R10);
          a.aluImm("+", R1, -8);
          a.movImm(R2, 0);
          a.movImm(R3, 1);
          a.callKfunc(call);
        }
        a.movImm(R0, 0);
        a.exit();
      }),
  },
  {
    name: "raw_tracepoint_test_run",
    minimumKernel: "5.10",
    probe: (sys) => runsByHand(sys, returnsZero({ type: "BPF_PROG_TYPE_RAW_TRACEPOINT" })),
  },
  {
    name: "run_time_stats",
    minimumKernel: "5.8",
    probe: (sys) => refusal(() => sys.close(sys.enableStats())) === undefined,
  },
] as const satisfies readonly Feature[];
