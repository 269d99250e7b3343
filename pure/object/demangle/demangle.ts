import { parseMangledName } from "./parse-encoding.ts";
import { DemangleFailure } from "./parse-state.ts";
import { renderItanium } from "./render-itanium.ts";
import { demangleRustLegacy } from "./rust-legacy.ts";
import { demangleRustV0 } from "./rust-v0.ts";

/**
 * The name as its author wrote it: of C++ ("Itanium C++ ABI", 5.1; printed as c++filt of GNU binutils prints it) and of
 * Rust (legacy and v0, without hashes). A name that is neither, or is malformed, comes back as it is.
 */
export function demangle(name: string): string {
  try {
    if (name.startsWith("_Z")) return demangleUnderscoreZ(name);
    if (name.startsWith("_R")) return demangleRustV0(name);
    return demangleGlobal(name) ?? name;
  } catch (error) {
    if (error instanceof DemangleFailure) return name;
    throw error;
  }
}

function demangleUnderscoreZ(name: string): string {
  const rust = name.startsWith("_ZN") ? demangleRustLegacy(name) : undefined;
  if (rust !== undefined) return rust;
  const { encoding, cloneSuffixes } = parseMangledName(name.slice(2));
  return renderItanium(encoding) + cloneSuffixes.map((suffix) => ` [clone ${suffix}]`).join("");
}

/** What GCC calls the functions that construct and destroy the global objects of a file. */
function demangleGlobal(name: string): string | undefined {
  const match = /^_GLOBAL_[._$]([ID])_(.+)$/.exec(name);
  if (match === null) return undefined;
  return `global ${match[1] === "I" ? "constructors" : "destructors"} keyed to ${demangle(match[2])}`;
}
