import type { Define, Include, Span } from "../ast.ts";
import { positionOf, singleSource } from "../sources.ts";
import { clangError } from "./clang-error.ts";
import { type ConstantScope, evaluateConstant } from "./constants.ts";
import { type Cursor, type Grammar, report, seekAfter } from "./cursor.ts";
import { commentEnd, continuationEnd } from "./lexer.ts";
import { wholeExpression } from "./whole-expression.ts";

/** The headers that a script includes, as its `#` lines need them. */
export interface IncludedHeaders extends ConstantScope {
  /** Reads a header. Says what is wrong, if anything is. */
  include(path: string, system: boolean, grammar: Grammar): string | undefined;
  /** A define of the script, which headers and conditions see. */
  define(text: string): void;
  undefine(name: string): void;
  /** The value of a condition. */
  evaluate(text: string, grammar: Grammar): bigint | undefined;
}

/** What the `#` lines have said so far. */
export interface Preprocessor extends ConstantScope {
  readonly includes: Include[];
  readonly defines: Define[];
  /** Values of defines and enum constants. */
  readonly constants: Map<string, bigint>;
  readonly defined: Set<string>;
  /** The open `#if`s, the innermost last: where it stands, and whether one of its arms was taken already. */
  readonly conditions: { readonly span: Span; taken: boolean }[];
  /** Absent where the headers of a script do not matter, as when it is only printed. */
  readonly headers: IncludedHeaders | undefined;
}

/** The state before the first line. `BPFTRACE_HAVE_BTF` and `BEETRACE` are defined: types come from BTF. */
export function startPreprocessor(headers?: IncludedHeaders): Preprocessor {
  const constants = new Map([
    ["BPFTRACE_HAVE_BTF", 1n],
    ["BEETRACE", 1n],
  ]);
  const defined = new Set(constants.keys());
  return {
    includes: [],
    defines: [],
    constants,
    defined,
    conditions: [],
    headers,
    valueOf: (name) => constants.get(name) ?? headers?.valueOf(name),
    ...(headers?.measure ? { measure: headers.measure } : {}),
    isDefined: (name) => defined.has(name) || (headers?.isDefined(name) ?? false),
  };
}

interface Line {
  readonly cursor: Cursor;
  readonly state: Preprocessor;
  /** From `#` to the last character that is no comment. */
  readonly span: Span;
  /** The text after the directive's name, and where it starts. */
  readonly rest: string;
  readonly restStart: number;
  /** Where reading goes on: after this line, or after those that its condition leaves out. */
  next: number;
}

const directives: ReadonlyMap<string, (line: Line) => void> = new Map<string, (line: Line) => void>([
  ["include", readInclude],
  ["define", readDefine],
  ["undef", ({ state, rest }) => forget(state, rest)],
  ["ifdef", (line) => openCondition(line, line.state.isDefined(line.rest))],
  ["ifndef", (line) => openCondition(line, !line.state.isDefined(line.rest))],
  ["if", (line) => openCondition(line, holds(line))],
  ["elif", (line) => nextArm(line, "elif")],
  ["else", (line) => nextArm(line, "else")],
  ["endif", readEndif],
  ["error", ({ cursor, span, rest }) => report(cursor, span, rest === "" ? "#error" : rest)],
  ["pragma", () => {}],
  ["line", () => {}],
]);

const directiveName = /#[ \t]*([A-Za-z_]\w*)?[ \t]*/y;

/** Reads the `#` line that the cursor is on, and with it the lines that its condition leaves out. */
export function readDirective(cursor: Cursor, state: Preprocessor): void {
  const { start } = cursor.token;
  directiveName.lastIndex = start;
  const match = directiveName.exec(cursor.source);
  const name = match?.[1] ?? "";
  const read = directives.get(name);
  if (match === null || read === undefined) {
    readUnknown(cursor, name);
    return;
  }
  const restStart = start + match[0].length;
  const { end, codeEnd } = logicalLine(cursor.source, restStart);
  const span = { start, end: Math.max(codeEnd, start + match[0].trimEnd().length) };
  const line = { cursor, state, span, rest: cursor.source.slice(restStart, codeEnd), restStart, next: end };
  read(line);
  seekAfter(cursor, line.next);
}

/** Tells of an `#if` that nothing ended. */
export function finishPreprocessor(cursor: Cursor, state: Preprocessor): void {
  for (const { span } of state.conditions) report(cursor, span, "this condition has no #endif");
}

/** `# some words` is taken as a comment, as in a shell script; `#words` is a misspelt directive. */
function readUnknown(cursor: Cursor, name: string): void {
  const { start, end } = cursor.token;
  const close = lineEnd(cursor.source, start);
  const text = cursor.source.slice(start, close).trimEnd();
  if (name !== "" && text.startsWith(`#${name}`)) {
    report(cursor, { start, end: end + name.length }, `unknown directive '#${name}'`, "comments start with //");
  }
  seekAfter(cursor, close);
}

function lineEnd(source: string, from: number): number {
  const newline = source.indexOf("\n", from);
  return newline < 0 ? source.length : newline;
}

