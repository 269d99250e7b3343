import type { ExpressionNode, FunctionNode, ItaniumNode, NameNode } from "./itanium-node.ts";
import {
  argumentOf,
  joined,
  outerScope,
  packIn,
  type Render,
  type Scope,
  TOP_SCOPE,
  withTemplate,
} from "./itanium-scope.ts";
import { fail } from "./parse-state.ts";
import { renderExpression } from "./render-expression.ts";
import { renderName } from "./render-name.ts";

/** Substitutions can make a short name stand for an endless one. */
const MAX_STEPS = 100_000;
const MAX_LENGTH = 100_000;
const MAX_DEPTH = 800;

/** Prints a parsed name as c++filt of GNU binutils does. Throws {@link DemangleFailure} when it would not end. */
export function renderItanium(root: ItaniumNode): string {
  let steps = 0;
  let depth = 0;
  const render: Render = (node, scope, declarator = "") => {
    if (++steps > MAX_STEPS || ++depth > MAX_DEPTH) fail();
    const text = renderNode(node, scope, declarator, render);
    depth--;
    return text.length > MAX_LENGTH ? fail() : text;
  };
  return render(root, TOP_SCOPE);
}

function renderNode(node: ItaniumNode, scope: Scope, declarator: string, render: Render): string {
  switch (node.kind) {
    case "function":
      return renderFunction(node, scope, declarator, render);
    case "modified": {
      const isRepeated = node.mark.startsWith(" ") && hasMark(node.of, scope, node.mark);
      return render(node.of, scope, isRepeated ? declarator : wrapped(node.of, scope, node.mark, declarator));
    }
    case "reference":
      return renderReference(node.mark, node.to, scope, declarator, render);
    case "array":
      return renderArray(node, scope, declarator, render);
    case "memberPointer":
      return renderMemberPointer(node, scope, declarator, render);
    case "vector":
      return render(node.element, scope, ` __vector(${render(node.size, scope)})${declarator}`);
    case "templateParam":
      if (scope.isLambdaParam) return `auto:${node.index + 1}${declarator}`;
      return render(argumentOf(node.index, scope), outerScope(scope), declarator);
    case "pack":
      return joined(node.args, scope, render) + declarator;
    case "expansion":
      return renderExpansion(node.pattern, scope, render) + declarator;
    case "decltype":
      return `decltype (${render(node.of, scope)})${declarator}`;
    case "encoding":
      return renderEncoding(node.name, node.type, scope, render);
    case "special":
      return node.prefix + render(node.of, scope) + (node.infix ?? "") + (node.in ? render(node.in, scope) : "");
    default:
      return (isName(node) ? renderName(node, scope, render) : renderExpression(node, scope, render)) + declarator;
  }
}

const NAME_KINDS: Readonly<Record<NameNode["kind"], true>> = {
  text: true,
  qualified: true,
  local: true,
  template: true,
  structor: true,
  operatorName: true,
  literalOperator: true,
  conversion: true,
  lambda: true,
  tagged: true,
  thisQualified: true,
};

function isName(node: NameNode | ExpressionNode): node is NameNode {
  return node.kind in NAME_KINDS;
}

function renderFunction(node: FunctionNode, scope: Scope, declarator: string, render: Render): string {
  const suffix = node.suffix.map((part) => (typeof part === "string" ? part : render(part, scope))).join("");
  const after = `${declarator}(${joined(node.params, scope, render)})${suffix}`;
  return node.returns === undefined ? after : render(node.returns, scope, after.startsWith(" ") ? after : ` ${after}`);
}

/** The name of a function goes where its type wants it, with the template arguments of the name in force. */
function renderEncoding(name: ItaniumNode, type: FunctionNode, scope: Scope, render: Render): string {
  const { bare, qualifiers } = stripQualifiers(name);
  const text = render(bare, scope);
  const last = innermost(bare);
  const inside = last.kind === "template" ? withTemplate(scope, last.args) : scope;
  return renderFunction({ ...type, suffix: [...type.suffix, qualifiers] }, inside, text, render);
}

/** Takes the qualifiers of `this` off a name: they are written after the parameters. */
function stripQualifiers(name: ItaniumNode): { readonly bare: ItaniumNode; readonly qualifiers: string } {
  if (name.kind === "thisQualified") return { bare: name.name, qualifiers: name.qualifiers };
  if (name.kind === "local" && name.entity.kind === "thisQualified") {
    return { bare: { ...name, entity: name.entity.name }, qualifiers: name.entity.qualifiers };
  }
  return { bare: name, qualifiers: "" };
}

