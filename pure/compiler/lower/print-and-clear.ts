import type { Block, Call, Expression } from "../ast.ts";

/** Calls that only show something: what stands between a print and a clear must not matter to the map. */
const SHOWING: ReadonlySet<string> = new Set(["print", "printf", "time", "clear"]);

/**
 * The calls of a block that print a map and, with nothing but output between, clear it. User space does both in one step:
 * what is counted after the one and before the other would be lost.
 */
export function printsThatClear({ statements, value }: Block): ReadonlySet<Call> {
  const both = new Set<Call>();
  const printed = new Map<string, Call>();
  const expressions = statements.map((each) => (each.kind === "expression-statement" ? each.expression : undefined));
  for (const expression of [...expressions, value]) {
    if (expression?.kind !== "call" || !SHOWING.has(expression.name)) {
      printed.clear();
      continue;
    }
    const map = wholeMap(expression);
    if (map === undefined) continue;
    const print = printed.get(map);
    if (expression.name === "print") {
      printed.set(map, expression);
    } else if (print !== undefined) {
      both.add(print).add(expression);
      printed.delete(map);
    }
  }
  return both;
}

/** The map that `print(@m)` or `clear(@m)` is about. */
function wholeMap({ name, args: [argument] }: Call): string | undefined {
  const isWhole = (e: Expression | Call["args"][number] | undefined) => e?.kind === "map" && e.key === undefined;
  if ((name !== "print" && name !== "clear") || !isWhole(argument)) return undefined;
  return argument.kind === "map" ? argument.name : undefined;
}
