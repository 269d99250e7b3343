/** The escapes of rustc's first mangling (rustc_symbol_mangling, legacy.rs). */
const ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

const HASH = /^h[0-9a-f]{16}$/;

/**
 * Demangles a legacy Rust name, `_ZN <length><identifier>… 17h<hash> E`: the path without the hash.
 * Undefined when the name is not one (it may then be C++).
 */
export function demangleRustLegacy(name: string): string | undefined {
  const parts: string[] = [];
  let at = 3;
  while (name.charAt(at) !== "E") {
    const digits = /^[1-9]\d{0,5}/.exec(name.slice(at, at + 6))?.[0];
    if (digits === undefined) return undefined;
    at += digits.length;
    const part = name.slice(at, at + Number(digits));
    if (part.length !== Number(digits)) return undefined;
    parts.push(part);
    at += part.length;
  }
  const hash = parts.pop();
  if (hash === undefined || parts.length === 0 || !HASH.test(hash)) return undefined;
  const suffix = name.slice(at + 1);
  if (suffix !== "" && !suffix.startsWith(".")) return undefined;
  return parts.map(unescapePart).join("::") + (suffix.startsWith(".llvm.") ? "" : suffix);
}

function unescapePart(part: string): string {
  // An identifier may not begin with `$`, so rustc puts an underscore before it.
  const text = part.startsWith("_$") ? part.slice(1) : part;
  return text.replace(/\$([A-Za-z0-9]+)\$|\.\./g, (whole, code?: string) => {
    if (code === undefined) return "::";
    const digits = /^u([0-9a-f]{1,6})$/.exec(code)?.[1];
    const point = digits === undefined ? 0x110000 : Number.parseInt(digits, 16);
    return point < 0x110000 ? String.fromCodePoint(point) : (ESCAPES[code] ?? whole);
  });
}
