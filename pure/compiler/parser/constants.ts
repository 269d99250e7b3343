import type { BinaryOperator, Expression, TypeName } from "../ast.ts";

/** The names that a constant of a C definition or `#if` line may use. */
export interface ConstantScope {
  /** The value of a name; `undefined` for an unknown one. */
  readonly valueOf: (name: string) => bigint | undefined;
  /** What `defined(name)` says. */
  readonly isDefined: (name: string) => boolean;
  /** Bytes of what `sizeof` is asked for, or of its alignment, where that is known. */
  readonly measure?: (operand: Expression | TypeName, what: "sizeBytes" | "alignBytes") => bigint | undefined;
}

/** GNU's spellings, and that of C11. */
const ALIGNOF: ReadonlySet<string> = new Set(["_Alignof", "__alignof", "__alignof__"]);

/** The value of an integer constant expression (C11 6.6), or `undefined` when it is none. */
export function evaluateConstant(expression: Expression, scope: ConstantScope): bigint | undefined {
  switch (expression.kind) {
    case "int":
      return expression.value;
    case "bool":
      return expression.value ? 1n : 0n;
    case "identifier":
      return scope.valueOf(expression.name);
    case "cast":
      return evaluateConstant(expression.operand, scope);
    case "sizeof":
      return scope.measure?.(expression.operand, "sizeBytes");
    case "call": {
      const [arg] = expression.args;
      if (arg && ALIGNOF.has(expression.name)) return scope.measure?.(arg, "alignBytes");
      if (expression.name !== "defined" || arg?.kind !== "identifier") return undefined;
      return scope.isDefined(arg.name) ? 1n : 0n;
    }
    case "unary": {
      const operand = evaluateConstant(expression.operand, scope);
      return operand === undefined ? undefined : evaluateUnary(expression.operator, operand);
    }
    case "conditional": {
      const condition = evaluateConstant(expression.condition, scope);
      if (condition === undefined) return undefined;
      if (condition === 0n) return evaluateConstant(expression.else, scope);
      return expression.then === undefined ? condition : evaluateConstant(expression.then, scope);
    }
    case "binary":
      return evaluateOperands(expression.operator, expression.left, expression.right, scope);
    default:
      return undefined;
  }
}

function evaluateUnary(operator: string, operand: bigint): bigint | undefined {
  switch (operator) {
    case "-":
      return wrap(-operand);
    case "+":
      return operand;
    case "~":
      return ~operand;
    case "!":
      return operand === 0n ? 1n : 0n;
    default:
      return undefined;
  }
}

function evaluateOperands(
  operator: BinaryOperator,
  leftSide: Expression,
  rightSide: Expression,
  scope: ConstantScope,
): bigint | undefined {
  const left = evaluateConstant(leftSide, scope);
  // What a short-circuit leaves out need not be known: `defined(A) && A > 3`.
  if (operator === "&&" && left === 0n) return 0n;
  if (operator === "||" && left !== undefined && left !== 0n) return 1n;
  const right = evaluateConstant(rightSide, scope);
  return left === undefined || right === undefined ? undefined : evaluateBinary(operator, left, right);
}

/** Keeps what may be a signed or an unsigned 64-bit number: shifts and products cannot grow without bound. */
function wrap(value: bigint): bigint {
  return value >= -0x8000_0000_0000_0000n && value <= 0xffff_ffff_ffff_ffffn ? value : BigInt.asIntN(64, value);
}

function evaluateBinary(operator: BinaryOperator, left: bigint, right: bigint): bigint | undefined {
  const truth = (value: boolean) => (value ? 1n : 0n);
  switch (operator) {
    case "+":
      return wrap(left + right);
    case "-":
      return wrap(left - right);
    case "*":
      return wrap(left * right);
    case "/":
      return right === 0n ? undefined : left / right;
    case "%":
      return right === 0n ? undefined : left % right;
    case "<<":
      return right < 0n || right > 63n ? undefined : wrap(left << right);
    case ">>":
      return right < 0n || right > 63n ? undefined : left >> right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "==":
      return truth(left === right);
    case "!=":
      return truth(left !== right);
    case "<":
      return truth(left < right);
    case "<=":
      return truth(left <= right);
    case ">":
      return truth(left > right);
    case ">=":
      return truth(left >= right);
    case "&&":
      return truth(left !== 0n && right !== 0n);
    case "||":
      return truth(left !== 0n || right !== 0n);
  }
}
