import type { Block, Expression, If, Statement } from "../ast.ts";

/** Whether every arm of an `if` has a value, so that it has one itself. */
export function hasValue(statement: If): boolean {
  let arm: Block | If | undefined = statement;
  while (arm?.kind === "if") {
    if (arm.then.value === undefined) return false;
    arm = arm.else;
  }
  return arm?.value !== undefined;
}

/** The block with its value made a statement: nobody takes it. */
export function demoteBlock(block: Block): Block {
  const { value, ...rest } = block;
  return value === undefined ? block : { ...rest, statements: [...block.statements, asStatement(value)] };
}

/** The `if` with the values of its arms made statements. Walks the `else if` chain in a loop, as it may be long. */
export function demoteIf(statement: If): If {
  const chain: If[] = [];
  let rest: Block | If | undefined = statement;
  for (; rest?.kind === "if"; rest = rest.else) chain.push(rest);
  let end: Block | If | undefined = rest === undefined ? undefined : demoteBlock(rest);
  let result = statement;
  for (const each of chain.reverse()) {
    result = { ...each, then: demoteBlock(each.then) };
    if (end !== undefined) result = { ...result, else: end };
    end = result;
  }
  return result;
}

function asStatement(value: Expression): Statement {
  if (value.kind === "block-expression") return demoteBlock(value.block);
  if (value.kind === "if-expression") return demoteIf(value.if);
  return { kind: "expression-statement", expression: value, span: value.span };
}
