import { writeSync } from "node:fs";

/** What a {@link Terminal} tells of. */
export interface TerminalEvents {
  /** A key that sends one byte. */
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

/**
 * Control sequences of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html): the alternate screen, no cursor,
 * no wrapping at the right edge.
 */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/** A terminal that knows these shows what stands between them at once. */
const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";

const SUSPEND = "\x1a";

/** The terminal as a screen: it is taken when this is made and given back when it is disposed, also at a crash. */
export class Terminal implements Disposable {
  readonly #events: TerminalEvents;
  readonly #onInput = (bytes: Buffer): void => this.#input(bytes.toString("latin1"));
  readonly #onExit = (): void => this.#leave();
  #isOn = false;

  constructor(events: TerminalEvents) {
    this.#events = events;
    this.#enter();
    process.stdout.on("resize", events.onResize);
    process.on("exit", this.#onExit);
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  get rows(): number {
    return process.stdout.rows || 24;
  }

  /** Shows these lines from the top, and nothing below. A line is erased first: behind a full one, its end would be. */
  draw(lines: readonly string[]): void {
    if (!this.#isOn) return;
    const below = lines.length < this.rows ? "\r\n\x1b[J" : ""; // a line end in the last row would scroll
    write(`${BEGIN_UPDATE}\x1b[H${lines.map((line) => `\x1b[K${line}`).join("\r\n")}${below}${END_UPDATE}`);
  }

  [Symbol.dispose](): void {
    this.#leave();
    process.stdout.off("resize", this.#events.onResize);
    process.off("exit", this.#onExit);
  }

  #enter(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true);
      process.stdin.on("data", this.#onInput);
      process.stdin.resume();
    }
    write(ENTER);
    this.#events.onResize();
  }

  #leave(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    write(LEAVE);
    if (process.stdin.isTTY) {
      process.stdin.off("data", this.#onInput);
      process.stdin.pause();
      process.stdin.setRawMode(false);
    }
  }

  #input(text: string): void {
    if (!text.startsWith("\x1b")) for (const key of text) this.#key(key); // else one of the keys that send a sequence
  }

  /**
   * In raw mode Ctrl-Z comes as a byte: what the terminal would do is done here. The kernel stops the process within the
   * call, and lets it return when the process is continued, or at once where no shell could continue it.
   */
  #key(key: string): void {
    if (key !== SUSPEND) {
      this.#events.onKey(key);
      return;
    }
    this.#leave();
    process.kill(process.pid, "SIGTSTP");
    this.#enter();
  }
}

/** A terminal that is gone ends the run by SIGHUP: it need not fail here as well. */
function write(text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  } catch {}
}
