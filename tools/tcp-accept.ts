/** Where a tool sees that TCP connections are accepted. */
import { TOOL_SCRIPTS } from "./scripts.ts";
import type { Machine } from "./tool.ts";

/** The end of a script that has a macro `accepted(@user, sk)`. The function sees what io_uring accepts as well. */
export function acceptHook(machine: Machine): string {
  if (machine.hasFentry("inet_csk_accept")) return TOOL_SCRIPTS["tcpaccept/fexit.bt"];
  return TOOL_SCRIPTS[`tcpaccept/${machine.hasKprobe("inet_csk_accept") ? "kretprobe" : "syscall"}.bt`];
}
