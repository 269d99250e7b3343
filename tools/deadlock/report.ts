/** What is said of a potential deadlock. */
import type { Row } from "../columns.ts";
import type { NamedFrame } from "../row-stacks.ts";
import type { LockOrder } from "./graph.ts";

/** Who began a thread, and where. */
export interface Creation {
  readonly tid: number;
  readonly comm: string;
  readonly stack: readonly NamedFrame[];
}

/** A cycle of mutexes, and the threads that made it. */
export interface Deadlock {
  readonly cycle: readonly LockOrder[];
  /** By thread; those that were there before the tool are not known. */
  readonly creations: ReadonlyMap<number, Creation>;
  /** The variable at an address. */
  readonly variable: (address: number) => string | undefined;
}

/** For programs. */
export function deadlockRow({ cycle, creations, variable }: Deadlock): Row {
  const names = (stack: readonly NamedFrame[]) => stack.map(({ name }) => name);
  return {
    mutexes: cycle.map(({ first }) => ({ address: hex(first), variable: variable(first) ?? null })),
    orders: cycle.map(({ first, second, tid, comm, firstStack, secondStack }) => ({
      first: hex(first),
      second: hex(second),
      tid,
      comm,
      first_stack: names(firstStack),
      second_stack: names(secondStack),
    })),
    threads: threadsOf(cycle).map((tid) => {
      const creation = creations.get(tid);
      return { tid, parent_tid: creation?.tid ?? null, stack: names(creation?.stack ?? []) };
    }),
  };
}

/** For people, as BCC and ThreadSanitizer have it. */
export function deadlockText({ cycle, creations, variable }: Deadlock): string {
  const titles = new Map(
    cycle.map(({ first }, index) => {
      const name = variable(first);
      return [first, `Mutex M${index} (${name === undefined ? "" : `${name} `}${padded(hex(first).slice(2))})`];
    }),
  );
  const title = (mutex: number) => titles.get(mutex) ?? hex(mutex);
  const around = [...cycle.map(({ first }) => title(first)), title(cycle[0].first)].join(" => ");
  return [
    "----------------\nPotential Deadlock Detected!\n",
    `Cycle in lock order graph: ${around}\n`,
    ...cycle.flatMap(({ first, second, tid, comm, firstStack, secondStack }) => [
      `${title(second)} acquired here while holding ${title(first)} in Thread ${tid} (${comm}):`,
      stackText(secondStack),
      `${title(first)} previously acquired by the same Thread ${tid} (${comm}) here:`,
      stackText(firstStack),
    ]),
    ...threadsOf(cycle).map((tid) => creationText(tid, creations.get(tid))),
  ].join("\n");
}

function creationText(tid: number, creation: Creation | undefined): string {
  if (creation === undefined) return `Could not find stack trace where Thread ${tid} was created\n`;
  const { tid: parent, comm, stack } = creation;
  return `Thread ${tid} created by Thread ${parent} (${comm}) here:\n${stackText(stack)}`;
}

function stackText(stack: readonly NamedFrame[]): string {
  return stack.map(({ address, name }) => `@ ${address.padStart(16, "0")} ${name}\n`).join("");
}

function threadsOf(cycle: readonly LockOrder[]): readonly number[] {
  return [...new Set(cycle.map(({ tid }) => tid))];
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}

function padded(digits: string): string {
  return `0x${digits.padStart(16, "0")}`;
}
