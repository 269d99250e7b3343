/** What a compiled script takes for granted of the machine that it was compiled for, so that another can be asked. */

/** Which question of a machine, in the words of `askAgain`. */
export type Question =
  | "arch"
  | "cpus"
  | "page size"
  | "pid namespace"
  | "feature"
  | "frames"
  | "field"
  | "constant"
  | "function"
  | "raw tracepoint"
  | "tracepoint"
  | "bpf functions"
  | "user functions"
  | "user address"
  | "user symbol"
  | "debug information"
  | "usdt"
  | "cgroup"
  | "kernel address";

/** A question that the compiler asked, and what it was told. */
export interface Fact {
  readonly question: Question;
  readonly args: readonly string[];
  readonly answer: string;
}

/** Gathers facts, each question once. */
export class Facts {
  readonly #facts = new Map<string, Fact>();

  note(question: Question, args: readonly string[], answer: string): void {
    this.#facts.set(`${question} ${args.join("\0")}`, { question, args, answer });
  }

  get all(): readonly Fact[] {
    return [...this.#facts.values()];
  }
}
