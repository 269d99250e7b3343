import type { Block, Expression, Statement } from "../ast.ts";

/** What comes after the statement (or last expression) by which a block is always left. */
export function firstUnreachable({ statements, value }: Block): Statement | Expression | undefined {
  const last = statements.findIndex(leaves);
  return last < 0 ? undefined : (statements[last + 1] ?? value);
}

/** Whether nothing that follows a statement is ever run. */
function leaves(statement: Statement): boolean {
  switch (statement.kind) {
    case "return":
    case "break":
    case "continue":
      return true;
    case "expression-statement": {
      const { expression } = statement;
      return (expression.kind === "call" || expression.kind === "identifier") && expression.name === "exit";
    }
    case "block":
      return statement.statements.some(leaves);
    case "if":
      return !statement.comptime && statement.else !== undefined && leaves(statement.then) && leaves(statement.else);
    default:
      return false;
  }
}
