/**
 * Macros and functions are expanded where they are called, before names and types are looked at. Hygiene: variables of
 * a body get names that no other text has, so that a body cannot see those around its call, nor the other way round.
 */
import type { Block, Call, Expression, Identifier, InlineCall, MapAccess, Probe, Span, TypeName } from "../ast.ts";
import type { Diagnostics } from "../diagnostic.ts";
import { type Definition, type Library, matching, tellMismatch } from "./library.ts";
import { HYGIENE } from "./names.ts";
import { copied, parts, type Rebuild, rebuilt, type TreeNode } from "./tree.ts";

/** What calls may mean. */
export interface Libraries {
  readonly script: Library;
  /** The standard library; asked by name, for it is read as far as it is used. Its macros see only each other. */
  readonly standard: (name: string) => Library | undefined;
  /** Whether a name is one of the compiler's own. */
  readonly isBuiltin: (name: string) => boolean;
}

/** A body that is being expanded. */
interface Frame {
  readonly definition: Definition;
  readonly standard: boolean;
  readonly args: ReadonlyMap<string, Expression | TypeName>;
  /** What makes its variables its own. */
  readonly suffix: string;
  readonly call: Span;
  readonly outer: Frame | undefined;
}

const DEEPEST = 64;
/** Expansions may multiply: a script that makes more than this many is told so. */
const EXPANSIONS_MAX = 20_000;
/** Expands what probes call. One expander serves a whole script: every expansion in it has a number of its own. */
export class Expander {
  readonly #libraries: Libraries;
  readonly #diagnostics: Diagnostics;
  /** Functions that something calls. */
  readonly called = new Set<Definition>();
  #expansions = 0;

  constructor(libraries: Libraries, diagnostics: Diagnostics) {
    this.#libraries = libraries;
    this.#diagnostics = diagnostics;
  }

  probe(probe: Probe): Probe {
    return rebuilt(probe, this.#rules(undefined));
  }

  #rules(frame: Frame | undefined): Rebuild {
    const rules: Rebuild = {
      node: (node) => this.#replacement(node, frame, rules),
      span: frame === undefined ? (span) => span : ({ start, end }) => ({ start, end, from: frame.call }),
    };
    return rules;
  }

  #replacement(node: TreeNode, frame: Frame | undefined, rules: Rebuild): object | undefined {
    switch (node.kind) {
      case "identifier":
        return this.#identifier(node as Identifier, frame, rules);
      case "call":
        return this.#call(node as Call, frame, rules);
      default:
        return frame === undefined ? undefined : this.#inBody(node, frame, rules);
    }
  }

  /** What only the body of a macro or function has replaced: variables, maps, and types that are arguments. */
  #inBody(node: TreeNode, frame: Frame, rules: Rebuild): object | undefined {
    switch (node.kind) {
      case "variable":
        return this.#variable(node as Expression & { kind: "variable" }, frame, rules);
      case "map":
        return this.#map(node as MapAccess, frame, rules);
      case "let":
        return { ...parts(node, rules), name: this.#declared(node as TreeNode & Declares, frame, rules) };
      case "for-range":
      case "for-map": {
        const loop = node as TreeNode & { variable: string; variableSpan: Span };
        const name = this.#declared({ name: loop.variable, nameSpan: loop.variableSpan }, frame, rules);
        return { ...parts(node, rules), variable: name };
      }
      case "type-name":
        return typeArgument(node as TypeName, frame, rules);
      case "index":
        return arrayArgument(node as Expression & { kind: "index" }, frame, rules);
      case "offsetof": {
        const { path } = node as Expression & { kind: "offsetof" };
        return { ...parts(node, rules), path: path.flatMap((name) => pathArgument(name, frame)) };
      }
      default:
        return undefined;
    }
  }

  #identifier(node: Identifier, frame: Frame | undefined, rules: Rebuild): object | undefined {
    const argument = frame?.args.get(node.name);
    if (argument !== undefined) return copied(argument);
    const own = builtinName(node.name);
    return own ? { ...parts(node, rules), name: own } : this.#expand(node.name, [], node, frame, rules);
  }

  #call(node: Call, frame: Frame | undefined, rules: Rebuild): object | undefined {
    const args = rebuilt(node.args, rules);
    const own = builtinName(node.name);
    const expanded = own ? undefined : this.#expand(node.name, args, node, frame, rules);
    return expanded ?? { ...parts({ ...node, args: [] }, rules), name: own ?? node.name, args };
  }

  #variable(node: Expression & { kind: "variable" }, frame: Frame, rules: Rebuild): object {
    const argument = frame.args.get(node.name);
    return argument === undefined
      ? { ...parts(node, rules), name: `${node.name}${frame.suffix}` }
      : { ...copied(argument), span: rules.span(node.span) };
  }

  #declared({ name, nameSpan }: Declares, frame: Frame, rules: Rebuild): string {
    if (frame.args.has(name))
      this.#diagnostics.error(rules.span(nameSpan), `Variable declaration shadows macro arg ${name}`);
    return `${name}${frame.suffix}`;
  }

  #map(node: MapAccess, frame: Frame, rules: Rebuild): object {
    const same = parts(node, rules);
    const argument = frame.args.get(node.name);
    if (argument?.kind === "map") return { ...same, name: argument.name };
    if (frame.definition.kind === "macro") {
      const message = `Unhygienic access to map: ${node.name}. Maps must be passed into the macro as arguments.`;
      this.#diagnostics.error(same.span, message);
    }
    return same;
  }

  // ---------------------------------------------------------------- calls

  /** What a call stands for, or `undefined` when it is none of a macro or function. */
  #expand(
    name: string,
    args: readonly (Expression | TypeName)[],
    node: Call | Identifier,
    frame: Frame | undefined,
    rules: Rebuild,
  ): Expression | undefined {
    const found = this.#find(name, args, node, frame, rules);
    if (found === undefined || found === "told") return found && { kind: "tuple", elements: [], span: node.span };
    const { definition, standard } = found;
    const call = rules.span(node.span);
    if (this.#refuses(definition, frame, call)) return undefined;
    this.called.add(definition);
    const own =
      definition.kind === "macro" ? definition.params.map((param, index) => [param.name, args[index]] as const) : [];
    const inner: Frame = {
      definition,
      standard,
      args: new Map(own),
      suffix: `${HYGIENE}${++this.#expansions}`,
      call,
      outer: frame,
    };
    const inside = this.#rules(inner);
    const body = rebuilt(definition.body, inside);
    return definition.kind === "macro" ? callValue(body, call) : inlineCall(definition, args, body, inner, inside);
  }

  #find(
    name: string,
    args: readonly (Expression | TypeName)[],
    node: Call | Identifier,
    frame: Frame | undefined,
    rules: Rebuild,
  ): { definition: Definition; standard: boolean } | "told" | undefined {
    const { script, standard, isBuiltin } = this.#libraries;
    const own = frame?.standard ? [] : script.macros(name);
    const macro = matching(own, args);
    if (macro) return { definition: macro, standard: false };
    const func = frame?.standard || node.kind === "identifier" ? undefined : script.function(name);
    if (func) return { definition: func, standard: false };
    const common = standard(name)?.macros(name) ?? [];
    const ready = matching(common, args);
    if (ready) return { definition: ready, standard: true };
    if (isBuiltin(name)) return undefined;
    const candidates = own.length > 0 ? own : common;
    if (candidates.length === 0) return undefined;
    tellMismatch(name, candidates, args, rules.span(node.span), this.#diagnostics);
    return "told";
  }

  #refuses(definition: Definition, frame: Frame | undefined, call: Span): boolean {
    const chain: string[] = [];
    for (let at = frame; at !== undefined; at = at.outer) {
      chain.unshift(at.definition.name);
      if (at.definition !== definition) continue;
      const what = definition.kind === "macro" ? "macro" : "function";
      const path = [...chain, definition.name].join(" > ");
      this.#diagnostics.error(call, `Recursive ${what} call detected. Call chain: ${path}`);
      return true;
    }
    if (chain.length < DEEPEST && this.#expansions < EXPANSIONS_MAX) return false;
    this.#diagnostics.error(call, `${definition.name}() is expanded too often: its calls of others multiply`);
    return true;
  }
}

