/** The scalar types of C, and how large values of C are: the LP64 model of x86-64 and arm64. */
import { BOOL, floatType, INT64, intType, NONE, type Type, UINT64 } from "./types.ts";

/** Types that need no definition, by the name that `canonicalArithmetic` gives them. */
const SCALARS: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["void", NONE],
  ["bool", BOOL],
  ["float", floatType("float", 4)],
  ["double", floatType("double", 8)],
  ["long double", floatType("long double", 16)],
  ["__int128", floatType("__int128", 16)],
  ["unsigned __int128", floatType("unsigned __int128", 16)],
  ["_Bool", BOOL],
  ["char", intType(8, true)],
  ["signed char", intType(8, true)],
  ["unsigned char", intType(8, false)],
  ["short", intType(16, true)],
  ["unsigned short", intType(16, false)],
  ["int", intType(32, true)],
  ["unsigned int", intType(32, false)],
  ["long", INT64],
  ["unsigned long", UINT64],
  ["long long", INT64],
  ["unsigned long long", UINT64],
  ["size_t", UINT64],
  ["ssize_t", INT64],
  ["intptr_t", INT64],
  ["uintptr_t", UINT64],
  ["pid_t", intType(32, true)],
  ["uid_t", intType(32, false)],
  ["gid_t", intType(32, false)],
  ["off_t", INT64],
  ["loff_t", INT64],
  ["register_t", INT64],
  ["time_t", INT64],
  ["mode_t", intType(32, false)],
  ["dev_t", UINT64],
  ["ino_t", UINT64],
  ["uint", intType(32, false)],
  ["ulong", UINT64],
  ["ushort", intType(16, false)],
  ...[8, 16, 32, 64].flatMap((bits): [string, Type][] => [
    [`int${bits}`, intType(bits, true)],
    [`uint${bits}`, intType(bits, false)],
    [`int${bits}_t`, intType(bits, true)],
    [`uint${bits}_t`, intType(bits, false)],
    [`s${bits}`, intType(bits, true)],
    [`u${bits}`, intType(bits, false)],
    [`__s${bits}`, intType(bits, true)],
    [`__u${bits}`, intType(bits, false)],
    [`__le${bits}`, intType(bits, false)],
    [`__be${bits}`, intType(bits, false)],
  ]),
]);

/** The scalar type of this name. */
export function scalarType(name: string): Type | undefined {
  return SCALARS.get(name);
}

/** Bytes of a value of C, its padding included; 0 for what has no size. */
export function sizeOfC(type: Type): number {
  switch (type.kind) {
    case "int":
      return type.bits / 8;
    case "enum":
      return type.sizeBytes;
    case "bool":
      return 1;
    case "float":
      return type.sizeBytes;
    case "string":
      return type.size;
    case "array":
      return sizeOfC(type.of) * type.count;
    case "struct":
      return type.sizeBytes;
    case "none":
      return 0;
    default:
      return 8;
  }
}

/** What its address must be a multiple of. */
export function alignOfC(type: Type): number {
  if (type.kind === "array") return alignOfC(type.of);
  if (type.kind === "struct") return type.alignBytes;
  if (type.kind === "string") return 1;
  return Math.max(1, sizeOfC(type));
}
