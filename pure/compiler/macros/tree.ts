/** Copies of syntax trees, with some nodes replaced. */
import type { Span } from "../ast.ts";

/** What a copy of a tree does with its parts. */
export interface Rebuild {
  /** What stands in the place of a node; `undefined`: a copy of it, whose parts are asked about in turn. */
  readonly node: (node: TreeNode) => object | undefined;
  readonly span: (span: Span) => Span;
}

/** Any node of a tree. */
export interface TreeNode {
  readonly kind: string;
}

/**
 * A copy of a tree or of a list of trees: every node of it is new, for what is found out about a node is kept under the
 * node itself. The one place that goes through all kinds of nodes alike.
 */
export function rebuilt<T>(tree: T, how: Rebuild): T {
  return copy(tree, how) as T;
}

function copy(value: unknown, how: Rebuild): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => copy(each, how));
  if (isNode(value)) return how.node(value) ?? parts(value, how);
  return isSpan(value) ? how.span(value) : parts(value, how);
}

/** A copy of a node itself, whatever {@link Rebuild.node} would put in its place. */
export function parts<T extends object>(node: T, how: Rebuild): T {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) result[name] = copy(value, how);
  return result as T;
}

function isNode(value: object): value is TreeNode {
  return "kind" in value && typeof value.kind === "string";
}

function isSpan(value: object): value is Span {
  return "start" in value && "end" in value;
}

const AS_IT_IS: Rebuild = { node: () => undefined, span: (span) => span };

/** A plain copy. */
export function copied<T>(tree: T): T {
  return rebuilt(tree, AS_IT_IS);
}

/** A copy whose places count from another offset: that of its file among all files. */
export function movedBy<T>(tree: T, offset: number): T {
  return rebuilt(tree, {
    node: () => undefined,
    span: ({ start, end }) => ({ start: start + offset, end: end + offset }),
  });
}