/** `__builtin_cpu` is what the compiler itself means by `cpu`, whatever macros there are. */
function builtinName(name: string): string | undefined {
  return name.startsWith("__builtin_") ? name.slice("__builtin_".length) : undefined;
}

interface Declares {
  readonly name: string;
  readonly nameSpan: Span;
}

/** A macro's body as the expression that a call of it is. */
function callValue(body: Block, call: Span): Expression {
  if (body.statements.length === 0 && body.value !== undefined) return body.value;
  return { kind: "block-expression", block: body, span: call };
}

function inlineCall(
  definition: Definition & { kind: "function" },
  args: readonly (Expression | TypeName)[],
  body: Block,
  { suffix, call }: Frame,
  inside: Rebuild,
): InlineCall {
  const params = definition.params.map((param) => ({
    kind: param.kind,
    name: `${param.name}${suffix}`,
    type: rebuilt(param.type, inside),
    span: inside.span(param.span),
  }));
  const result = rebuilt(definition.result, inside);
  return { kind: "inline-call", name: definition.name, args, params, result, body, span: call };
}

/** `x *` where `x` is an argument that is a type. */
function typeArgument(node: TypeName, { args }: Frame, rules: Rebuild): TypeName | undefined {
  if (node.base.kind !== "named") return undefined;
  const argument = args.get(node.base.name);
  if (argument === undefined) return undefined;
  const { pointers, dimensions, span } = parts(node, rules);
  const plain: TypeName = {
    kind: "type-name",
    base: { kind: "typeof", operand: copied(argument) },
    pointers,
    dimensions,
    span,
  };
  if (argument.kind !== "type-name") return plain;
  return {
    ...plain,
    base: copied(argument.base),
    pointers: argument.pointers + pointers,
    dimensions: [...dimensions, ...argument.dimensions],
  };
}

/** `x[4]` where `x` is an argument that is a type: an array type. */
function arrayArgument(node: Expression & { kind: "index" }, { args }: Frame, rules: Rebuild): TypeName | undefined {
  const { object, index } = node;
  const argument = object.kind === "identifier" ? args.get(object.name) : undefined;
  if (argument?.kind !== "type-name" || index.kind !== "int") return undefined;
  return { ...copied(argument), dimensions: [index.value, ...argument.dimensions], span: rules.span(node.span) };
}

/** A member's name, or the path of members that was passed for it. */
function pathArgument(name: string, { args }: Frame): readonly string[] {
  const argument = args.get(name);
  const path = argument && argument.kind !== "type-name" ? pathOf(argument) : undefined;
  return path ?? [name];
}

function pathOf(e: Expression): readonly string[] | undefined {
  if (e.kind === "identifier") return [e.name];
  const outer = e.kind === "field" && !e.arrow ? pathOf(e.object) : undefined;
  return outer && e.kind === "field" ? [...outer, e.field] : undefined;
}
