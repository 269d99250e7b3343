import type { Script, Span } from "../ast.ts";

/** The tallest syntax tree that is accepted: a pass that calls itself for each level does not run out of stack. */
export const MAX_HEIGHT = 1000;

/**
 * The place of a node deeper than {@link MAX_HEIGHT}, if there is one: a chain such as `1 + 1 + 1 + …` makes
 * a tall tree out of flat text. Walks with its own stack.
 */
export function findTooDeep(script: Script): Span | undefined {
  const pending: { readonly node: object; readonly depth: number; readonly span: Span }[] = [];
  pending.push({ node: script, depth: 0, span: script.span });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth } = next;
    const isNode = "kind" in node && "span" in node;
    const span = "span" in node && isSpan(node.span) ? node.span : next.span;
    const below = isNode ? depth + 1 : depth;
    if (below > MAX_HEIGHT) return span;
    for (const value of Object.values(node)) {
      if (typeof value === "object" && value !== null) pending.push({ node: value, depth: below, span });
    }
  }
  return undefined;
}

function isSpan(value: unknown): value is Span {
  return typeof value === "object" && value !== null && "start" in value && "end" in value;
}
