/** Which mutex is taken while which other is held. */
import type { NamedFrame } from "../row-stacks.ts";

/** A thread took `second` while it held `first`. Mutexes are addresses. */
export interface LockOrder {
  readonly first: number;
  readonly second: number;
  readonly tid: number;
  readonly comm: string;
  readonly firstStack: readonly NamedFrame[];
  readonly secondStack: readonly NamedFrame[];
}

/** Mutexes, and the orders in which threads took them. A cycle may end in a deadlock. */
export class LockGraph {
  readonly #orders = new Map<number, Map<number, LockOrder>>();
  readonly #mutexes = new Set<number>();

  get mutexes(): readonly number[] {
    return [...this.#mutexes];
  }

  get orders(): readonly LockOrder[] {
    return [...this.#orders.values()].flatMap((seconds) => [...seconds.values()]);
  }

  /** Gives a shortest cycle that this order closes, from its first mutex on. */
  add(order: LockOrder): readonly LockOrder[] | undefined {
    const { first, second } = order;
    this.#mutexes.add(first).add(second);
    const seconds = this.#orders.get(first) ?? new Map<number, LockOrder>();
    this.#orders.set(first, seconds);
    if (!seconds.has(second)) seconds.set(second, order);
    const back = this.#path(second, first);
    return back === undefined ? undefined : [order, ...back];
  }

  /** Breadth first. */
  #path(from: number, to: number): readonly LockOrder[] | undefined {
    const reached = new Map<number, LockOrder | undefined>([[from, undefined]]);
    for (const mutex of reached.keys()) {
      if (mutex === to) return pathTo(mutex, reached);
      for (const [next, order] of this.#orders.get(mutex) ?? []) if (!reached.has(next)) reached.set(next, order);
    }
    return undefined;
  }
}

function pathTo(mutex: number, reached: ReadonlyMap<number, LockOrder | undefined>): readonly LockOrder[] {
  const path: LockOrder[] = [];
  for (let order = reached.get(mutex); order !== undefined; order = reached.get(order.first)) path.unshift(order);
  return path;
}

/** As node-link data, the form in which graphs are exchanged by networkx and d3. */
export function nodeLinkData(graph: LockGraph): string {
  const nodes = graph.mutexes;
  const position = new Map(nodes.map((mutex, index) => [mutex, index]));
  const links = graph.orders.map(({ first, second, tid, comm, firstStack, secondStack }) => ({
    source: position.get(first),
    target: position.get(second),
    thread_pid: tid,
    thread_comm: comm,
    first_mutex_stack: firstStack.map(({ name }) => name),
    second_mutex_stack: secondStack.map(({ name }) => name),
  }));
  const ids = nodes.map((id) => ({ id }));
  return `${JSON.stringify({ directed: true, multigraph: false, graph: {}, links, nodes: ids })}\n`;
}
