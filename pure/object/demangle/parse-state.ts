import type { ItaniumNode } from "./itanium-node.ts";

/** A name that is not mangled as its prefix promised. Never leaves this folder. */
export class DemangleFailure extends Error {
  override readonly name = "DemangleFailure";
}

/** The rules that need one another; together here so that their files need not. */
export interface Rules {
  readonly encoding: (state: ParseState) => ItaniumNode;
  readonly name: (state: ParseState) => ItaniumNode;
  readonly unqualifiedName: (state: ParseState, scope: ItaniumNode | undefined) => ItaniumNode;
  readonly substitution: (state: ParseState, isPrefix: boolean) => ItaniumNode;
  readonly type: (state: ParseState) => ItaniumNode;
  readonly templateArgs: (state: ParseState) => readonly ItaniumNode[];
  readonly templateParam: (state: ParseState) => ItaniumNode;
  readonly expression: (state: ParseState) => ItaniumNode;
  readonly expressionLiteral: (state: ParseState) => ItaniumNode;
}

/** Where a parse is. */
export interface ParseState {
  readonly text: string;
  at: number;
  /** What `S_`, `S0_` and so on stand for. */
  readonly substitutions: ItaniumNode[];
  depth: number;
  steps: number;
  /** Within the type of a conversion operator, template arguments after a parameter are mostly the operator's own. */
  isConversion: boolean;
  readonly rules: Rules;
}

/** Deeper than any compiler's output, far from the end of the stack. */
const MAX_DEPTH = 300;

/** Rules that turn out not to apply are run again; a hostile name could have that doubled at each level. */
const MAX_STEPS = 50_000;

/** Ends the parse: the name is not well mangled. */
export function fail(): never {
  throw new DemangleFailure("not a mangled name");
}

/** The character `ahead` of the cursor, empty at the end. */
export function peek(state: ParseState, ahead = 0): string {
  return state.text.charAt(state.at + ahead);
}

/** Takes `text` if it comes next. */
export function accept(state: ParseState, text: string): boolean {
  if (!state.text.startsWith(text, state.at)) return false;
  state.at += text.length;
  return true;
}

/** Takes `text`, which must come next. */
export function expect(state: ParseState, text: string): void {
  if (!accept(state, text)) fail();
}

/** Takes one character. */
export function take(state: ParseState): string {
  if (state.at >= state.text.length) fail();
  return state.text.charAt(state.at++);
}

/** Whether a character is one of 0 to 9; the empty one that {@link peek} gives at the end is not. */
export function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character !== "";
}

/** Takes a decimal number. */
export function takeNumber(state: ParseState): number {
  const from = state.at;
  while (isDigit(peek(state))) state.at++;
  if (state.at === from || state.at - from > 9) fail();
  return Number(state.text.slice(from, state.at));
}

/** Takes `_` as 0, `<number>_` as that number and 1: how the ABI counts what is mostly the first. */
export function takeCompactNumber(state: ParseState): number {
  if (accept(state, "_")) return 0;
  const number = takeNumber(state);
  expect(state, "_");
  return number + 1;
}

/** Takes items up to and including an `E`. */
export function takeUntilEnd(state: ParseState, item: (state: ParseState) => ItaniumNode): ItaniumNode[] {
  const items: ItaniumNode[] = [];
  while (!accept(state, "E")) items.push(item(state));
  return items;
}

/** Remembers a part that a later substitution may refer to. */
export function remember<T extends ItaniumNode>(state: ParseState, node: T): T {
  state.substitutions.push(node);
  return node;
}

/** Runs a rule that may turn out not to apply: then the cursor goes back, and what it remembered is forgotten. */
export function attempt<T>(state: ParseState, rule: () => T | undefined): T | undefined {
  const { at } = state;
  const known = state.substitutions.length;
  const result = rule();
  if (result === undefined) {
    state.at = at;
    state.substitutions.length = known;
  }
  return result;
}

/** Runs a rule that may contain itself, within the depth limit. */
export function nested<T>(state: ParseState, rule: () => T): T {
  if (++state.depth > MAX_DEPTH || ++state.steps > MAX_STEPS) fail();
  const result = rule();
  state.depth--;
  return result;
}
