import { readdirSync } from "node:fs";
import { ProcessEvents, raiseOpenFilesLimit, SyscallError } from "@beetrace/ebpf";
import type { UserSymbols } from "@beetrace/ebpf/symbols";

/** How long the start and each tick may take for the processes that were there before: some 50 of them. */
const SURVEY_MS = 5;

/** What a {@link ProcessWatch} needs of the run around it. */
export interface ProcessWatchOptions {
  /** The process that the run is about; all by default. */
  readonly pid?: number;
  readonly onWarning: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the symbols of processes informed of where code is mapped, so that addresses have names when their process has
 * ended: of processes that begin from now on by what the kernel tells, of those that run already by /proc, a few at each
 * tick.
 */
export class ProcessWatch implements Disposable {
  readonly #symbols: UserSymbols;
  readonly #events: ProcessEvents | undefined;
  readonly #unread: number[];

  constructor(symbols: UserSymbols, options: ProcessWatchOptions) {
    this.#symbols = symbols;
    raiseOpenFilesLimit(); // the files that are mapped are kept open
    this.#events = openEvents(symbols, options);
    this.#unread = options.pid === undefined ? runningPids() : [];
    if (options.pid !== undefined) symbols.track(options.pid);
    this.#survey();
  }

  /** To be called before addresses are looked up. Where nothing happened it costs a load from memory for each CPU. */
  catchUp(): void {
    this.#events?.drain();
  }

  /** To be called from time to time. */
  tick(): void {
    this.catchUp();
    this.#survey();
  }

  #survey(): void {
    const deadline = performance.now() + SURVEY_MS;
    while (this.#unread.length > 0 && performance.now() < deadline) this.#symbols.discover(this.#unread.pop() ?? 0);
  }

  [Symbol.dispose](): void {
    this.#events?.[Symbol.dispose]();
  }
}

function openEvents(
  symbols: UserSymbols,
  { onWarning, onError }: Pick<ProcessWatchOptions, "onWarning" | "onError">,
): ProcessEvents | undefined {
  try {
    return new ProcessEvents({ onEvents: (events) => symbols.apply(events), onLost: () => symbols.doubt(), onError });
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    onWarning(`addresses of processes that end before they are shown will have no names: ${error.message}`);
    return undefined;
  }
}

/** Those that began last are read first. */
function runningPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
