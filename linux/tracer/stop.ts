/** Why a run ends: a signal, `exit()`, the traced process ended, nothing is left to wait for, nobody reads the output. */
export type StopReason = "signal" | "exit" | "target-ended" | "idle" | "output-closed";

/** Waits for the first reason to stop. */
export class StopSwitch {
  readonly stopped: Promise<StopReason>;
  #resolve: (reason: StopReason) => void = () => {};
  #reason: StopReason | undefined;

  constructor() {
    this.stopped = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** The reason, once there is one. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Only the first reason counts. */
  stop(reason: StopReason): void {
    this.#reason ??= reason;
    this.#resolve(this.#reason);
  }
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first SIGINT, SIGTERM or SIGHUP stops the run; after that they have their usual effect, so that a second one
 * kills. SIGUSR1 is for `self` probes (Node would start its debugger).
 */
export function watchSignals(onStop: () => void, onUser: () => void): Disposable {
  const leave = () => {
    for (const signal of STOP_SIGNALS) process.removeListener(signal, stop);
  };
  const stop = () => {
    leave();
    onStop();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  process.on("SIGUSR1", onUser);
  return {
    [Symbol.dispose]() {
      leave();
      process.removeListener("SIGUSR1", onUser);
    },
  };
}
