/** Who runs: process, thread, user, command. */

import type { Info } from "../check/model.ts";
import type { Operand } from "../ir/ir.ts";
import type { Lowerer } from "../lower/lowerer.ts";
import { addressArgument, copyBytes, readScalar, zero } from "../lower/memory.ts";
import { type Place, scalar, shifted } from "../lower/place.ts";
import { findField } from "../semantics/c-types.ts";
import {
  BOOL,
  intType,
  isInteger,
  NONE,
  pointerTo,
  type StructType,
  stringOf,
  type Type,
  typeName,
  UINT32,
  UINT64,
} from "../semantics/types.ts";
import type { Target } from "../target.ts";
import type { Builtin, Checking, Use } from "./builtin.ts";
import { expressionAt } from "./use.ts";

/** Linux's TASK_COMM_LEN. */
export const COMM_BYTES = 16;

type PidNamespace = Target["pidNamespace"];

function pidTgid(l: Lowerer, namespace: PidNamespace): Operand {
  if (!namespace) return l.b.call("get_current_pid_tgid");
  // struct bpf_pidns_info { u32 pid; u32 tgid; }: the same order as the helper's result.
  const info = l.temp(8);
  l.b.store(info.base, info.offset, 8, 0n);
  const helper = "get_ns_current_pid_tgid";
  const result = l.b.call(helper, namespace.dev, namespace.inode, addressArgument(l, info), 8n);
  // What runs may be in no namespace that is below ours.
  l.countFailure(helper, result);
  return l.b.load(info.base, info.offset, 8);
}

/** The pid (the kernel's tgid) of the process that runs, as seen from the target's pid namespace. */
export function currentPid(l: Lowerer): Operand {
  return processId(l, l.assembly.checker.target.pidNamespace);
}

function processId(l: Lowerer, namespace: PidNamespace): Operand {
  return taskId(l, "tgid", namespace) ?? l.b.alu("rsh", pidTgid(l, namespace), 32n);
}

function threadId(l: Lowerer, namespace: PidNamespace): Operand {
  return taskId(l, "pid", namespace) ?? l.b.extend(pidTgid(l, namespace), 32, false);
}

/**
 * Programs of system calls look at the task in any case: there an id is one load more, where
 * bpf_get_current_pid_tgid is a call.
 */
function taskId(l: Lowerer, name: "pid" | "tgid", namespace: PidNamespace): Operand | undefined {
  const { types } = l.assembly.checker;
  if (namespace || l.unit.attachments[0].attachment.kind !== "syscall") return undefined;
  return types.struct("task_struct") && taskMember(l, [name], 32);
}

function checkNamespace(use: Use, c: Checking): Info {
  const [argument] = use.args;
  if (argument === undefined) return { type: UINT32 };
  if (argument.kind !== "identifier")
    return c.error(argument.span, `${use.name}() only supports curr_ns and init as the argument`);
  if (argument.name !== "curr_ns" && argument.name !== "init")
    return c.error(argument.span, `Invalid PID namespace mode: ${argument.name} (expects: curr_ns or init)`);
  return { type: UINT32 };
}

function namespaceOf({ args: [argument] }: Use, l: Lowerer): PidNamespace {
  const isInitial = argument?.kind === "identifier" && argument.name === "init";
  return isInitial ? undefined : l.assembly.checker.target.pidNamespace;
}

export const pid: Builtin = {
  name: "pid",
  form: "pid[(curr_ns|init)]",
  doc: "The process id (the kernel's tgid) of what runs when the probe fires, as the tracer's pid namespace has it (`curr_ns`, the default) or the machine's first one (`init`).",
  arity: [0, 1],
  pure: true,
  check: checkNamespace,
  lower: (use, l) => scalar(processId(l, namespaceOf(use, l))),
};

export const tid: Builtin = {
  name: "tid",
  form: "tid[(curr_ns|init)]",
  doc: "The thread id (the kernel's pid) of what runs when the probe fires, in the pid namespace that `pid` would be of.",
  arity: [0, 1],
  pure: true,
  check: checkNamespace,
  lower: (use, l) => scalar(threadId(l, namespaceOf(use, l))),
};

