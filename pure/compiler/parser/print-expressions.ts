import type { Binary, Call, Conditional, Expression, FieldAccess, IndexAccess, TypeName, Unary } from "../ast.ts";
import { binaryRules } from "./operators.ts";
import { type Layout, LINE_WIDTH } from "./print-layout.ts";
import { isTypeWord } from "./type-names.ts";

/** How tightly a printed expression holds together; binary operators lie between `conditional` and `unary`. */
const CONDITIONAL = 0;
const UNARY = 20;
const POSTFIX = 21;

/** The text of an expression, without an indent on its first line. */
export function printExpression(layout: Layout, e: Expression, indent: string): string {
  switch (e.kind) {
    case "int":
    case "decimal":
    case "string":
      return e.text;
    case "bool":
      return String(e.value);
    case "positional":
      return `$${e.index}`;
    case "positional-count":
      return "$#";
    case "identifier":
    case "variable":
      return e.name;
    case "map":
      return e.name + (e.key === undefined ? "" : `[${printKey(layout, e.key, indent)}]`);
    case "call":
    case "inline-call":
      return `${e.name}(${e.args.map((arg) => printArgument(layout, arg, indent)).join(", ")})`;
    case "unary":
      return printUnary(layout, e, indent);
    case "step": {
      const operand = printOperand(layout, e.operand, e.prefix ? UNARY : POSTFIX, indent);
      if (!e.prefix) return operand + e.operator;
      return e.operator + (operand.startsWith(e.operator[0]) ? `(${operand})` : operand);
    }
    case "binary":
      return printBinary(layout, e, indent);
    case "conditional":
      return printConditional(layout, e, indent);
    case "field":
      return printField(layout, e, indent);
    case "index":
      return printIndex(layout, e, indent);
    case "cast":
      return `(${printType(layout, e.type, indent)})${printCastOperand(layout, e.type, e.operand, indent)}`;
    case "sizeof":
    case "typeof":
    case "typeinfo":
      return `${e.kind}(${printArgument(layout, e.operand, indent)})`;
    case "offsetof":
      return `offsetof(${printArgument(layout, e.type, indent)}, ${e.path.join(".")})`;
    case "tuple":
      return `(${printList(layout, e.elements, indent)}${e.elements.length === 1 ? "," : ""})`;
    case "record":
      return `(${e.fields.map(({ name, value }) => `${name} = ${printExpression(layout, value, indent)}`).join(", ")})`;
    case "block-expression":
      return layout.block(layout, e.block, indent);
    case "if-expression":
      return layout.if(layout, e.if, indent);
    case "comptime":
      return `comptime ${printExpression(layout, e.operand, indent)}`;
  }
}

/** An expression as a statement: one that begins with a brace or `if` would be read as a block. */
export function printPlain(layout: Layout, e: Expression, indent: string): string {
  return isBraced(e) ? `(${printExpression(layout, e, indent)})` : printBare(layout, e, indent, 0);
}

/** An expression behind `used` characters of its line. A call that makes the line too long is broken after commas. */
export function printBare(layout: Layout, e: Expression, indent: string, used: number): string {
  const text = printExpression(layout, e, indent);
  const fits = indent.length + used + text.length < LINE_WIDTH;
  return fits || text.includes("\n") || e.kind !== "call" || e.args.length < 2
    ? text
    : breakCall(layout, e, indent, used);
}

function breakCall(layout: Layout, call: Call, indent: string, used: number): string {
  const inner = `${indent}    `;
  let text = `${call.name}(`;
  let column = indent.length + used + text.length;
  call.args.forEach((arg, index) => {
    const last = index === call.args.length - 1;
    const piece = printArgument(layout, arg, indent) + (last ? ")" : ",");
    const breaks = index > 0 && column + 1 + piece.length >= LINE_WIDTH;
    text += breaks ? `\n${inner}${piece}` : `${index > 0 ? " " : ""}${piece}`;
    column = (breaks ? inner.length : column + (index > 0 ? 1 : 0)) + piece.length;
  });
  return text;
}

/** Whether it begins with `{` or `if`. */
export function isBraced(e: Expression): boolean {
  return e.kind === "block-expression" || e.kind === "if-expression";
}

/** Behind the slash of a predicate, these would make a comment. */
export function needsBlankAfterSlash(text: string): boolean {
  return text.startsWith("*") || text.startsWith("/");
}

/** The text of a type. */
export function printType(layout: Layout, type: TypeName, indent: string): string {
  const { base, pointers, dimensions } = type;
  let name: string;
  if (base.kind === "typeof") name = `typeof(${printArgument(layout, base.operand, indent)})`;
  else name = base.kind === "named" ? base.name : `${base.kind} ${base.name}`;
  const sizes = dimensions.map((size) => `[${size ?? ""}]`).join("");
  return `${name}${pointers > 0 ? ` ${"*".repeat(pointers)}` : ""}${sizes}`;
}

