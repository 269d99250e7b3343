/** Terminals for tests. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "./process.ts";

const TMUX = "/usr/bin/tmux";
const PATIENCE_MS = 20_000;

/** Whether there is tmux, which {@link Screen} needs. */
export const hasTerminals = existsSync(TMUX);

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

  /** Types a text, characters of control among it. */
  type(text: string): void {
    this.#tmux("send-keys", "-l", "--", text);
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
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    return execFileSync(TMUX, ["-L", this.#socket, ...args], { encoding: "utf8", env });
  }
}
