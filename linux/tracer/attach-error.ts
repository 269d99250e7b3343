import type { NamedAttachment } from "@beetrace/compiler";
import { SyscallError } from "@beetrace/ebpf";

/** A probe could not be attached. */
export class AttachError extends Error {
  override readonly name = "AttachError";
  /** The probe's full name. */
  readonly probe: string;
  /** What the user can do about it. */
  readonly remedy: string | undefined;

  constructor(probe: NamedAttachment, cause: unknown) {
    super(
      isInsideInstruction(probe, cause)
        ? INSIDE_INSTRUCTION
        : `Unable to attach probe: ${probe.name}: ${reasonOf(probe, cause)}`,
      { cause },
    );
    this.probe = probe.name;
    this.remedy = remedyFor(probe, cause);
  }
}

/** What bpftrace says, for programs that look for it. */
const INSIDE_INSTRUCTION = "Possible attachment attempt in the middle of an instruction, try a different offset.";

/** The kernel decodes a function up to the place of a kprobe, and refuses what is no start of an instruction. */
function isInsideInstruction({ attachment }: NamedAttachment, cause: unknown): boolean {
  return attachment.kind === "kprobe" && cause instanceof SyscallError && cause.code === "EILSEQ";
}

function reasonOf({ attachment }: NamedAttachment, cause: unknown): string {
  const code = cause instanceof SyscallError ? cause.code : "";
  if (attachment.kind === "watchpoint" && code === "ENOSPC") return "No more HW registers left";
  return cause instanceof Error ? cause.message : String(cause);
}

function remedyFor(probe: NamedAttachment, cause: unknown): string | undefined {
  const { attachment } = probe;
  const code = cause instanceof SyscallError ? cause.code : "";
  if (isInsideInstruction(probe, cause)) return `no instruction starts at ${probe.name}`;
  const { kind } = attachment;
  if (code === "EBUSY" || (kind === "watchpoint" && code === "ENOSPC")) {
    return "something else uses the hardware: end other tracers and debuggers, or watch less";
  }
  if (kind === "watchpoint" && code === "EINVAL") return "the address must be a multiple of the length";
  if (kind === "iter" && code === "ENOENT") return "pins are in a BPF file system: mount -t bpf bpf /sys/fs/bpf";
  if (kind === "hardware") return "virtual machines often have no counters: use software:cpu-clock or profile";
  if (kind === "kprobe" && code === "EINVAL") {
    return "the kernel does not let it be probed (kprobes/blacklist), or the offset is beyond the function";
  }
  if (kind === "uprobe" && code === "ESRCH") return "the process has ended";
  if (code === "EACCES" || code === "EPERM") return "see kernel.perf_event_paranoid, and capabilities(7) CAP_PERFMON";
  return undefined;
}
