/** Entries for the journal of systemd, by its own protocol: systemd.io/JOURNAL_NATIVE_PROTOCOL. */
import { DatagramSocket, SyscallError } from "@beetrace/ebpf";
import { type Row, ToolError } from "./tool.ts";

const SOCKET = "/run/systemd/journal/socket";

/** The journal of this machine, open to be written. */
export class Journal {
  readonly #socket: DatagramSocket;

  /** Throws {@link ToolError} where there is none. */
  constructor() {
    try {
      this.#socket = new DatagramSocket(SOCKET);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      throw new ToolError(
        `the journal cannot be written: ${error.message}`,
        "--journal takes a running systemd-journald",
      );
    }
  }

  /** Adds an entry; its fields have the names of systemd.journal-fields(7). Throws `SyscallError`. */
  log(fields: Row): void {
    this.#socket.send(journalEntry(fields));
  }
}

/** An entry as it is sent: `NAME=value` lines; a value of several lines has its length, 64 bits, in front of it. */
export function journalEntry(fields: Row): Uint8Array {
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => {
      const bytes = Buffer.from(String(value));
      if (!bytes.includes("\n")) return [Buffer.from(`${name}=`), bytes, NEWLINE];
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(bytes.length));
      return [Buffer.from(`${name}\n`), length, bytes, NEWLINE];
    }),
  );
}

const NEWLINE = Buffer.from("\n");
