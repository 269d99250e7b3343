/**
 * A demangled C++ name without its parameter list and what follows it: `a::f(int) const` becomes `a::f`.
 * `operator()` and `(anonymous namespace)` are names, not parameters.
 */
export function withoutParameters(demangled: string): string {
  const end = demangled.lastIndexOf(")");
  if (end < 0) return demangled;
  let depth = 0;
  for (let at = end; at >= 0; at--) {
    if (demangled[at] === ")") depth++;
    else if (demangled[at] === "(" && --depth === 0)
      return isName(demangled, at, end) ? demangled : demangled.slice(0, at);
  }
  return demangled;
}

function isName(text: string, open: number, close: number): boolean {
  const inside = text.slice(open, close + 1);
  return inside === "(anonymous namespace)" || (inside === "()" && text.slice(0, open).endsWith("operator"));
}
