import { writeSync } from "node:fs";
import { LiveLog } from "./live-log.ts";
import { Terminal, type TerminalEvents } from "./terminal.ts";

const STDOUT = 1;

/** The terminal of a run. It can be taken as a screen: what is written meanwhile is kept, and shown after that. */
export class RunTerminal implements Disposable {
  readonly #log = new LiveLog();
  #screen: Terminal | undefined;

  /** In place of `fs.writeSync` for what goes to the terminal. */
  readonly write = (fd: number, bytes: Uint8Array): number =>
    this.#screen === undefined ? writeSync(fd, bytes) : this.#log.take(bytes);

  /** Takes the screen. */
  take(events: TerminalEvents): void {
    this.#screen = new Terminal(events);
  }

  get isTaken(): boolean {
    return this.#screen !== undefined;
  }

  /** Its size, while it is taken. */
  get size(): ScreenSize | undefined {
    return this.#screen && { columns: this.#screen.columns, rows: this.#screen.rows };
  }

  /** The last lines that were written since it was taken, as many as the screen has. Unicode. */
  get written(): readonly string[] {
    return this.#log.last(this.#screen?.rows ?? 0);
  }

  /** Shows these lines from the top. */
  draw(lines: readonly string[]): void {
    this.#screen?.draw(lines);
  }

  /** Gives the screen back; what was written on it is shown where it was to go. */
  [Symbol.dispose](): void {
    if (this.#screen === undefined) return;
    this.#screen[Symbol.dispose]();
    this.#screen = undefined;
    const bytes = Buffer.from(this.#log.drain(), "latin1");
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
  }
}

/** Of a terminal, in characters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}
