import { expect, test } from "vitest";
import { scanToken, type Token } from "./lexer.ts";
import { decodeInt, decodeString } from "./literals.ts";

function tokens(source: string): string[] {
  const found: string[] = [];
  for (let token: Token = scanToken(source, 0); token.kind !== "end"; token = scanToken(source, token.end)) {
    found.push(`${token.kind} ${token.text}${token.problem === undefined ? "" : ` (${token.problem})`}`);
  }
  return found;
}

test("tokens are cut at their longest", () => {
  expect(tokens("a<<=b>>c->d..e")).toEqual([
    "word a",
    "punctuator <<=",
    "word b",
    "punctuator >>",
    "word c",
    "punctuator ->",
    "word d",
    "punctuator ..",
    "word e",
  ]);
  expect(tokens("@ @x $x $1 $#")).toEqual(["map @", "map @x", "variable $x", "positional $1", "positional-count $#"]);
});

test("a range is no decimal number", () => {
  expect(tokens("0..10")).toEqual(["number 0", "punctuator ..", "number 10"]);
  expect(tokens("100.0 5ms 0x1fULL 1_000")).toEqual(["number 100.0", "number 5ms", "number 0x1fULL", "number 1_000"]);
});

test("comments and line continuations are layout", () => {
  expect(tokens("a // b\n/* c\nd */ e \\\n f")).toEqual(["word a", "word e", "word f"]);
});

test("comments are collected without the blanks at their end", () => {
  const comments: Parameters<typeof scanToken>[2] = [];
  scanToken("  // one \r\n/* two */ x", 0, comments);
  expect(comments).toEqual([
    { span: { start: 2, end: 8 }, text: "// one" },
    { span: { start: 11, end: 20 }, text: "/* two */" },
  ]);
});

test("what is no token is bad, and says why", () => {
  expect(tokens("a ' b")).toEqual(["word a", "bad ' (invalid character ''')", "word b"]);
  expect(tokens("$ x")).toEqual(["bad $ (unexpected '$')", "word x"]);
  expect(tokens("/* x")).toEqual(["bad /* x (unterminated comment)"]);
  expect(tokens('"a\nb')).toEqual(['string "a (unterminated string)', "word b"]);
  expect(tokens("😀")).toEqual(["bad 😀 (invalid character '😀')"]);
});

test.each([
  ["123", 123n],
  ["1_000_000", 1_000_000n],
  ["0x1F", 31n],
  ["0X1f", 31n],
  ["010", 8n],
  ["0", 0n],
  ["00", 0n],
  ["0b101", 5n],
  ["1e6", 1_000_000n],
  ["18446744073709551615", 18446744073709551615n],
])("integer %s", (text, value) => {
  expect(decodeInt(text)).toEqual({ value });
});

test.each([
  ["5ULL", { value: 5n, suffix: "ull" }],
  ["5u", { value: 5n, suffix: "u" }],
  ["0x10L", { value: 16n, suffix: "l" }],
  ["2s", { value: 2_000_000_000n, duration: "s" }],
  ["100ms", { value: 100_000_000n, duration: "ms" }],
  ["3us", { value: 3000n, duration: "us" }],
  ["7ns", { value: 7n, duration: "ns" }],
  ["1m", { value: 60_000_000_000n, duration: "m" }],
  ["1h", { value: 3_600_000_000_000n, duration: "h" }],
  ["1d", { value: 86_400_000_000_000n, duration: "d" }],
])("suffix of %s", (text, decoded) => {
  expect(decodeInt(text)).toEqual(decoded);
});

test.each(["10e6", "1e0", "08", "1_", "5x", "0x", "0b2", "5lll", "5lu8", "1__0"])("%s is no integer", (text) => {
  expect(decodeInt(text)).toHaveProperty("problem", expect.stringMatching(/^invalid /));
});

test.each(["18446744073709551616", "4294967296u", "1e20", "999999d", "0x10000000000000000", `1${"0".repeat(100_000)}`])(
  "%.30s is out of range",
  (text) => {
    expect(decodeInt(text)).toHaveProperty("problem", expect.stringMatching(/is out of range$/));
  },
);

test("strings are decoded to one character a byte", () => {
  expect(decodeString(String.raw`"a\n\t\r\"\\\101\x41\X42\0"`).value).toBe('a\n\t\r"\\AAB\0');
  expect(decodeString('"μ€😀"').value).toBe("\xce\xbc\xe2\x82\xac\xf0\x9f\x98\x80");
  expect(decodeString('"\ud800"').value).toBe("\xef\xbf\xbd");
});

test("bad escapes are told at their place", () => {
  expect(decodeString(String.raw`"a\q"`).problems).toEqual([
    { offset: 2, length: 2, message: String.raw`invalid escape character '\q'` },
  ]);
  expect(decodeString(String.raw`"\400"`).problems[0]?.message).toBe(String.raw`octal escape '\400' is out of range`);
  expect(decodeString(String.raw`"\xzz"`).problems[0]?.message).toBe(String.raw`invalid escape character '\x'`);
});
