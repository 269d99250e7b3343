/** Why a run ends: a signal, `exit()`, the traced process ended, the time is over, nobody reads the output, it costs too much. */
export type StopReason = "signal" | "exit" | "target-ended" | "duration" | "output-closed" | "overhead";

/** Waits for the first reason to stop. */
export class StopSwitch {
  /** Rejects when something went wrong while events were handled. */
  readonly stopped: Promise<StopReason>;
  /** Whether a signal asked for it, first or since. */
  isSignalled = false;
  #resolve: (reason: StopReason) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor() {
    this.stopped = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.stopped.catch(() => {}); // whoever waits for it hears of it
  }

  /** Only the first reason counts. */
  stop(reason: StopReason): void {
    if (reason === "signal") this.isSignalled = true;
    this.#resolve(reason);
  }

  /** Something went wrong: the run cannot go on. */
  readonly fail = (error: unknown): void => this.#reject(error);

  /** For callbacks of the event loop: what they throw stops the run. */
  guard(callback: () => void): () => void {
    return () => {
      try {
        callback();
      } catch (error) {
        this.fail(error);
      }
    };
  }
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal that comes so soon after the first, or after the end of the run, asks for the same. */
const SAME_MS = 500;

/**
 * The first SIGINT, SIGTERM or SIGHUP stops the run. What follows at once is the same wish: a terminal signals all
 * processes, and a parent may hand its own on. After that they have their usual effect, so that a second one kills.
 * SIGUSR1 is for `self` probes (Node would start its debugger).
 */
export function watchSignals(onStop: () => void, onUser: () => void): Disposable {
  let stoppedAt: number | undefined;
  const leave = () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
  };
  const stop = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (stoppedAt === undefined) {
      stoppedAt = now;
      onStop();
    } else if (now - stoppedAt >= SAME_MS) {
      leave();
      process.kill(process.pid, signal);
    }
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  process.on("SIGUSR1", onUser);
  return {
    [Symbol.dispose]() {
      stoppedAt ??= performance.now();
      setTimeout(leave, SAME_MS).unref();
      process.removeListener("SIGUSR1", onUser);
    },
  };
}
