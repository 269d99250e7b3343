import type { ItaniumNode } from "./itanium-node.ts";
import { fail } from "./parse-state.ts";

/**
 * Prints a node. `declarator` is what C++ writes around or after a type: the `*` of a pointer, the name and parameters of
 * a function. It is empty for what is not a type.
 */
export type Render = (node: ItaniumNode, scope: Scope, declarator?: string) => string;

/** A list with commas, without the places of empty argument packs. */
export function joined(nodes: readonly ItaniumNode[], scope: Scope, render: Render): string {
  return nodes
    .map((node) => render(node, scope))
    .filter((text) => text !== "")
    .join(", ");
}

/** What a node means depends on where it is printed: on the templates around it. */
export interface Scope {
  /** The arguments that template parameters stand for, those of the innermost template first. */
  readonly templates: TemplateScope | undefined;
  /** The element of argument packs that is being printed; undefined outside a pack expansion. */
  readonly packIndex: number | undefined;
  /** Within the parameters of a generic lambda, where a template parameter is an `auto`. */
  readonly isLambdaParam: boolean;
  /** The template whose name is being printed: the type of a conversion operator may refer to its arguments. */
  readonly namedTemplate: readonly ItaniumNode[] | undefined;
}

/** The arguments of a template, linked to those of the template around it. */
export interface TemplateScope {
  readonly args: readonly ItaniumNode[];
  readonly outer: TemplateScope | undefined;
}

/** Where printing starts: outside of all templates. */
export const TOP_SCOPE: Scope = {
  templates: undefined,
  packIndex: undefined,
  isLambdaParam: false,
  namedTemplate: undefined,
};

/** The scope within a template of the given arguments. */
export function withTemplate(scope: Scope, args: readonly ItaniumNode[]): Scope {
  return { ...scope, templates: { args, outer: scope.templates } };
}

/** What template parameter number `index` stands for; it is to be printed in {@link outerScope}. */
export function argumentOf(index: number, scope: Scope): ItaniumNode {
  const argument = scope.templates?.args[index] ?? fail();
  if (argument.kind !== "pack" || scope.packIndex === undefined) return argument;
  return argument.args[scope.packIndex] ?? { kind: "pack", args: [] };
}

/** An argument may itself refer to parameters, which are those of the next template out. */
export function outerScope(scope: Scope): Scope {
  return { ...scope, templates: scope.templates?.outer };
}

/** The first argument pack that a pattern refers to. */
export function packIn(pattern: ItaniumNode, scope: Scope): readonly ItaniumNode[] | undefined {
  const pending = [pattern];
  const seen = new Set<ItaniumNode>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const argument = node.kind === "templateParam" ? scope.templates?.args[node.index] : undefined;
    if (argument?.kind === "pack") return argument.args;
    // An inner expansion has used up its packs, and the parameters of a lambda are its own.
    if (node.kind !== "expansion" && node.kind !== "lambda") pending.push(...childrenOf(node).reverse());
  }
  return undefined;
}

function childrenOf(node: ItaniumNode): ItaniumNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is ItaniumNode {
  return typeof value === "object" && value !== null && "kind" in value;
}
