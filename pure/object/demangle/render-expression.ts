import type { ExpressionNode, ItaniumNode } from "./itanium-node.ts";
import { joined, packIn, type Render, type Scope } from "./itanium-scope.ts";
import { LITERAL_SUFFIXES } from "./itanium-tables.ts";

/** Prints an expression, with parentheses around all operands but names. */
export function renderExpression(node: ExpressionNode, scope: Scope, render: Render): string {
  const operand = (part: ItaniumNode) => renderOperand(part, scope, render);
  switch (node.kind) {
    case "literal":
      return renderLiteral(render(node.type, scope), node.text);
    case "functionParam":
      return node.text;
    case "unary":
      return renderUnary(node, scope, render);
    case "postfix":
      return operand(node.operand) + node.operator.text;
    case "binary":
      return renderBinary(node, scope, render);
    case "conditional":
      return `${operand(node.test)}?${operand(node.yes)} : ${operand(node.no)}`;
    case "call":
      return `${operand(calleeName(node.callee))}(${joined(node.args, scope, render)})`;
    case "cast":
      return `(${render(node.type, scope)})${node.isList ? `(${joined(node.operands, scope, render)})` : operand(node.operands[0])}`;
    case "namedCast":
      return `${node.operator.text}<${render(node.type, scope)}>(${render(node.operand, scope)})`;
    case "braces":
      return `${node.type ? render(node.type, scope) : ""}{${joined(node.elements, scope, render)}}`;
    case "packSize":
      return String(packSize(node.of, scope));
    case "fold":
      return renderFold(node, scope, render);
    case "new":
      return renderNew(node, scope, render);
  }
}

function renderOperand(node: ItaniumNode, scope: Scope, render: Render): string {
  const text = render(node, scope);
  const isSimple =
    node.kind === "text" || node.kind === "qualified" || node.kind === "braces" || node.kind === "functionParam";
  return isSimple ? text : `(${text})`;
}

/** A call names the function without the types of its parameters: the arguments follow. */
function calleeName(callee: ItaniumNode): ItaniumNode {
  return callee.kind === "encoding" ? callee.name : callee;
}

function renderLiteral(type: string, digits: string): string {
  const value = digits.startsWith("n") ? `-${digits.slice(1)}` : digits;
  if (type === "bool" && value === "0") return "false";
  if (type === "bool" && value === "1") return "true";
  const suffix = LITERAL_SUFFIXES[type];
  if (suffix !== undefined) return value + suffix;
  if (type === "float" || type === "double" || type === "long double") return `(${type})[${value}]`;
  return `(${type})${value}`;
}

function renderUnary(node: ExpressionNode & { kind: "unary" }, scope: Scope, render: Render): string {
  const { code, text } = node.operator;
  if (code === "st" || code === "at" || code === "ti" || code === "nx")
    return `${text}(${render(node.operand, scope)})`;
  if (code === "gs") return text + render(node.operand, scope);
  if (code === "ad" && node.operand.kind === "encoding" && node.operand.name.kind === "qualified") {
    return text + render(node.operand.name, scope);
  }
  return text + renderOperand(node.operand, scope, render);
}

function renderBinary(node: ExpressionNode & { kind: "binary" }, scope: Scope, render: Render): string {
  const left = renderOperand(node.left, scope, render);
  if (node.operator.code === "ix") return `${left}[${render(node.right, scope)}]`;
  const text = left + node.operator.text + renderOperand(node.right, scope, render);
  // Within template arguments a bare `>` would read as their end.
  return node.operator.code === "gt" ? `(${text})` : text;
}

function packSize(of: ItaniumNode, scope: Scope): number {
  if (of.kind !== "pack") return packIn(of, scope)?.length ?? 0;
  return of.args.reduce(
    (sum, arg) => sum + (arg.kind === "expansion" ? (packIn(arg.pattern, scope)?.length ?? 1) : 1),
    0,
  );
}

function renderFold(node: ExpressionNode & { kind: "fold" }, scope: Scope, render: Render): string {
  const { text } = node.operator;
  // The operand is shown as a pattern: the whole pack at once.
  const pack = renderOperand(node.pack, { ...scope, packIndex: undefined }, render);
  const start = node.start === undefined ? "" : renderOperand(node.start, scope, render);
  if (node.isLeft) return `(${start}${start === "" ? "" : text}...${text}${pack})`;
  return `(${pack}${text}...${start === "" ? "" : text}${start})`;
}

function renderNew(node: ExpressionNode & { kind: "new" }, scope: Scope, render: Render): string {
  const placement = node.placement.length === 0 ? "" : ` (${joined(node.placement, scope, render)})`;
  const init = node.init === undefined ? "" : `(${joined(node.init, scope, render)})`;
  return `${node.operator.text}${placement} ${render(node.type, scope)}${init}`;
}
