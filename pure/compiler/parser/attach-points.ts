import type { AttachPoint, AttachPointPart } from "../ast.ts";

/** An attach point read from the text, and where it ended. */
export interface ScannedAttachPoint {
  readonly attachPoint: AttachPoint;
  /** Set when a quote never closes: where it opened. */
  readonly openQuote?: number;
}

const label = /([A-Za-z_]\w*)[ \t]*=[ \t]*(?=[A-Za-z_"$*])/y;
const parameter = /\$(?:(\d+)|#)/y;
/** Characters that stand for themselves. The others end the attach point or mean something in it. */
const plain = /[^\s{,:"$/]+/y;

/**
 * Reads the attach point at `start`: text up to a blank, `{` or `,` outside quotes, split at colons outside quotes.
 * A `/` belongs to it once there was a colon, as in a path; before that it opens the predicate.
 * `$1` and `$#` outside quotes are replaced by the parameters, whose colons split as well; a missing one is empty.
 */
export function scanAttachPoint(source: string, start: number, params: readonly string[]): ScannedAttachPoint {
  const name = matchAt(label, source, start);
  const from = start + (name?.[0].length ?? 0);
  const parts: AttachPointPart[] = [];
  let part = { start: from, text: "", quoted: false };
  let at = from;
  let openQuote: number | undefined;
  const close = () => parts.push({ text: part.text, quoted: part.quoted, span: { start: part.start, end: at } });
  while (at < source.length && openQuote === undefined) {
    const piece = readPiece(source, at, params);
    if (piece !== undefined) {
      const from = at;
      const [text, ...further] = piece.parts;
      part = { start: part.start, text: part.text + text, quoted: part.quoted || piece.quoted };
      at = piece.end;
      for (const each of further) {
        close();
        part = { start: from, text: each, quoted: false };
      }
      if (!piece.closed) openQuote = at;
    } else if (source[at] === ":") {
      close();
      at++;
      part = { start: at, text: "", quoted: false };
    } else if (source[at] === "/" && parts.length > 0) {
      part.text += "/";
      at++;
    } else {
      break;
    }
  }
  close();
  const attachPoint: AttachPoint = { parts, text: source.slice(from, at), span: { start, end: at } };
  const named = name === undefined ? attachPoint : { name: name[1], ...attachPoint };
  return openQuote === undefined ? { attachPoint: named } : { attachPoint: named, openQuote };
}

interface Piece {
  /** More than one where a parameter holds colons. */
  readonly parts: readonly string[];
  readonly quoted: boolean;
  readonly end: number;
  readonly closed: boolean;
}

/** Plain text, a quoted run or a parameter; `undefined` at a colon, a slash and where the attach point ends. */
function readPiece(source: string, at: number, params: readonly string[]): Piece | undefined {
  if (source[at] === '"') return readQuoted(source, at);
  if (source[at] !== "$") {
    const text = matchAt(plain, source, at)?.[0];
    return text === undefined ? undefined : { parts: [text], quoted: false, end: at + text.length, closed: true };
  }
  const match = matchAt(parameter, source, at);
  if (match === undefined) return { parts: ["$"], quoted: false, end: at + 1, closed: true };
  const text = match[1] === undefined ? String(params.length) : (params[Number(match[1]) - 1] ?? "");
  return { parts: text.split(":"), quoted: false, end: at + match[0].length, closed: true };
}

function readQuoted(source: string, open: number): Piece {
  let text = "";
  let at = open + 1;
  for (; at < source.length && source[at] !== '"' && source[at] !== "\n"; at++) {
    if (source[at] === "\\" && (source[at + 1] === '"' || source[at + 1] === "\\")) at++;
    text += source[at];
  }
  const closed = source[at] === '"';
  return { parts: [text], quoted: true, end: closed ? at + 1 : Math.min(at, source.length), closed };
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source) ?? undefined;
}
