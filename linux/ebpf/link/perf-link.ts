import { ATTACH_TYPES } from "@beetrace/bytecode";
import type { Int } from "@beetrace/std";
import type { BpfProgram } from "../program.ts";
import { EINVAL, explained, SyscallError } from "../sys/error.ts";
import type { PerfEventAttr, PerfEventTarget } from "../sys/sys.ts";
import { UnsupportedError } from "../unsupported-error.ts";

/** How a program is attached to a perf event. */
export interface PerfAttachment {
  readonly attr: PerfEventAttr;
  readonly target: PerfEventTarget;
  readonly cookie?: Int;
  /** Start the event, once the program is attached. */
  readonly enable?: boolean;
  /** For messages: `"tracepoint sched:sched_switch"`. */
  readonly name: string;
}

/**
 * Opens a perf event, attaches the program and gives the one file descriptor that holds both: the BPF link keeps its
 * event. Before Linux 5.15 there are no such links; then it is the event's own, and there are no cookies.
 */
export function openPerfLink(program: BpfProgram, attachment: PerfAttachment): number {
  const { sys } = program;
  try {
    const perfFd = sys.perfEventOpen(attachment.attr, attachment.target);
    let linkFd: number | undefined;
    try {
      linkFd = linkOrSetBpf(program, perfFd, attachment.cookie);
      if (attachment.enable) sys.ioctl(perfFd, "PERF_EVENT_IOC_ENABLE", 0);
      return linkFd ?? perfFd;
    } catch (error) {
      if (linkFd === undefined) sys.close(perfFd);
      else sys.close(linkFd);
      throw error;
    } finally {
      if (linkFd !== undefined) sys.close(perfFd);
    }
  } catch (error) {
    throw explained(error, attachment.name);
  }
}

/** The link's file descriptor; `undefined` where the kernel has no such links and the event holds the program. */
function linkOrSetBpf(program: BpfProgram, perfFd: number, cookie: Int | undefined): number | undefined {
  const { sys } = program;
  try {
    return sys.linkCreate(program.fd, ATTACH_TYPES.BPF_PERF_EVENT, { kind: "perf-event", perfFd, cookie });
  } catch (error) {
    if (!(error instanceof SyscallError) || error.errno !== EINVAL) throw error;
    if (cookie !== undefined && cookie !== 0 && cookie !== 0n) {
      throw new UnsupportedError("cookies of perf event attachments", "5.15", { cause: error });
    }
    sys.ioctl(perfFd, "PERF_EVENT_IOC_SET_BPF", program.fd);
    return undefined;
  }
}
