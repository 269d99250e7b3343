/** Calls of the script's own functions: each is checked where it stands, with its body in place. */
import type { Block, If, InlineCall, Statement } from "../ast.ts";
import { NONE } from "../semantics/types.ts";
import type { Info } from "./model.ts";
import { readOperand } from "./readable.ts";
import { checkBlock } from "./statements.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** `f(a, b)`: the arguments become variables of the declared types, the body is a block of its own. */
export function checkInlineCall(c: UnitChecker, e: InlineCall): Info {
  const { params, args, body } = e;
  if (args.length !== params.length) {
    const wanted = params.length === 1 ? "one argument" : `${params.length || "no"} arguments`;
    return c.error(e.span, `${e.name}() requires ${wanted} (${args.length} provided)`);
  }
  c.openScope();
  for (const [index, param] of params.entries()) {
    const argument = args[index];
    if (argument.kind === "type-name") return c.error(argument.span, `${e.name}() expects a value, not a type`);
    const value = readOperand(c, c.check(argument), argument.span);
    const variable = c.declare(param, param.name, param.span, c.resolveType(param.type));
    variable.used = true;
    c.assign(variable, value, argument.span);
  }
  const type = c.resolveType(e.result) ?? NONE;
  const result = type.kind === "none" ? undefined : c.declare(e, `result of ${e.name}`, e.span, type);
  if (result && !alwaysReturns(body)) c.error(body.span, `Not all code paths of ${e.name}() return a value`);
  c.enterFunction({ name: e.name, result }, () => checkBlock(c, body));
  c.closeScope();
  return { type: result?.type ?? NONE };
}

/** Whether no way through a block reaches its end. */
function alwaysReturns(block: Block): boolean {
  return block.statements.some(leaves);
}

function leaves(statement: Statement): boolean {
  switch (statement.kind) {
    case "return":
      return true;
    case "block":
      return alwaysReturns(statement);
    case "if":
      return bothLeave(statement);
    default:
      return false;
  }
}

function bothLeave({ then, else: otherwise }: If): boolean {
  return alwaysReturns(then) && otherwise !== undefined && leaves(otherwise);
}