/** The end of a line that a backslash, a string or a comment may carry on, and the end of the code in it. */
function logicalLine(source: string, from: number): { end: number; codeEnd: number } {
  let at = from;
  let codeEnd = from;
  let inString = false;
  while (at < source.length && source[at] !== "\n") {
    const skipped = inString ? at : skipFromCode(source, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    if (source[at] === '"') inString = !inString;
    if (inString && source[at] === "\\") at++;
    if (source.charCodeAt(at) > 32) codeEnd = at + 1;
    at++;
  }
  return { end: Math.min(at, source.length), codeEnd: Math.min(codeEnd, source.length) };
}

/** Beyond a comment or a line continuation, or `at` itself. A comment that never ends is code: the lexer tells of it. */
function skipFromCode(source: string, at: number): number {
  if (source[at] === "\\") return continuationEnd(source, at);
  return source[at] === "/" ? (commentEnd(source, at) ?? at) : at;
}

function readInclude({ cursor, state, span, rest }: Line): void {
  const match = /^(?:<([^>\n]+)>|"([^"\n]+)")$/.exec(rest);
  if (match === null) {
    report(cursor, span, 'expected #include <file> or #include "file"');
    return;
  }
  const include = { path: match[1] ?? match[2], system: match[1] !== undefined, span };
  state.includes.push(include);
  const pathSpan = { start: span.end - rest.length, end: span.end };
  const problem = state.headers?.include(include.path, include.system, cursor.grammar);
  if (problem !== undefined) {
    const place = positionOf(singleSource("", cursor.source), pathSpan.start);
    cursor.diagnostics.error(pathSpan, clangError(place, "fatal error", problem));
  }
}

function readDefine({ cursor, state, span, rest, restStart }: Line): void {
  const match = /^([A-Za-z_]\w*)(\([^)]*\))?\s*/.exec(rest);
  if (match === null) {
    report(cursor, span, "expected a name after #define");
    return;
  }
  const [all, name, list] = match;
  const body = rest.slice(all.length);
  state.defined.add(name);
  state.headers?.define(rest);
  if (list !== undefined) {
    const params = list
      .slice(1, -1)
      .split(",")
      .map((each) => each.trim());
    state.defines.push({ name, params: params.filter((each) => each !== ""), body, span });
    return;
  }
  const value =
    body === ""
      ? undefined
      : wholeExpression(cursor.source.slice(0, restStart + rest.length), restStart + all.length, cursor.grammar);
  state.defines.push(value === undefined ? { name, body, span } : { name, body, value, span });
  const constant = value === undefined ? undefined : evaluateConstant(value, state);
  if (constant !== undefined) state.constants.set(name, constant);
}

function forget(state: Preprocessor, name: string): void {
  state.defined.delete(name);
  state.constants.delete(name);
  state.headers?.undefine(name);
}

function openCondition(line: Line, taken: boolean): void {
  line.state.conditions.push({ span: line.span, taken });
  if (!taken) skipDead(line);
}

/** At `#else` or `#elif`: the arm before was taken and this one is not, unless {@link skipDead} stopped here. */
function nextArm(line: Line, name: string): void {
  const { cursor, state, span } = line;
  const condition = state.conditions.at(-1);
  if (condition === undefined) {
    report(cursor, span, `#${name} without #if`);
    return;
  }
  const taken = !condition.taken && (name === "else" || holds(line));
  if (taken) condition.taken = true;
  else skipDead(line);
}

function readEndif({ cursor, state, span }: Line): void {
  if (state.conditions.pop() === undefined) report(cursor, span, "#endif without #if");
}

/** The condition of `#if` and `#elif`. An unknown name is 0, as in C. */
function holds({ cursor, state, span, rest }: Line): boolean {
  const result = state.headers ? state.headers.evaluate(rest, cursor.grammar) : evaluate(cursor, state, rest);
  if (result === undefined)
    cursor.diagnostics.warning(span, "this condition cannot be evaluated and is taken as false");
  return result !== undefined && result !== 0n;
}

function evaluate({ grammar }: Cursor, state: Preprocessor, text: string): bigint | undefined {
  const value = wholeExpression(text.replace(/\bdefined\s+([A-Za-z_]\w*)/g, "defined($1)"), 0, grammar);
  const scope: ConstantScope = { isDefined: state.isDefined, valueOf: (name) => state.valueOf(name) ?? 0n };
  return value === undefined ? undefined : evaluateConstant(value, scope);
}

const conditional = /[ \t\r\f\v]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b/y;

/** Goes to the `#elif`, `#else` or `#endif` of the open condition; what is skipped need not even be tokens. */
function skipDead(line: Line): void {
  const { source } = line.cursor;
  let open = 0;
  for (; line.next < source.length; line.next = lineEnd(source, line.next) + 1) {
    conditional.lastIndex = line.next;
    const word = conditional.exec(source)?.[1];
    if (word === undefined) continue;
    if (open === 0 && !word.startsWith("if")) return;
    if (word.startsWith("if")) open++;
    if (word === "endif") open--;
  }
  line.next = source.length;
}
