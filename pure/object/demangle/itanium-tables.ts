import type { Operator } from "./itanium-node.ts";

// The codes of the "Itanium C++ ABI", 5.1.3 (operators), 5.1.5 (types) and 5.1.10 (abbreviations).

const UNARY =
  "ad & |aw co_await |az alignof |at alignof |co ~|da delete[] |de *|dl delete |gs ::|mm --|ng -|nt !|nx noexcept|pp ++|ps +|sz sizeof |st sizeof |te typeid |ti typeid |tw throw ";
const BINARY =
  "aN &=|aS =|aa &&|an &|cc const_cast|cl ()|cm ,|dV /=|dc dynamic_cast|ds .*|dt .|dv /|eO ^=|eo ^|eq ==|ge >=|gt >|ix []|lS <<=|le <=|ls <<|lt <|mI -=|mL *=|mi -|ml *|ne !=|oR |=|oo |||or ||pL +=|pl +|pm ->*|pt ->|rM %=|rS >>=|rc reinterpret_cast|rm %|rs >>|sc static_cast|ss <=>";
const TERNARY = "na new[]|nw new|qu ?";

/** Operators by their codes. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...operators(UNARY, 1),
  ...operators(BINARY, 2),
  ...operators(TERNARY, 3),
]);

function operators(list: string, arity: number): [string, Operator][] {
  // An entry is a two-letter code, a space and the text; texts may hold the separator, so entries start at a code.
  return list.split(/\|(?=[a-z][A-Za-z] )/).map((entry) => {
    const code = entry.slice(0, 2);
    const text = code === "ad" ? "&" : entry.slice(3);
    return [code, { code, text, arity }];
  });
}

/** Builtin types of one letter. */
export const BUILTIN_TYPES: Readonly<Record<string, string>> = {
  a: "signed char",
  b: "bool",
  c: "char",
  d: "double",
  e: "long double",
  f: "float",
  g: "__float128",
  h: "unsigned char",
  i: "int",
  j: "unsigned int",
  l: "long",
  m: "unsigned long",
  n: "__int128",
  o: "unsigned __int128",
  s: "short",
  t: "unsigned short",
  v: "void",
  w: "wchar_t",
  x: "long long",
  y: "unsigned long long",
  z: "...",
};

/** Builtin types of two letters, the first being D. */
export const BUILTIN_D_TYPES: Readonly<Record<string, string>> = {
  a: "auto",
  c: "decltype(auto)",
  d: "decimal64",
  e: "decimal128",
  f: "decimal32",
  h: "half",
  i: "char32_t",
  n: "decltype(nullptr)",
  s: "char16_t",
  u: "char8_t",
};

/** How a literal of a type is written: the text after the digits. Types that are not here are written as a cast. */
export const LITERAL_SUFFIXES: Readonly<Record<string, string>> = {
  int: "",
  "unsigned int": "u",
  long: "l",
  "unsigned long": "ul",
  "long long": "ll",
  "unsigned long long": "ull",
};

/** An abbreviation `S<letter>`. */
export interface StandardName {
  /** The name in full, used where a constructor or destructor follows. */
  readonly full: string;
  readonly short: string;
  /** What its constructor is called. */
  readonly base: string;
}

const CHARS = "char, std::char_traits<char>";

/** By the letter after the `S`: `Sa` is std::allocator. `St`, which is only a prefix, is not among them. */
export const STANDARD_NAMES: Readonly<Record<string, StandardName>> = {
  a: { full: "std::allocator", short: "std::allocator", base: "allocator" },
  b: { full: "std::basic_string", short: "std::basic_string", base: "basic_string" },
  s: { full: `std::basic_string<${CHARS}, std::allocator<char> >`, short: "std::string", base: "basic_string" },
  i: { full: `std::basic_istream<${CHARS} >`, short: "std::istream", base: "basic_istream" },
  o: { full: `std::basic_ostream<${CHARS} >`, short: "std::ostream", base: "basic_ostream" },
  d: { full: `std::basic_iostream<${CHARS} >`, short: "std::iostream", base: "basic_iostream" },
};
