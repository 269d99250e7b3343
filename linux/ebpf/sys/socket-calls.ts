import { constants } from "node:os";
import { syscall } from "../ffi.ts";
import { memoryOf, succeeded } from "./attr.ts";
import { SyscallError } from "./error.ts";
import { close } from "./perf-calls.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** `sun_path` of struct sockaddr_un, its NUL included. */
const PATH_BYTES = 108;

/** See `Sys.datagramSocket`. */
export function datagramSocket(path: string): number {
  const name = new TextEncoder().encode(path);
  if (name.length >= PATH_BYTES) throw new SyscallError("connect", undefined, constants.errno.ENAMETOOLONG);
  const address = new Uint8Array(2 + name.length + 1);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 2);
  const fd = succeeded("socket", undefined, syscall("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  try {
    succeeded("connect", undefined, syscall("connect", fd, memoryOf(address).address, address.length));
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
