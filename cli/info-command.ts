import { arch, machine, release, type, version } from "node:os";
import { type Features, probeFeatures } from "@beetrace/ebpf";
import { complain } from "./console.ts";
import { EXIT_USER } from "./failure.ts";
import { privilegeProblem } from "./privileges.ts";
import type { CommandName } from "./process-name.ts";
import { printLines } from "./standard-output.ts";
import { BEETRACE_VERSION, BPFTRACE_LEVEL } from "./version.ts";

type Row = readonly [name: string, value: string | boolean];
type Section = readonly [title: string, rows: readonly Row[]];

/** `--info`: what the kernel and this build can do, each row as it was tried, under the headings and names that bpftrace gives them. */
export function infoCommand(name: CommandName): number {
  const problem = privilegeProblem(name);
  if (problem !== undefined) {
    complain(problem.message, problem.hint);
    return EXIT_USER;
  }
  printLines(infoLines(probeFeatures()));
  return 0;
}

/** The lines of `--info`. */
export function* infoLines(features: Features): Iterable<string> {
  for (const [title, rows] of [
    SYSTEM,
    build(features),
    helpers(features),
    kernelFeatures(features),
    probeTypes(features),
  ]) {
    yield title;
    for (const [name, value] of rows) yield `  ${name}: ${typeof value === "string" ? value : value ? "yes" : "no"}`;
    yield "";
  }
}

const SYSTEM: Section = [
  "System",
  [
    ["OS", `${type()} ${release()} ${version()}`],
    ["Arch", machine()],
  ],
];

/** What bpftrace is built with, and we do without. */
const build = (features: Features): Section => [
  "Build",
  [
    ["version", `beetrace v${BEETRACE_VERSION}, bpftrace language v${BPFTRACE_LEVEL}`],
    ["node", `${process.version} ${arch()}`],
    ["LLVM", "not needed"],
    ["bfd", false],
    ["libdw (DWARF support)", true],
    ["libsystemd (systemd notify support)", false],
    ["blazesym (advanced symbolization)", true],
    [
      "dwunwind (DWARF stack unwinding)",
      arch() === "x64" && features.hasHelper("BPF_PROG_TYPE_KPROBE", "bpf_find_vma"),
    ],
    // The name that scripts ask for; it is our own reading of the loader's cache.
    ["bcc library path resolution", true],
  ],
];

function helpers(features: Features): Section {
  const has = (name: string) => features.hasHelper("BPF_PROG_TYPE_KPROBE", name);
  return [
    "Kernel helpers",
    [
      ["probe_read_kernel", has("bpf_probe_read_kernel")],
      ["send_signal", has("bpf_send_signal")],
      ["override_return", has("bpf_override_return")],
      ["dpath", features.has("d_path")],
      ["skboutput", features.has("skb_output")],
      ["jiffies64", has("bpf_jiffies64")],
      ["get_tai_ns", features.has("ktime_get_tai_ns")],
      ["get_ktime_ns", has("bpf_ktime_get_ns")],
      ["get_func_ip", features.has("get_func_ip")],
      ["lookup_percpu_elem", features.has("map_lookup_percpu_elem")],
      ["loop", features.has("bpf_loop")],
    ],
  ];
}

/** Instructions that the verifier looks at (BPF_COMPLEXITY_LIMIT_INSNS in include/linux/bpf_verifier.h), from Linux 5.2. */
const INSTRUCTION_LIMIT = "1000000";

function kernelFeatures(features: Features): Section {
  return [
    "Kernel features",
    [
      ["Instruction limit", features.has("large_programs") ? INSTRUCTION_LIMIT : "4096"],
      ["Loop support", features.has("bounded_loops")],
      ["btf", features.has("btf")],
      ["module btf", features.has("module_btf")],
      ["map batch", features.has("map_batch")],
      ["ringbuf", features.has("ringbuf")],
      ["lockdown", features.lockdown],
    ],
  ];
}

function probeTypes(features: Features): Section {
  return [
    "Probe types",
    [
      ["kprobe", features.has("kprobe")],
      ["kprobe_multi", features.has("kprobe_multi")],
      ["kprobe_session", features.has("kprobe_session")],
      ["uprobe", features.has("uprobe")],
      ["uprobe_multi", features.has("uprobe_multi")],
      ["fentry", features.has("fentry")],
      ["fmod_ret", features.has("fmod_ret")],
      ["iter", features.has("iter")],
      ["tp_btf", features.has("tp_btf")],
    ],
  ];
}