export const uid: Builtin = {
  name: "uid",
  form: "uid",
  doc: "The user id of what runs when the probe fires.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.extend(l.b.call("get_current_uid_gid"), 32, false)),
};

export const gid: Builtin = {
  name: "gid",
  form: "gid",
  doc: "The group id of what runs when the probe fires.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.alu("rsh", l.b.call("get_current_uid_gid"), 32n)),
};

export const username: Builtin = {
  name: "username",
  form: "username",
  doc: "The name of the user, looked up in /etc/passwd when it is printed.",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: { kind: "username" } }),
  lower: (_use, l) => scalar(l.b.extend(l.b.call("get_current_uid_gid"), 32, false)),
};

export const comm: Builtin = {
  name: "comm",
  form: "comm[(PID)]",
  doc: "The command name of the current thread, or of the process with this id: at most 15 characters; empty where there is none. With a PID requires Linux 6.2 (bpf_task_from_pid).",
  arity: [0, 1],
  pure: true,
  check(use, c) {
    if (use.args.length === 0) return { type: stringOf(COMM_BYTES) };
    const { type } = c.check(use.args[0]);
    if (!isInteger(type) && type.kind !== "none")
      return c.error(use.span, `comm() only supports an integer as its pid (${typeName(type)} provided)`);
    if (!taskStruct(c, use)) return { type: NONE };
    if (!c.target.features.kfunc("bpf_task_from_pid", c.context.programType))
      return c.error(use.span, "comm(PID) needs the kernel function bpf_task_from_pid, which this probe cannot call");
    return { type: stringOf(COMM_BYTES) };
  },
  lowerInto(use, l, to, type) {
    if (use.args.length > 0) return lowerCommOf(l, use, to, type);
    const offset = paddedCommOffset(l);
    if (offset === undefined) callForComm(l, to);
    else copyBytes(l, to, { base: l.b.inReg(currentTask(l)), offset, space: "trusted" }, COMM_BYTES);
    zeroBehind(l, to, type, COMM_BYTES);
  },
};

/**
 * Where the name stands in the kernel's task, with zeros behind it, which it has since Linux 5.17: in a key they count.
 * What is compiled to run elsewhere calls for it, and so depends on no struct.
 */
function paddedCommOffset(l: Lowerer): number | undefined {
  const [major, minor] = l.assembly.checker.target.kernelVersion;
  if (l.options.kernelReads !== "cast") return undefined;
  if (major < 5 || (major === 5 && minor < 17)) return undefined;
  return commOffset(l);
}

function commOffset(l: Lowerer): number | undefined {
  const struct = l.assembly.checker.types.struct("task_struct");
  return struct && findField(struct, "comm")?.offsetBytes;
}

/** Takes 50 ns more than to load it. */
function callForComm(l: Lowerer, to: Place): void {
  // Linux 5.17 to 6.6 leaves the bytes behind the NUL as they were.
  if (l.zeroFilled(to)) zero(l, to, COMM_BYTES);
  l.b.call("get_current_comm", addressArgument(l, to), BigInt(COMM_BYTES));
}

/** The name of the task with this pid, which is held while it is read. */
function lowerCommOf(l: Lowerer, use: Use, to: Place, type: Type): void {
  const pid = l.scalar(expressionAt(use, 0)!);
  const task = l.b.kfunc("bpf_task_from_pid", l.b.extend(pid, 32, true));
  zero(l, to, type.kind === "string" ? type.size : COMM_BYTES);
  const found = l.b.block();
  const after = l.b.block();
  l.b.branch("ne", task, 0n, found, after);
  l.b.enter(found);
  readComm(l, task, to);
  l.b.kfunc("bpf_task_release", task);
  l.b.jump(after);
  l.b.enter(after);
}

function readComm(l: Lowerer, task: Operand, to: Place): void {
  const from = l.b.add(task, BigInt(commOffset(l) ?? 0));
  l.b.call("probe_read_kernel", addressArgument(l, to), BigInt(COMM_BYTES), from);
}

