import { writeSync } from "node:fs";

/** When output is written: at once, after each batch of events, or when much has gathered (`-B none|line|full`). */
export type BufferMode = "none" | "line" | "full";

/** The stream cannot be written to any more. `code` is the errno's name: EPIPE when nobody reads it. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code: string;
  constructor(code: string, cause: unknown) {
    super(`cannot write the output: ${code}`, { cause });
    this.code = code;
  }
}

/** Where the output of a run goes, and how promptly. */
export interface SinkOptions {
  readonly fd: number;
  readonly mode: BufferMode;
  /** Called once, when the stream turns out to be broken; what is written after that is dropped. */
  readonly onFailure?: (error: OutputError) => void;
  /** In place of `fs.writeSync`, for tests: gives how many bytes were taken. */
  readonly write?: (fd: number, bytes: Uint8Array) => number;
}

const BATCH_CHARACTERS = 1 << 16;
const RETRY_MS = 1;

/**
 * A file descriptor that byte text (one character a byte) is written to. Writes are synchronous, so that nothing is
 * lost when the process ends; text of many events goes out in one write.
 */
export class OutputSink {
  readonly #options: SinkOptions;
  readonly #write: (fd: number, bytes: Uint8Array) => number;
  #pending = "";
  #failure: OutputError | undefined;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#write = options.write ?? ((fd, bytes) => writeSync(fd, bytes));
  }

  /** Why the stream is broken, if it is. */
  get failure(): OutputError | undefined {
    return this.#failure;
  }

  /** Appends byte text. */
  write(byteText: string): void {
    this.#pending += byteText; // a rope: the characters are copied once, when the batch is written
    if (this.#pending.length >= BATCH_CHARACTERS || this.#options.mode === "none") this.flush();
  }

  /** Appends Unicode text as UTF-8. */
  writeUnicode(text: string): void {
    const ascii = Buffer.byteLength(text) === text.length;
    this.write(ascii ? text : Buffer.from(text).toString("latin1"));
  }

  /** A batch of events was handled: writes what gathered, unless the mode is `full`. */
  endBatch(): void {
    if (this.#options.mode !== "full") this.flush();
  }

  /** Writes all that gathered. */
  flush(): void {
    if (this.#pending === "") return;
    const bytes = Buffer.from(this.#pending, "latin1");
    this.#pending = "";
    if (this.#failure === undefined) this.#writeAll(bytes);
  }

  #writeAll(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      try {
        at += this.#write(this.#options.fd, bytes.subarray(at));
      } catch (error) {
        const code = codeOf(error);
        if (code === "EAGAIN") sleep(RETRY_MS);
        else return this.#fail(new OutputError(code, error));
      }
    }
  }

  #fail(error: OutputError): void {
    this.#failure = error;
    this.#options.onFailure?.(error);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  throw error;
}

/** A pipe that another process made non-blocking is full: there is nothing to do but to wait for its reader. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
