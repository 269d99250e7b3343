import { writeSync } from "node:fs";
import { Handle } from "./handle.ts";
import { explained, SyscallError } from "./sys/error.ts";
import { kernel } from "./sys/kernel.ts";
import type { Sys } from "./sys/sys.ts";

/** Sends datagrams to who receives at a path: Node's own UNIX sockets are streams. */
export class DatagramSocket implements Disposable {
  readonly path: string;
  readonly #handle: Handle;

  /** Throws `SyscallError` where nobody receives. */
  constructor(path: string, sys: Sys = kernel) {
    this.path = path;
    try {
      this.#handle = new Handle(sys, "socket", path, sys.datagramSocket(path));
    } catch (error) {
      throw explained(error, path);
    }
  }

  /** Waits while the receiver has no room. Throws `SyscallError` where it has gone. */
  send(bytes: Uint8Array): void {
    try {
      writeSync(this.#handle.fd, bytes);
    } catch (cause) {
      if (!(cause instanceof Error && "errno" in cause && typeof cause.errno === "number")) throw cause;
      throw new SyscallError("write", undefined, -cause.errno, this.path, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]();
  }
}
