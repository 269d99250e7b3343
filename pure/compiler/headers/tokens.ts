/** The tokens of C's preprocessor (C11 6.4): plain text, for their kind shows in the first character. */

const token =
  /[A-Za-z_]\w*|\.?\d(?:[eEpP][+-]|[\w.])*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||##|[-+*/%&|^]=|[^\s]/g;

/** The tokens of a text that has no comments any more. */
export function tokenize(text: string): string[] {
  return text.match(token) ?? [];
}

const commentOrLiteral = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

/** The text of a file with its continued lines joined and a blank for each comment (C11 5.1.1.2). */
export function withoutComments(text: string): string {
  const joined = text.includes("\\") ? text.replace(/\\[ \t]*\r?\n/g, "") : text;
  return joined.replace(commentOrLiteral, (found) => (found[0] === "/" ? " " : found));
}

/** Whether a token is a name. */
export function isName(text: string): boolean {
  const code = text.charCodeAt(0);
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, "0": 0, a: 7, b: 8, f: 12, v: 11 };

/** The value of a character constant such as `'a'` or `'\x1b'`. */
export function characterValue(text: string): number {
  const inner = text.slice(1, -1);
  if (inner[0] !== "\\") return inner.charCodeAt(0) || 0;
  const number = /^\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))$/.exec(inner);
  if (number) return number[1] === undefined ? Number.parseInt(number[2], 8) : Number.parseInt(number[1], 16);
  return SIMPLE_ESCAPES[inner[1]] ?? inner.charCodeAt(1);
}
