/**
 * Expressions of BCC's `trace` and `argdist`, which are C, in the project's own language. The two differ in little: in
 * what is known by which name, in character constants, and in STRCMP.
 */
import { ToolError } from "./tool.ts";

/** What a name stands for; absent where it stands for itself. */
export type Names = (name: string) => string | undefined;

type Token = { readonly kind: "space" | "name" | "string" | "char" | "number" | "other"; readonly text: string };

const TOKEN =
  /(?<space>\s+)|(?<name>\$?[A-Za-z_]\w*(?:@user)?)|(?<string>"(?:[^"\\]|\\.)*")|(?<char>'(?:[^'\\]|\\.)+')|(?<number>\d\w*)|(?<other>->|.)/gsu;

/** Fields of `struct sock` that C programs know by short names: macros of include/net/sock.h. */
const SOCK_FIELD =
  /^sk_(num|dport|addrpair|daddr|rcv_saddr|family|state|reuse|reuseport|ipv6only|net_refcnt|bound_dev_if|bind_node|prot|net|v6_daddr|v6_rcv_saddr|cookie|incoming_cpu|flags|rxhash)$/;

/** An expression, its names replaced. Throws {@link ToolError}. */
export function translated(expression: string, names: Names): string {
  const tokens = tokensOf(expression);
  let text = "";
  for (let at = 0; at < tokens.length; at++) {
    const { kind, text: word } = tokens[at];
    if (kind === "name" && word === "STRCMP") {
      const call = comparison(tokens, at, names);
      text += call.text;
      at = call.last;
    } else if (kind === "name") text += isField(tokens, at) ? fieldName(word) : (names(word) ?? word);
    else text += kind === "char" ? characterCode(word) : word;
  }
  return text.trim();
}

function tokensOf(expression: string): Token[] {
  return Array.from(expression.matchAll(TOKEN), ({ groups }) => {
    const [kind, text] = Object.entries(groups ?? {}).find(([, value]) => value !== undefined) ?? ["other", ""];
    return { kind: kind as Token["kind"], text };
  });
}

/** Whether a name is that of a member: behind `.` or `->`. */
function isField(tokens: readonly Token[], at: number): boolean {
  const before = tokens.slice(0, at).findLast(({ kind }) => kind !== "space")?.text;
  return before === "." || before === "->";
}

function fieldName(name: string): string {
  return name.replace(SOCK_FIELD, "__sk_common.skc_$1");
}

/** `STRCMP("text", e)`: whether what e points to begins so, as BCC has it. */
function comparison(tokens: readonly Token[], at: number, names: Names): { text: string; last: number } {
  const last = closing(tokens, at + 1);
  const [needle, ...rest] = splitAtCommas(
    tokens
      .slice(at + 2, last)
      .map(({ text }) => text)
      .join(""),
  );
  if (last < 0 || !/^\s*".*"\s*$/s.test(needle) || rest.length !== 1)
    throw new ToolError('STRCMP compares a text with an expression: STRCMP("text", arg1)');
  const length = Buffer.byteLength(
    needle
      .trim()
      .slice(1, -1)
      .replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/gs, "."),
  );
  return { text: `(strncmp(str(${translated(rest[0], names)}), ${needle.trim()}, ${length}) == 0)`, last };
}

/** Where the bracket that opens at `open` closes; -1 if nowhere. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at].text === "(") depth++;
    else if (tokens[at].text === ")" && --depth === 0) return at;
  }
  return -1;
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, "0": 0, "\\": 92, "'": 39, '"': 34 };

function characterCode(constant: string): string {
  const body = constant.slice(1, -1);
  return String(body.startsWith("\\") ? (ESCAPES[body[1]] ?? 0) : (body.codePointAt(0) ?? 0));
}

/** Parts of a list, whose commas are neither in brackets nor in quotes. */
export function splitAtCommas(list: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const { kind, text } of tokensOf(list)) {
    if (kind === "other" && /[([]/.test(text)) depth++;
    if (kind === "other" && /[)\]]/.test(text)) depth--;
    if (text === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += text;
  }
  return parts;
}

/** A parameter of a function's signature. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  /** Marked `__user`: it points into the process. */
  readonly isUser: boolean;
}

/** `struct sock *sk, size_t size` as parameters. */
export function readSignature(signature: string): Parameter[] {
  return splitAtCommas(signature)
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "void")
    .map((part) => {
      const [, type, name] = /^(.*?[\s*])(\w+)$/s.exec(part) ?? [];
      if (name === undefined)
        throw new ToolError(`'${part}' is no parameter`, "write its type and its name: size_t size");
      return { name, type: type.replace(/\b__user\b\s*/, "").trim(), isUser: /\b__user\b/.test(type) };
    });
}

/** Names by their values, and parameters by the arguments that they are. */
export function namesOf(
  fixed: Readonly<Record<string, string>>,
  parameters: readonly Parameter[],
  argument: (index: number) => string,
): Names {
  return (name) => {
    const [plain, user] = name.endsWith("@user") ? [name.slice(0, -"@user".length), true] : [name, false];
    const inUser = (value: string, isUser: boolean) => (isUser ? `uptr(${value})` : value);
    const index = parameters.findIndex((each) => each.name === plain);
    if (index >= 0) {
      const { type, isUser } = parameters[index];
      return inUser(`((${type})${argument(index)})`, isUser || user);
    }
    const [, number] = /^arg([1-9])$/.exec(plain) ?? [];
    if (number !== undefined) return inUser(argument(Number(number) - 1), user);
    return fixed[plain];
  };
}
