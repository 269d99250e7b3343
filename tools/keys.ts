import type { Screen } from "./tool.ts";

const CTRL_C = "\x03";

/** Keys that are pressed while a tool runs, without Enter; where no person can press them, or they mean nothing, it does nothing. */
export class Keys implements Disposable {
  readonly #onKey: Screen["onKey"];
  #onData: ((bytes: Buffer) => void) | undefined;

  constructor(onKey: Screen["onKey"]) {
    this.#onKey = onKey;
  }

  /** Reads them from now on; `stop` is what a key may do. Ctrl-C goes on ending the run. */
  begin(stop: () => void): void {
    const onKey = this.#onKey;
    if (onKey === undefined || !process.stdin.isTTY || !process.stdout.isTTY) return;
    this.#onData = (bytes) => {
      for (const key of bytes.toString("latin1")) {
        if (key === CTRL_C) process.kill(process.pid, "SIGINT");
        else onKey(key, stop);
      }
    };
    process.stdin.setRawMode(true).on("data", this.#onData).resume();
  }

  [Symbol.dispose](): void {
    if (this.#onData !== undefined) process.stdin.setRawMode(false).off("data", this.#onData).pause();
  }
}