function innermost(name: ItaniumNode): ItaniumNode {
  return name.kind === "local" ? innermost(name.entity) : name;
}

/** `mark` before a declarator, in parentheses where it would otherwise bind to what a function returns or an array holds. */
function wrapped(target: ItaniumNode, scope: Scope, mark: string, declarator: string): string {
  if (!endsInFunctionOrArray(target, scope)) return mark + declarator;
  if (mark.startsWith(" ")) return mark + declarator;
  const tight = mark + (CV.test(declarator) ? declarator : declarator.trimStart());
  return isFunctionOrArray(target, scope) ? ` (${tight})` : tight;
}

const CV = /^ (?:const|volatile|restrict)\b/;

/** A node and where it is to be printed. */
interface Placed {
  readonly node: ItaniumNode;
  readonly scope: Scope;
}

/** What a template parameter stands for, if that is what the node is. */
function resolved(node: ItaniumNode, scope: Scope): Placed {
  let place: Placed = { node, scope };
  while (place.node.kind === "templateParam" && !scope.isLambdaParam) {
    place = { node: argumentOf(place.node.index, place.scope), scope: outerScope(place.scope) };
  }
  return place;
}

/** A `const T` whose `T` is itself const is so once. */
function hasMark(node: ItaniumNode, scope: Scope, mark: string): boolean {
  let place = resolved(node, scope);
  while (place.node.kind === "modified" && place.node.mark.startsWith(" ")) {
    if (place.node.mark === mark) return true;
    place = resolved(place.node.of, place.scope);
  }
  return false;
}

function isFunctionOrArray(node: ItaniumNode, scope: Scope): boolean {
  let place = resolved(node, scope);
  // Qualifiers of an array are those of its elements.
  while (place.node.kind === "modified" && place.node.mark.startsWith(" "))
    place = resolved(place.node.of, place.scope);
  return place.node.kind === "function" || place.node.kind === "array";
}

function endsInFunctionOrArray(node: ItaniumNode, scope: Scope): boolean {
  let place = resolved(node, scope);
  for (;;) {
    switch (place.node.kind) {
      case "modified":
        place = resolved(place.node.of, place.scope);
        break;
      case "reference":
        place = resolved(place.node.to, place.scope);
        break;
      case "memberPointer":
        place = resolved(place.node.member, place.scope);
        break;
      default:
        return place.node.kind === "function" || place.node.kind === "array";
    }
  }
}

/** A reference to a reference is one: `& &&` and `&& &` are `&`. */
function renderReference(mark: "&" | "&&", to: ItaniumNode, scope: Scope, declarator: string, render: Render): string {
  let both = mark;
  let target = resolved(to, scope);
  while (target.node.kind === "reference") {
    both = both === "&" ? "&" : target.node.mark;
    target = resolved(target.node.to, target.scope);
  }
  return render(target.node, target.scope, wrapped(target.node, target.scope, both, declarator));
}

function renderArray(node: ItaniumNode & { kind: "array" }, scope: Scope, declarator: string, render: Render): string {
  const size = node.size === undefined ? "" : render(node.size, scope);
  // Of arrays of arrays, `[2][3]`, only the first stands apart.
  const gap = declarator.endsWith("]") ? "" : " ";
  return render(node.element, scope, `${declarator}${gap}[${size}]`);
}

function renderMemberPointer(
  node: ItaniumNode & { kind: "memberPointer" },
  scope: Scope,
  declarator: string,
  render: Render,
): string {
  const mark = `${render(node.class, scope)}::*`;
  if (isFunctionOrArray(node.member, scope)) return render(node.member, scope, ` (${mark}${declarator.trimStart()})`);
  return render(node.member, scope, ` ${mark}${declarator}`);
}

function renderExpansion(pattern: ItaniumNode, scope: Scope, render: Render): string {
  const pack = packIn(pattern, scope);
  if (pack === undefined) return `${render(pattern, scope)}...`;
  return pack
    .map((_, packIndex) => render(pattern, { ...scope, packIndex }))
    .filter((text) => text !== "")
    .join(", ");
}
