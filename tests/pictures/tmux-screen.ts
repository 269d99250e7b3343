import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../tracing/process.ts";

const TMUX = "/usr/bin/tmux";
/** Whether screens can be made here. */
export const HAS_TMUX = existsSync(TMUX);
const PATIENCE_MS = 20_000;

/** A terminal of its own, in which one command runs and then waits. */
export class Screen implements Disposable {
  readonly #socket = `beetrace-${process.pid}-${Math.trunc(performance.now())}`;

  constructor(command: string, columns: number, rows: number) {
    const run = `set -m; cd ${root}; ${command}; status=$?`;
    const resume = "while [ $status = 148 ]; do echo stopped; read line; fg >/dev/null; status=$?; done";
    const shell = `${run}; ${resume}; echo "status $status"; read line`;
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", String(rows), "bash", "-c", shell);
  }

  text(): string {
    return this.#tmux("capture-pane", "-p");
  }

  /** With the control sequences of its colours. */
  colored(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  press(key: string): void {
    this.#tmux("send-keys", key);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Waits until the screen matches. */
  async until(pattern: RegExp): Promise<string> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
      const text = this.text();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`no ${pattern} in\n${text}`);
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#tmux("kill-server");
    } catch {} // it is gone already
  }

  #tmux(...args: string[]): string {
    return execFileSync(TMUX, ["-L", this.#socket, ...args], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
  }
}
