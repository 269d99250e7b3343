import type { FoldedStack } from "./folded.ts";

/** A rectangle of a flame graph. Positions and sizes are in counts, levels count up from the root's 0. */
export interface FlameFrame {
  readonly name: string;
  readonly level: number;
  /** Where it starts; its callees lie within it, in the order of their names. */
  readonly start: number;
  /** Counted in it and in what it called. */
  readonly total: number;
  /** The same of the profile that this one is compared with; 0 without one. */
  readonly before: number;
}

/** Stacks put together by their common callers: the frames that are wide enough to be seen. */
export interface FlameTree {
  /** A caller comes before what it called; the first one is the root of all. */
  readonly frames: readonly FlameFrame[];
  readonly total: number;
  /** Of the profile that this one is compared with. */
  readonly totalBefore: number;
  readonly levels: number;
}

/** What stands below all stacks. */
export const ROOT_NAME = "all";

interface Node {
  readonly name: string;
  readonly level: number;
  total: number;
  before: number;
  callees: Map<string, Node> | undefined;
}

/**
 * The tree of some stacks. Frames narrower than `leastShare` of the whole are left out with all that they called.
 * `before` are the stacks of another profile: they give frames their `before`, but none of their own.
 */
export function flameTree(
  stacks: readonly FoldedStack[],
  leastShare: number,
  before: readonly FoldedStack[] = [],
): FlameTree {
  const root = node(ROOT_NAME, 0);
  for (const { frames, count } of stacks) add(root, frames, count, 0);
  for (const { frames, count } of before) add(root, frames, 0, count);
  const frames = laidOut(root, Math.max(root.total * leastShare, Number.MIN_VALUE));
  const levels = frames.reduce((most, { level }) => Math.max(most, level + 1), 0);
  return { frames, total: root.total, totalBefore: root.before, levels };
}

function node(name: string, level: number): Node {
  return { name, level, total: 0, before: 0, callees: undefined };
}

function add(root: Node, frames: readonly string[], total: number, before: number): void {
  let at = root;
  at.total += total;
  at.before += before;
  for (const name of frames) {
    at.callees ??= new Map();
    let callee = at.callees.get(name);
    if (callee === undefined) {
      callee = node(name, at.level + 1);
      at.callees.set(name, callee);
    }
    callee.total += total;
    callee.before += before;
    at = callee;
  }
}

/** With a list of what is still to do in place of recursion: a file may have stacks of any depth. */
function laidOut(root: Node, least: number): FlameFrame[] {
  const frames: FlameFrame[] = [];
  const waiting = [{ node: root, start: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, start } = next;
    const { name, level, total, before } = node;
    if (total < least) continue;
    frames.push({ name, level, start, total, before });
    let from = start;
    const callees = [...(node.callees?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    const placed = callees.map((callee) => {
      const place = { node: callee, start: from };
      from += callee.total;
      return place;
    });
    waiting.push(...placed.reverse());
  }
  return frames;
}