/** An expression that would be read as a type keeps its parentheses. */
function printArgument(layout: Layout, arg: Expression | TypeName, indent: string): string {
  if (arg.kind === "type-name") return printType(layout, arg, indent);
  const text = printExpression(layout, arg, indent);
  return readsAsType(arg) ? `(${text})` : text;
}

function readsAsType(e: Expression): boolean {
  let object = e;
  while (object.kind === "index") object = object.object;
  return object.kind === "typeof" || (object.kind === "identifier" && isTypeWord(object.name));
}

function printList(layout: Layout, elements: readonly Expression[], indent: string): string {
  return elements.map((element) => printExpression(layout, element, indent)).join(", ");
}

/** `[a, b]` for a tuple of two or more. */
function printKey(layout: Layout, key: Expression, indent: string): string {
  const isList = key.kind === "tuple" && key.elements.length > 1;
  return isList ? printList(layout, key.elements, indent) : printExpression(layout, key, indent);
}

function tightness(e: Expression): number {
  switch (e.kind) {
    case "conditional":
    case "comptime":
    case "block-expression":
    case "if-expression":
      return CONDITIONAL;
    case "binary":
      return binaryRules.get(e.operator)?.precedence ?? CONDITIONAL;
    case "unary":
    case "cast":
      return UNARY;
    case "step":
      // A postfix step ends its expression, so that nothing can follow it as a postfix either.
      return UNARY;
    default:
      return POSTFIX;
  }
}

/** An operand, in parentheses unless it holds together at least as tightly as `least`. */
function printOperand(layout: Layout, e: Expression, least: number, indent: string): string {
  const text = printExpression(layout, e, indent);
  return tightness(e) < least ? `(${text})` : text;
}

const signs: ReadonlySet<string> = new Set(["-", "+", "&"]);

/** `-(-x)`: without the parentheses the signs would run together. */
function printUnary(layout: Layout, { operator, operand }: Unary, indent: string): string {
  const text = printOperand(layout, operand, UNARY, indent);
  return operator + (signs.has(operator) && text.startsWith(operator) ? `(${text})` : text);
}

/** `(x)(-1)`: only a name that is known as a type makes a cast before a sign. */
function printCastOperand(layout: Layout, type: TypeName, operand: Expression, indent: string): string {
  const text = printOperand(layout, operand, UNARY, indent);
  const { base, pointers, dimensions } = type;
  const certain = pointers > 0 || base.kind !== "named" || (dimensions.length === 0 && isTypeWord(base.name));
  return certain || !/^[-+*&]/.test(text) ? text : `(${text})`;
}

function printBinary(layout: Layout, e: Binary, indent: string): string {
  const precedence = tightness(e);
  const left = printSide(layout, e, e.left, precedence, indent);
  const right = printSide(layout, e, e.right, precedence + 1, indent);
  return `${left} ${e.operator} ${right}`;
}

/** An operand of a binary operator, in parentheses also where readers are known to mistake the precedence. */
function printSide(layout: Layout, parent: Binary, side: Expression, least: number, indent: string): string {
  const text = printOperand(layout, side, least, indent);
  const clear = tightness(side) < least || side.kind !== "binary" || !areConfusing(parent, side);
  return clear ? text : `(${text})`;
}

const bitwise: ReadonlySet<string> = new Set(["&", "|", "^", "<<", ">>"]);

/** `a || b && c`, and bitwise operators or shifts with any other operator. */
function areConfusing(outer: Binary, inner: Binary): boolean {
  if (outer.operator === inner.operator) return false;
  if (outer.operator === "||" && inner.operator === "&&") return true;
  const isLogical = outer.operator === "&&" || outer.operator === "||";
  return !isLogical && (bitwise.has(outer.operator) || bitwise.has(inner.operator));
}

function printConditional(layout: Layout, e: Conditional, indent: string): string {
  const condition = printOperand(layout, e.condition, CONDITIONAL + 1, indent);
  const otherwise = printExpression(layout, e.else, indent);
  if (e.then === undefined) return `${condition} ?: ${otherwise}`;
  return `${condition} ? ${printExpression(layout, e.then, indent)} : ${otherwise}`;
}

function printField(layout: Layout, e: FieldAccess, indent: string): string {
  const text = printOperand(layout, e.object, POSTFIX, indent);
  const isNumber = e.object.kind === "int" || e.object.kind === "decimal";
  return `${isNumber ? `(${text})` : text}${e.arrow ? "->" : "."}${e.field}`;
}

/** `(@x)[1]` indexes the value of `@x`; `@x[1]` is an access to the map. */
function printIndex(layout: Layout, e: IndexAccess, indent: string): string {
  const text = printOperand(layout, e.object, POSTFIX, indent);
  const isWholeMap = e.object.kind === "map" && e.object.key === undefined;
  return `${isWholeMap ? `(${text})` : text}[${printExpression(layout, e.index, indent)}]`;
}
