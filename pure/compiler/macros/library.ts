/** The macros and functions that a script can call, and which of them a call means. */
import type { Expression, FunctionDefinition, MacroDefinition, MacroParam, Span, TypeName } from "../ast.ts";
import type { Diagnostics } from "../diagnostic.ts";

/** What is called by name and expanded where it is called. */
export type Definition = MacroDefinition | FunctionDefinition;

/** Definitions by name. Macros of one name are told apart by how many arguments they take, and of which kinds. */
export class Library {
  readonly #macros = new Map<string, MacroDefinition[]>();
  readonly #functions = new Map<string, FunctionDefinition>();

  get isEmpty(): boolean {
    return this.#macros.size === 0 && this.#functions.size === 0;
  }

  add(definition: Definition, diagnostics: Diagnostics): void {
    const { name, span } = definition;
    const macros = this.#macros.get(name) ?? [];
    const same = definition.kind === "macro" && macros.some((other) => signature(other) === signature(definition));
    if (same) diagnostics.error(span, `Redefinition of macro: ${name}`);
    if (definition.kind === "macro") {
      this.#macros.set(name, [...macros, definition]);
      return;
    }
    if (this.#functions.has(name)) diagnostics.error(span, `Redefinition of function: ${name}`);
    this.#functions.set(name, definition);
  }

  macros(name: string): readonly MacroDefinition[] {
    return this.#macros.get(name) ?? [];
  }

  function(name: string): FunctionDefinition | undefined {
    return this.#functions.get(name);
  }

  get functions(): Iterable<FunctionDefinition> {
    return this.#functions.values();
  }

  get names(): readonly string[] {
    return [...this.#macros.keys(), ...this.#functions.keys()];
  }
}

function signature({ params }: MacroDefinition): string {
  return params.map(({ kind }) => kind).join();
}

/** The macro among `candidates` that takes these arguments: one that asks for a variable or map goes before others. */
export function matching(
  candidates: readonly MacroDefinition[],
  args: readonly (Expression | TypeName)[],
): MacroDefinition | undefined {
  const fitting = candidates.filter(
    ({ params }) => params.length === args.length && params.every((param, index) => takes(param, args[index])),
  );
  const exactness = ({ params }: MacroDefinition) => params.filter(({ kind }) => kind !== "expression").length;
  return fitting.sort((a, b) => exactness(b) - exactness(a))[0];
}

function takes({ kind }: MacroParam, argument: Expression | TypeName): boolean {
  return kind === "expression" || kind === kindOf(argument);
}

function kindOf(argument: Expression | TypeName): MacroParam["kind"] {
  if (argument.kind === "variable") return "variable";
  return argument.kind === "map" && argument.key === undefined ? "map" : "expression";
}

/** Tells why a call fits none of the macros of its name. */
export function tellMismatch(
  name: string,
  candidates: readonly MacroDefinition[],
  args: readonly (Expression | TypeName)[],
  span: Span,
  diagnostics: Diagnostics,
): void {
  diagnostics.error(span, `Call to ${name}() has arguments that do not match any definition.`);
  const closest = candidates.find(({ params }) => params.length === args.length) ?? candidates[candidates.length - 1];
  const { params } = closest;
  if (params.length !== args.length) {
    const counts = `Expected: ${params.length} but got ${args.length}`;
    diagnostics.error(
      closest.span,
      `The closest definition of ${name}() has a different number of arguments. ${counts}`,
    );
    return;
  }
  params.forEach((param, index) => {
    const argument = args[index];
    if (takes(param, argument)) return;
    const got = kindOf(argument) === "expression" ? "an expression" : `a ${kindOf(argument)}`;
    const wanted = `${name}() expects a ${param.kind} for arg ${param.name}`;
    diagnostics.error(argument.span, `Mismatched arg. ${wanted} but got ${got}.`);
    diagnostics.error(param.span, "This is the argument in the closest definition.");
  });
}
