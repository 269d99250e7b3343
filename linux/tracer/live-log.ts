import { utf8 } from "@beetrace/std";

/** Lines that are kept. */
const LINES_MAX = 1000;

/** What is printed while the maps have the screen: bytes go in, their last lines are kept. */
export class LiveLog {
  #lines: string[] = [];
  #rest = "";
  #dropped = 0;

  /** Takes bytes of the output; how many, which is all of them. */
  readonly take = (bytes: Uint8Array): number => {
    const parts = (this.#rest + Buffer.from(bytes).toString("latin1")).split("\n");
    this.#rest = parts.pop() ?? "";
    this.#lines.push(...parts);
    const excess = this.#lines.length - LINES_MAX;
    if (excess > 0) {
      this.#lines.splice(0, excess);
      this.#dropped += excess;
    }
    return bytes.length;
  };

  /** The last lines, at most so many, as Unicode. */
  last(count: number): string[] {
    const lines = this.#rest === "" ? this.#lines : [...this.#lines, this.#rest];
    return count < 1 ? [] : lines.slice(-count).map(decode);
  }

  /** All that is kept, to be shown once there is no screen any more. Byte text. */
  drain(): string {
    const note = this.#dropped === 0 ? "" : `(${this.#dropped} lines before these)\n`;
    const text = this.#lines.map((line) => `${line}\n`).join("");
    const all = `${note}${text}${this.#rest}`;
    this.#lines = [];
    this.#rest = "";
    return all;
  }
}

function decode(byteText: string): string {
  return utf8(Buffer.from(byteText, "latin1"));
}
