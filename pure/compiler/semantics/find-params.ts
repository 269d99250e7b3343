import type { Call, Expression, Script, TypeName } from "../ast.ts";
import type { Diagnostics } from "../diagnostic.ts";
import type { NamedParam, ParamValue } from "../named-params.ts";

type Argument = Expression | TypeName | undefined;

/** The named parameters of a script, by name in the order of the text: all that `getopt()` is called with. */
export function findParams(script: Script, diagnostics: Diagnostics): ReadonlyMap<string, NamedParam> {
  const params = new Map<string, NamedParam>();
  for (const call of callsOf(script, "getopt")) {
    const param = readCall(call, diagnostics);
    if (param === undefined) continue;
    const before = params.get(param.name);
    params.set(param.name, before === undefined ? param : joined(before, param, call, diagnostics));
  }
  return params;
}

function readCall(call: Call, diagnostics: Diagnostics): NamedParam | undefined {
  const [name, fallback, description] = call.args;
  if (call.args.length === 0 || call.args.length > 3) return undefined; // the checker counts arguments
  if (name?.kind !== "string") {
    diagnostics.error(call.span, "getopt() needs the name of the parameter as a string literal");
    return undefined;
  }
  if (description !== undefined && description.kind !== "string") {
    diagnostics.error(description.span, "getopt() needs its description as a string literal");
    return undefined;
  }
  const value = literalOf(fallback);
  if (value === undefined) {
    diagnostics.error(
      fallback?.span ?? call.span,
      "getopt() needs its default as a literal: a string, an integer or a boolean",
    );
    return undefined;
  }
  return { name: name.value, kind: kindOf(value), default: value, description: description?.value ?? "" };
}

/** An absent default is `false`: the parameter is a switch. */
function literalOf(argument: Argument): ParamValue | undefined {
  if (argument === undefined) return false;
  if (argument.kind === "bool" || argument.kind === "string" || argument.kind === "int") return argument.value;
  const isNegative = argument.kind === "unary" && argument.operator === "-" && argument.operand.kind === "int";
  return isNegative && argument.operand.kind === "int" ? -argument.operand.value : undefined;
}

function kindOf(value: ParamValue): NamedParam["kind"] {
  if (typeof value === "bigint") return value < 0n ? "int" : "uint";
  return typeof value === "boolean" ? "bool" : "string";
}

/** All uses of a parameter must say the same; a description may be left out. */
function joined(before: NamedParam, param: NamedParam, call: Call, diagnostics: Diagnostics): NamedParam {
  if (before.default !== param.default) {
    diagnostics.error(
      call.span,
      `getopt("${param.name}") must have the same default everywhere: it is ${before.default} before`,
    );
  }
  const differs = param.description !== "" && before.description !== "" && param.description !== before.description;
  if (differs) {
    diagnostics.error(
      call.span,
      `getopt("${param.name}") must have the same description everywhere`,
      "give it once, or wrap the call in a macro",
    );
  }
  return before.description === "" ? { ...before, description: param.description } : before;
}

/** Calls of a function anywhere below a node, in the order of the text. */
function* callsOf(node: unknown, name: string): Iterable<Call> {
  const work: unknown[] = [node];
  while (work.length > 0) {
    const next = work.pop();
    if (typeof next !== "object" || next === null) continue;
    if (isCall(next) && next.name === name) yield next;
    const children = Object.values(next);
    for (let index = children.length - 1; index >= 0; index--) work.push(children[index]);
  }
}

function isCall(node: object): node is Call {
  return "kind" in node && node.kind === "call";
}
