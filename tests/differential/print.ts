/** Expressions as the text of a script. */
import { children, type Expression, type Place } from "./expressions.ts";
import { typeName } from "./types.ts";

/** The macros that expressions may use. */
export const MACROS = "macro twice(x) { x + x } macro larger(x, y) { x > y ? x : y }";

/** The text of an expression; what is not a name or a literal stands in parentheses. */
export function print(e: Expression): string {
  switch (e.kind) {
    case "number":
      return e.value < 0n ? `(${e.value})` : String(e.value);
    case "truth":
      return String(e.value);
    case "text":
      return JSON.stringify(e.value);
    case "read":
      return printPlace(e.place);
    case "cast":
      return `((${typeName(e.type)})${print(e.of)})`;
    case "unary":
      return `(${e.operator}${print(e.of)})`;
    case "arithmetic":
    case "comparison":
    case "logic":
      return `(${print(e.left)} ${e.operator} ${print(e.right)})`;
    case "choice":
      return printChoice(e);
    case "tuple":
      return `(${e.elements.map(print).join(", ")}${e.elements.length === 1 ? "," : ""})`;
    case "part":
      return `${print(e.of)}.${e.index}`;
    case "byte":
      return `${print(e.of)}[${print(e.index)}]`;
    case "strncmp":
      return `(strncmp(${print(e.left)}, ${print(e.right)}, ${e.count}) == 0)`;
    case "block": {
      const name = `$b${depth(e)}`;
      return `({ let ${name} = ${print(e.value)}; ${name} })`;
    }
    case "step":
      return e.prefix ? `(${e.operator}${printPlace(e.place)})` : `(${printPlace(e.place)}${e.operator})`;
    case "call":
    case "macro":
      return `${e.name}(${e.args.map(print).join(", ")})`;
  }
}

export function printPlace({ name, key }: Place): string {
  return key ? `${name}[${key.kind === "tuple" ? key.elements.map(print).join(", ") : print(key)}]` : name;
}

function printChoice({ form, condition, then, else: otherwise }: Expression & { kind: "choice" }): string {
  if (form === "if" && then) return `(if ${print(condition)} { ${print(then)} } else { ${print(otherwise)} })`;
  return then
    ? `(${print(condition)} ? ${print(then)} : ${print(otherwise)})`
    : `(${print(condition)} ?: ${print(otherwise)})`;
}

/** How many blocks are one in the other: a variable must not have the name of one around it. */
function depth(e: Expression): number {
  return (e.kind === "block" ? 1 : 0) + Math.max(0, ...children(e).map(depth));
}
