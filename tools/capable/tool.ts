import type { JsonValue } from "@beetrace/output";
import type { Column } from "../columns.ts";
import { stackLines } from "../row-stacks.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { STACK_SIZE_OPTIONS, stackSettings } from "../stack-options.ts";
import { clockColumn } from "../times.ts";
import { type Given, type Machine, type Plan, type Row, type Tool, ToolError } from "../tool.ts";

/** Capabilities by number: include/uapi/linux/capability.h. */
const CAPABILITIES = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`.split(/\s+/);

/** `beetrace capable` */
export const tool: Tool = {
  name: "capable",
  summary: "checks of capabilities: what a program needs of root",
  group: "processes",
  options: [
    { long: "verbose", letter: "v", help: "checks that are not audited too" },
    { long: "pid", letter: "p", argument: "PID", kind: "int", help: "this process only" },
    { long: "kernel-stack", letter: "K", help: "the kernel's stack under each line" },
    { long: "user-stack", letter: "U", help: "the process' stack under each line" },
    {
      long: "extra",
      letter: "x",
      also: ["extra-fields"],
      help: "the thread, whether the check was passed, and whether it is of a setid",
    },
    ...STACK_SIZE_OPTIONS,
    { long: "unique", help: "each check once for a process, or with --cgroup for its control group" },
  ],
  examples: [
    ["beetrace capable", "all checks"],
    ["beetrace capable -p 1234 --unique", "each that a process needs, once"],
    ["beetrace capable -K", "why, by the kernel's stack"],
  ],
  hooks: "fexit or kprobe cap_capable; without either tracepoint capability:cap_capable (Linux 6.14)",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const [kernel, user] = [given.has("kernel-stack"), given.has("user-stack")];
  const text = TOOL_SCRIPTS["capable/capable.bt"]
    .replace("STACK_OF_KERNEL", kernel ? "kstack(perf)" : '""')
    .replace("STACK_OF_USER", user ? "ustack(perf)" : '""');
  return {
    script: text.replace("CHECK", () => hook(machine)),
    params: {
      self: process.pid,
      all: given.has("verbose"),
      unique: given.has("unique"),
      "by-cgroup": given.has("cgroup") || given.has("container"),
      "kernel-stack": kernel,
      "user-stack": user,
    },
    config: stackSettings(given),
    columns: columns(given),
    toRow: (record) => rowOf(record, kernel, user),
    below: (row) => stackLines(row.kernel_stack) + stackLines(row.user_stack),
  };
}

function hook(machine: Machine): string {
  if (machine.hasFentry("cap_capable")) return TOOL_SCRIPTS["capable/fexit.bt"];
  if (machine.hasKprobe("cap_capable")) return TOOL_SCRIPTS["capable/kprobe.bt"];
  if (machine.hasTracepoint("capability", "cap_capable")) return TOOL_SCRIPTS["capable/tracepoint.bt"];
  throw new ToolError("capable needs fentry or kprobes, or Linux 6.14 with its tracepoint capability:cap_capable");
}

/** What the hook does not tell is null. */
function rowOf({ kernel_stack, user_stack, audit, insetid, result, ...row }: Row, kernel: boolean, user: boolean): Row {
  const known = (value: JsonValue) => (value === -1 ? null : value);
  return {
    ...row,
    name: `CAP_${CAPABILITIES[Number(row.cap)] ?? "?"}`,
    audit: known(audit),
    insetid: known(insetid),
    verdict: result === 1 ? null : result === 0 ? "allow" : "deny",
    ...(kernel ? { kernel_stack } : {}),
    ...(user ? { user_stack } : {}),
  };
}

function columns(given: Given): readonly Column[] {
  const known = (value: JsonValue) => (value === null ? "?" : String(value));
  return [
    clockColumn(-9),
    { title: "UID", field: "uid", width: -6 },
    { title: "PID", field: "pid", width: -6 },
    ...(given.has("extra") ? [{ title: "TID", field: "tid", width: -6 }] : []),
    { title: "COMM", field: "comm", width: -16 },
    { title: "CAP", field: "cap", width: -4 },
    { title: "NAME", field: "name", width: -20 },
    { title: "AUDIT", field: "audit", width: -6, text: known },
    ...(given.has("extra") ? [{ title: "VERDICT", field: "verdict", width: -7, text: known }] : []),
    ...(given.has("extra") ? [{ title: "INSETID", field: "insetid", width: 0, text: known }] : []),
  ];
}
