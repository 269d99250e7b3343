import { allocate, syscall } from "./ffi.ts";
import { succeeded } from "./sys/attr.ts";

const RLIMIT_NOFILE = 7;

/**
 * Raises the soft limit of open files to the hard one, which needs no privilege: a file descriptor per attachment is
 * soon more than the usual 1,024. Gives the limit now in force.
 */
export function raiseOpenFilesLimit(): number {
  const limits = allocate(16); // struct rlimit64 { rlim_cur, rlim_max }
  const words = new BigUint64Array(limits.bytes.buffer, 0, 2);
  succeeded("prlimit64", undefined, syscall("prlimit64", 0, RLIMIT_NOFILE, 0, limits.address));
  if (words[0] !== words[1]) {
    words[0] = words[1];
    succeeded("prlimit64", undefined, syscall("prlimit64", 0, RLIMIT_NOFILE, limits.address, 0));
  }
  return Number(words[0]);
}
