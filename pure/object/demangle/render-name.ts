import type { ItaniumNode, NameNode } from "./itanium-node.ts";
import { joined, type Render, type Scope, withTemplate } from "./itanium-scope.ts";

/** Prints a name; undefined when the node is not one. */
export function renderName(node: NameNode, scope: Scope, render: Render): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "qualified":
      return `${render(node.scope, scope)}::${render(node.name, scope)}`;
    case "local":
      return renderLocal(node, scope, render);
    case "template":
      return renderTemplate(node.name, node.args, scope, render);
    case "structor":
      return node.tilde + node.name;
    case "operatorName":
      return renderOperatorName(node.operator.text.trimEnd());
    case "literalOperator":
      return `operator"" ${render(node.name, scope)}`;
    case "conversion":
      return renderConversion(node.type, scope, render);
    case "lambda":
      return `{lambda(${joined(node.params, { ...scope, isLambdaParam: true }, render)})#${node.number}}`;
    case "tagged":
      return `${render(node.name, scope)}[abi:${node.tag}]`;
    case "thisQualified":
      return render(node.name, scope) + node.qualifiers;
  }
}

function renderLocal(node: NameNode & { kind: "local" }, scope: Scope, render: Render): string {
  const number = node.defaultArgument;
  const argument = number === undefined ? "" : `{default arg#${number}}::`;
  return `${render(node.function, scope)}::${argument}${render(node.entity, scope)}`;
}

function renderTemplate(name: ItaniumNode, args: readonly ItaniumNode[], scope: Scope, render: Render): string {
  const head = render(name, { ...scope, namedTemplate: args });
  const texts = args.map((arg) => render(arg, { ...scope, namedTemplate: undefined }));
  // C++ before 2011 read two angle brackets as a shift. Binutils sets them apart except after an empty pack.
  const gap = texts.at(-1)?.endsWith(">") ? " " : "";
  return `${head}${head.endsWith("<") ? " " : ""}<${texts.filter((text) => text !== "").join(", ")}${gap}>`;
}

function renderOperatorName(text: string): string {
  return /^[a-z]/.test(text) ? `operator ${text}` : `operator${text}`;
}

function renderConversion(type: ItaniumNode, scope: Scope, render: Render): string {
  const inside = scope.namedTemplate === undefined ? scope : withTemplate(scope, scope.namedTemplate);
  return `operator ${render(type, { ...inside, namedTemplate: undefined })}`;
}