/** Zeros behind the `used` bytes of a string that stands in a larger one. */
export function zeroBehind(l: Lowerer, to: Place, type: Type, used: number): void {
  if (type.kind === "string" && type.size > used) zero(l, shifted(to, used), type.size - used);
}

function taskStruct(c: Checking, use: Use): StructType | undefined {
  const task = c.types.struct("task_struct");
  if (!task)
    c.error(use.span, `${use.name} needs the kernel's BTF (/sys/kernel/btf/vmlinux) to know struct task_struct`);
  return task;
}

export const curtask: Builtin = {
  name: "curtask",
  form: "curtask",
  doc: "The kernel's struct task_struct of the current thread.",
  arity: [0, 0],
  pure: true,
  check(_use, c) {
    const task = c.types.struct("task_struct");
    return { type: task ? pointerTo(task, "trusted") : UINT64 };
  },
  lower: (_use, l) => scalar(currentTask(l)),
};

function currentTask(l: Lowerer): Operand {
  return l.b.call("get_current_task_btf");
}

/** A member of the current task that `path` leads to, through pointers. */
function taskMember(l: Lowerer, path: readonly string[], bits: 32 | 64): Operand {
  let value: Operand = currentTask(l);
  let struct = l.assembly.checker.types.struct("task_struct");
  path.forEach((name, index) => {
    const field = struct && findField(struct, name);
    if (!field) return;
    const last = index === path.length - 1;
    // Ids are never negative: no sign has to be extended.
    const type = last ? intType(bits, false) : UINT64;
    const base = l.b.inReg(value);
    value = readScalar(l, { base, offset: field.offsetBytes, space: "trusted" }, type);
    struct = field.type.kind === "pointer" && field.type.to.kind === "struct" ? field.type.to : undefined;
  });
  return value;
}

function relatedId(name: string, path: readonly string[], doc: string): Builtin {
  return {
    name,
    form: name,
    doc,
    arity: [0, 0],
    pure: true,
    check(use, c) {
      taskStruct(c, use);
      return { type: UINT32 };
    },
    lower: (_use, l) => scalar(taskMember(l, path, 32)),
  };
}

function relatedComm(name: string, member: string, doc: string): Builtin {
  return {
    name,
    form: name,
    doc,
    arity: [0, 0],
    pure: true,
    check(use, c) {
      taskStruct(c, use);
      return { type: stringOf(COMM_BYTES) };
    },
    lowerInto(_use, l, to, type) {
      readComm(l, taskMember(l, [member], 64), to);
      zeroBehind(l, to, type, COMM_BYTES);
    },
  };
}

/** `ppid`. */
export const ppid = relatedId("ppid", ["real_parent", "tgid"], "The process id of the parent process.");
/** `leader_tid`: the pid of the process, as the kernel calls it. */
export const leaderTid = relatedId(
  "leader_tid",
  ["group_leader", "pid"],
  "The thread id of the leader of the thread group.",
);
/** `pcomm`. */
export const pcomm = relatedComm(
  "pcomm",
  "real_parent",
  "The command name of the parent process: at most 15 characters.",
);
export const cgroup: Builtin = {
  name: "cgroup",
  form: "cgroup",
  doc: "The id of the current thread's cgroup (v2).",
  arity: [0, 0],
  pure: true,
  check: () => ({ type: UINT64 }),
  lower: (_use, l) => scalar(l.b.call("get_current_cgroup_id")),
};

export const cpid: Builtin = {
  name: "cpid",
  form: "cpid",
  doc: "The process id of the child that -c started; 0 without one.",
  arity: [0, 0],
  pure: true,
  check: (_use, c) => ({ type: UINT64, constant: BigInt(c.childPid ?? 0) }),
  lower: (_use, l) => scalar(BigInt(l.options.childPid ?? 0)),
};

export const hasCpid: Builtin = {
  name: "has_cpid",
  form: "has_cpid",
  doc: "Whether there is a child that -c started.",
  arity: [0, 0],
  pure: true,
  check: (_use, c) => ({ type: BOOL, constant: c.childPid !== undefined }),
};
