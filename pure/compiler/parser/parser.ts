import type { ConfigEntry, Import, Item, Script, Span } from "../ast.ts";
import type { CDefinition } from "../c-ast.ts";
import { Diagnostics } from "../diagnostic.ts";
import { atDefinition, parseDefinition } from "./c-definitions.ts";
import {
  accept,
  advance,
  at,
  atEnd,
  type Cursor,
  cursorAt,
  expect,
  fail,
  type Grammar,
  peek,
  recover,
  report,
  skipStatement,
  unexpected,
} from "./cursor.ts";
import { parseConfig, parseItem } from "./declarations.ts";
import { parseExpression, parseExpressionFrom } from "./expressions.ts";
import { findTooDeep } from "./nesting.ts";
import {
  finishPreprocessor,
  type IncludedHeaders,
  type Preprocessor,
  readDirective,
  startPreprocessor,
} from "./preprocessor.ts";
import { parseBlock, parseIfExpression, parseImport } from "./statements.ts";

/** What {@link parseScript} needs besides the text. */
export interface ParseOptions {
  /** Positional parameters, which attach points may use (`interval:s:$1`). */
  readonly params: readonly string[];
  /** A text that others import may have definitions only. */
  readonly library?: boolean;
  /** Reads the headers that the script includes; without it they are only noted. */
  readonly headers?: IncludedHeaders;
  /** Headers that are included before the first line. */
  readonly includeFiles?: readonly string[];
}

/** A script as far as it could be read, and what is wrong with it. */
export interface ParsedScript {
  readonly script: Script;
  readonly diagnostics: Diagnostics;
}

const grammar: Grammar = {
  expression: parseExpression,
  expressionFrom: parseExpressionFrom,
  block: parseBlock,
  ifExpression: parseIfExpression,
};

/** A script in the making. The text has an order: `#` lines and C definitions, config and imports, the rest. */
interface Draft {
  readonly cursor: Cursor;
  readonly preprocessor: Preprocessor;
  readonly definitions: CDefinition[];
  readonly config: ConfigEntry[];
  readonly imports: Import[];
  readonly items: Item[];
  preamble?: Span;
  configSpan?: Span;
}

/**
 * Parses a bpftrace script by recursive descent. Never throws on any text: after an error it goes on with the next
 * statement, so that several are told at once; messages of errors start with `syntax: `.
 * Takes time linear in the length of the text.
 */
export function parseScript(source: string, options: ParseOptions): ParsedScript {
  const { params, library = false, headers, includeFiles = [] } = options;
  const diagnostics = new Diagnostics();
  const shebang = source.startsWith("#!") ? source.slice(0, lineEnd(source)).trimEnd() : undefined;
  const cursor = cursorAt(source, shebang?.length ?? 0, diagnostics, grammar);
  const draft: Draft = {
    cursor,
    preprocessor: startPreprocessor(headers),
    definitions: [],
    config: [],
    imports: [],
    items: [],
  };
  for (const path of includeFiles) {
    const problem = headers?.include(path, false, grammar);
    if (problem !== undefined) diagnostics.error(undefined, `fatal error: ${problem}`);
  }
  while (!atEnd(cursor)) {
    const { start } = cursor.token;
    recover(cursor, () => parseTopLevel(draft, params), skipItem);
    // Whatever went wrong, the next round starts further on.
    if (cursor.token.start === start && !atEnd(cursor)) advance(cursor);
  }
  finish(draft, library);
  const script = assemble(draft, shebang);
  const tooDeep = diagnostics.hasErrors ? undefined : findTooDeep(script);
  if (tooDeep !== undefined) report(cursor, tooDeep, "nested too deeply");
  return { script, diagnostics };
}

function lineEnd(source: string): number {
  const newline = source.indexOf("\n");
  return newline < 0 ? source.length : newline;
}

/** A script needs something to do; config, definitions and `#` lines alone are none. */
function finish({ cursor, preprocessor, items, imports }: Draft, library: boolean): void {
  finishPreprocessor(cursor, preprocessor);
  if (library || items.length > 0 || imports.length > 0 || cursor.errors > 0) return;
  recover(
    cursor,
    () => unexpected(cursor, "a probe"),
    () => {},
  );
}

function assemble(draft: Draft, shebang: string | undefined): Script {
  const { cursor, preprocessor, definitions, config, imports, items, preamble, configSpan } = draft;
  return {
    kind: "script",
    ...(shebang === undefined ? {} : { shebang }),
    ...(preamble === undefined ? {} : { preamble }),
    ...(configSpan === undefined ? {} : { configSpan }),
    includes: preprocessor.includes,
    defines: preprocessor.defines,
    definitions,
    config,
    imports,
    items,
    comments: cursor.comments,
    span: { start: 0, end: cursor.source.length },
  };
}

/** Goes on behind the failed item: its semicolon or its braces, or a brace that closes nothing. */
function skipItem(cursor: Cursor): void {
  skipStatement(cursor);
  accept(cursor, "}");
}

function parseTopLevel(draft: Draft, params: readonly string[]): void {
  const { cursor } = draft;
  if (accept(cursor, ";")) return;
  if (at(cursor, "#")) parseDirective(draft);
  else if (atDefinition(cursor)) parseCDefinition(draft);
  else if (at(cursor, "config") && peek(cursor).text === "=") parseConfigBlock(draft);
  else if (at(cursor, "import")) parseRootImport(draft);
  else if (at(cursor, "typedef")) rejectTypedef(cursor);
  else draft.items.push(parseItem(cursor, params));
}

/** Tells, once, that what belongs at the top stands below. The span is that of its first token. */
function requireTop({ cursor, items, config, imports }: Draft, what: string, level: "first" | "second"): void {
  const late = items.length > 0 || (level === "first" && (config.length > 0 || imports.length > 0));
  if (late) report(cursor, cursor.token, `${what} must appear before probes and functions`);
}

function parseDirective(draft: Draft): void {
  const { cursor, preprocessor } = draft;
  const { start } = cursor.token;
  requireTop(draft, "C definitions", "first");
  readDirective(cursor, preprocessor);
  extendPreamble(draft, start);
}

function parseCDefinition(draft: Draft): void {
  const { cursor, preprocessor } = draft;
  const { start } = cursor.token;
  requireTop(draft, "C definitions", "first");
  const definition = parseDefinition(cursor, preprocessor);
  if (definition !== undefined) draft.definitions.push(definition);
  extendPreamble(draft, start);
}

function extendPreamble(draft: Draft, start: number): void {
  draft.preamble = { start: draft.preamble?.start ?? start, end: draft.cursor.previousEnd };
}

function rejectTypedef(cursor: Cursor): never {
  fail(cursor, cursor.token, "typedef is not supported in scripts", "put it in a header and #include that");
}

function parseConfigBlock(draft: Draft): void {
  const { cursor } = draft;
  requireTop(draft, "config", "second");
  if (draft.configSpan !== undefined) report(cursor, cursor.token, "duplicate config block");
  const { entries, span } = parseConfig(cursor);
  draft.config.push(...entries);
  draft.configSpan = span;
}

function parseRootImport(draft: Draft): void {
  const { cursor } = draft;
  requireTop(draft, "root imports", "second");
  draft.imports.push(parseImport(cursor));
  expect(cursor, ";");
}
