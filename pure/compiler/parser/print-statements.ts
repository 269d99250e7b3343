import type { Block, Expression, If, Span, Statement } from "../ast.ts";
import { scanToken } from "./lexer.ts";
import { takeOnLine } from "./print-comments.ts";
import { isBraced, printBare, printExpression, printPlain, printType } from "./print-expressions.ts";
import { besideBrace, type Layout, LINE_WIDTH, type Line, printSequence } from "./print-layout.ts";
import { hasValue } from "./values.ts";

/** `{ … }`: on one line when all it has is a short value. */
export function printBlock(layout: Layout, block: Block, indent: string): string {
  const inner = `${indent}  `;
  const { start, end } = block.span;
  const nodes: Line[] = block.statements.map((statement) => ({
    span: statement.span,
    print: () => printStatement(layout, statement, inner),
  }));
  const { value } = block;
  if (value !== undefined) nodes.push({ span: value.span, print: () => printValue(layout, value, inner) });
  const to = nodes[0]?.span.start ?? end;
  const head = besideBrace(takeOnLine(layout.comments, layout.source, start + 1, to));
  const lines = printSequence(layout, nodes, { span: { start: start + 1, end: end - 1 }, indent: inner });
  if (lines.length === 0 && head === "") return "{ }";
  const [only] = lines;
  const short = head === "" && block.statements.length === 0 && lines.length === 1 && !only.includes("\n");
  if (short && !/\/[/*]/.test(only) && only.length < LINE_WIDTH) return `{ ${only.trimStart()} }`;
  return [`{${head}`, ...lines, `${indent}}`].join("\n");
}

/** The value of a block. A braced one without a value of its own would read as a statement. */
function printValue(layout: Layout, value: Expression, indent: string): string {
  const text = printExpression(layout, value, indent);
  return isBraced(value) && !readsAsValue(value) ? `(${text})` : text;
}

function readsAsValue(value: Expression): boolean {
  if (value.kind === "block-expression") return value.block.value !== undefined;
  return value.kind === "if-expression" && hasValue(value.if);
}

/** An `if` with its arms; the condition always in parentheses. */
export function printIf(layout: Layout, statement: If, indent: string): string {
  const parts: string[] = [];
  let arm: Block | If | undefined = statement;
  for (; arm?.kind === "if"; arm = arm.else) {
    const condition = printExpression(layout, arm.condition, indent);
    parts.push(`if ${arm.comptime ? "comptime " : ""}(${condition}) ${printBlock(layout, arm.then, indent)}`);
  }
  if (arm !== undefined) parts.push(printBlock(layout, arm, indent));
  return parts.join(" else ");
}

function printStatement(layout: Layout, statement: Statement, indent: string): string {
  switch (statement.kind) {
    case "block":
      return printBlock(layout, statement, indent);
    case "if":
      return printIf(layout, statement, indent);
    case "while":
      return `while (${printExpression(layout, statement.condition, indent)}) ${printBlock(layout, statement.body, indent)}`;
    case "unroll":
      return `unroll (${printExpression(layout, statement.count, indent)}) ${printBlock(layout, statement.body, indent)}`;
    case "for-range": {
      const range = [statement.from, statement.to].map((bound) => printExpression(layout, bound, indent)).join("..");
      return `for ${statement.variable} : ${range} ${printBlock(layout, statement.body, indent)}`;
    }
    case "for-map": {
      const map = printExpression(layout, statement.map, indent);
      return `for ${statement.variable} : ${map} ${printBlock(layout, statement.body, indent)}`;
    }
    default:
      return `${printSimple(layout, statement, indent)};`;
  }
}

type Simple = Exclude<Statement, { kind: "block" | "if" | "while" | "unroll" | "for-range" | "for-map" }>;

function printSimple(layout: Layout, statement: Simple, indent: string): string {
  switch (statement.kind) {
    case "break":
    case "continue":
      return statement.kind;
    case "import":
      return printImport(layout.source, statement.span);
    case "discard":
      return `_ = ${printBare(layout, statement.value, indent, "_ = ".length)}`;
    case "return":
      return statement.value === undefined
        ? "return"
        : `return ${printBare(layout, statement.value, indent, "return ".length)}`;
    case "let": {
      const type = statement.type === undefined ? "" : `: ${printType(layout, statement.type, indent)}`;
      const head = `let ${statement.name}${type}`;
      return statement.value === undefined ? head : assign(layout, head, "=", statement.value, indent);
    }
    case "assignment": {
      const target = printPlain(layout, statement.target, indent);
      return assign(layout, target, `${statement.operator ?? ""}=`, statement.value, indent);
    }
    case "expression-statement":
      return printPlain(layout, statement.expression, indent);
  }
}

function assign(layout: Layout, target: string, operator: string, value: Expression, indent: string): string {
  const head = `${target} ${operator} `;
  return head + printBare(layout, value, indent, head.length);
}

/** `import "path"`, the path as written. */
export function printImport(source: string, span: Span): string {
  return `import ${scanToken(source, span.start + "import".length).text}`;
}
