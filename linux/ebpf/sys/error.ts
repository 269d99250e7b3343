import { constants } from "node:os";

/** Of include/linux/errno.h: internal to the kernel, yet bpf(2) returns it. */
export const ENOTSUPP = 524;
/** Errors that callers tell apart, as positive numbers of this platform: {@link SyscallError.errno} holds one. */
export const {
  EPERM,
  ENOENT,
  ESRCH,
  EINTR,
  E2BIG,
  EAGAIN,
  ENOMEM,
  EACCES,
  EBADF,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOSPC,
  EOPNOTSUPP,
} = constants.errno;

// Where one number has two names, the one that the kernel's sources use.
const names = new Map<number, string>([
  [ENOTSUPP, "ENOTSUPP"],
  [EOPNOTSUPP, "EOPNOTSUPP"],
  [EAGAIN, "EAGAIN"],
]);
for (const [name, errno] of Object.entries(constants.errno)) if (!names.has(errno)) names.set(errno, name);

/** The name of an error number: `"EPERM"`. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** A system call that the kernel refused. */
export class SyscallError extends Error {
  override readonly name: string = "SyscallError";
  /** `"bpf"`, `"perf_event_open"`, … */
  readonly syscall: string;
  /** The command of `bpf(2)` or the request of `ioctl(2)`: `"BPF_MAP_CREATE"`. */
  readonly command: string | undefined;
  readonly errno: number;
  /** The name of `errno`: `"EPERM"`. */
  readonly code: string;
  /** What the reader can do about it. */
  readonly hint: string | undefined;

  constructor(syscall: string, command: string | undefined, errno: number, what?: string, options?: ErrorOptions) {
    const code = errnoName(errno);
    const hint = hintFor(syscall, command, errno);
    const call = command === undefined ? syscall : `${syscall}(${command})`;
    super(`${what === undefined ? "" : `${what}: `}${call}: ${code}${hint === undefined ? "" : ` (${hint})`}`, options);
    this.syscall = syscall;
    this.command = command;
    this.errno = errno;
    this.code = code;
    this.hint = hint;
  }
}

/** The same refusal, with words on what was being done in front. Other errors stay as they are. */
export function explained(error: unknown, what: string): unknown {
  if (!(error instanceof SyscallError) || error.constructor !== SyscallError) return error;
  return new SyscallError(error.syscall, error.command, error.errno, what, { cause: error });
}

function hintFor(syscall: string, command: string | undefined, errno: number): string | undefined {
  switch (errno) {
    case EPERM:
    case EACCES:
      return process.geteuid?.() === 0
        ? "the kernel forbids it even to this root: a missing capability, lockdown, or not built in"
        : "run it as root, or with CAP_BPF and CAP_PERFMON";
    case EAGAIN:
      return command === "BPF_PROG_LOAD"
        ? "signals interrupt the verifier each time it is tried: something sends this process too many"
        : undefined;
    case constants.errno.EMFILE:
      return "too many open files: raise `ulimit -n`";
    case ENOMEM:
      return "not enough memory, of the machine or of this control group";
    case constants.errno.ENOSYS:
      return `this kernel has no ${syscall} system call`;
    default:
      return undefined;
  }
}
