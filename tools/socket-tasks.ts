/** The options that choose tasks, for tools that see sockets where no task of theirs runs. */
import { TOOL_SCRIPTS } from "./scripts.ts";
import { type Given, type Machine, ToolError } from "./tool.ts";

/** What such a tool adds to its script, which imports socket-tasks.bt, and to its parameters. */
export interface SocketTasks {
  readonly script: string;
  readonly params: { readonly by_sender: boolean };
}

/**
 * Users and control groups are known of a socket; by process, thread, name and mount namespace it is the task that last sent through it.
 * Throws {@link ToolError} where the kernel does not tell who sends.
 */
export function socketTasks(given: Given, machine: Machine): SocketTasks {
  const bySender = ["pid", "tid", "name", "mntnsmap"].some((option) => given.has(option));
  if (bySender && !machine.hasTracepoint("sock", "sock_send_length"))
    throw new ToolError(
      "a filter by process, thread, name or mount namespace needs the tracepoint sock:sock_send_length, of Linux 6.3",
      "filter by --uid, --cgroup or ports",
    );
  return { script: bySender ? TOOL_SCRIPTS["socket-senders.bt"] : "", params: { by_sender: bySender } };
}
