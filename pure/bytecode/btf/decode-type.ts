import {
  BTF_INT_BOOL,
  BTF_INT_CHAR,
  BTF_INT_SIGNED,
  BTF_KIND_ARRAY,
  BTF_KIND_CONST,
  BTF_KIND_DATASEC,
  BTF_KIND_DECL_TAG,
  BTF_KIND_ENUM,
  BTF_KIND_ENUM64,
  BTF_KIND_FLOAT,
  BTF_KIND_FUNC,
  BTF_KIND_FUNC_PROTO,
  BTF_KIND_FWD,
  BTF_KIND_INT,
  BTF_KIND_PTR,
  BTF_KIND_RESTRICT,
  BTF_KIND_STRUCT,
  BTF_KIND_TYPE_TAG,
  BTF_KIND_TYPEDEF,
  BTF_KIND_UNION,
  BTF_KIND_VAR,
  BTF_KIND_VOLATILE,
  BtfError,
  type BtfSections,
  kindOf,
  RECORD_WORDS,
  recordWords,
  vlenOf,
} from "./format.ts";
import { stringAt } from "./strings.ts";
import type { BtfComposite, BtfConstant, BtfFunc, BtfFuncProto, BtfMember, BtfType } from "./type.ts";

/** The linkage of functions and variables, by its number in BTF. */
export const BTF_LINKAGES = ["static", "global", "extern"] as const;

/** Decodes the record at word `at`. Throws {@link BtfError} when it is malformed. */
export function decodeType(btf: BtfSections, at: number): BtfType {
  const { words } = btf;
  const info = words[at + 1];
  const length = info === undefined ? 0 : recordWords(info);
  if (length === 0 || at + length > words.length) throw malformed(btf, at, "no type record");
  const sizeOrType = words[at + 2];
  const extra = words[at + RECORD_WORDS];
  switch (kindOf(info)) {
    case BTF_KIND_INT:
      return decodeInt(nameAt(btf, at), sizeOrType, extra);
    case BTF_KIND_PTR:
      return { kind: "ptr", to: sizeOrType };
    case BTF_KIND_ARRAY:
      return { kind: "array", element: extra, index: words[at + 4], count: words[at + 5] };
    case BTF_KIND_STRUCT:
      return decodeComposite(btf, at, "struct");
    case BTF_KIND_UNION:
      return decodeComposite(btf, at, "union");
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return decodeEnum(btf, at);
    case BTF_KIND_FWD:
      return { kind: "fwd", name: nameAt(btf, at), union: info >>> 31 === 1 };
    case BTF_KIND_TYPEDEF:
      return { kind: "typedef", name: nameAt(btf, at), type: sizeOrType };
    case BTF_KIND_VOLATILE:
      return { kind: "volatile", type: sizeOrType };
    case BTF_KIND_CONST:
      return { kind: "const", type: sizeOrType };
    case BTF_KIND_RESTRICT:
      return { kind: "restrict", type: sizeOrType };
    case BTF_KIND_TYPE_TAG:
      return { kind: "type_tag", name: nameAt(btf, at), type: sizeOrType };
    case BTF_KIND_FUNC:
      return { kind: "func", name: nameAt(btf, at), proto: sizeOrType, linkage: linkageOf(btf, at, vlenOf(info)) };
    case BTF_KIND_FUNC_PROTO:
      return decodeFuncProto(btf, at);
    case BTF_KIND_VAR:
      return { kind: "var", name: nameAt(btf, at), type: sizeOrType, linkage: linkageOf(btf, at, extra) };
    case BTF_KIND_DATASEC:
      return decodeDatasec(btf, at);
    case BTF_KIND_FLOAT:
      return { kind: "float", name: nameAt(btf, at), size: sizeOrType };
    case BTF_KIND_DECL_TAG:
      return { kind: "decl_tag", name: nameAt(btf, at), type: sizeOrType, component: extra | 0 };
    default:
      throw malformed(btf, at, "unknown kind");
  }
}

/** The enumerator at word `at`, inside the enum record at word `enumAt`. */
function decodeConstant(btf: BtfSections, enumAt: number, at: number): BtfConstant {
  const { words } = btf;
  const signed = words[enumAt + 1] >>> 31 === 1;
  const low = words[at + 1];
  if (kindOf(words[enumAt + 1]) === BTF_KIND_ENUM) {
    return { name: nameAt(btf, at), value: BigInt(signed ? low | 0 : low) };
  }
  const value = (BigInt(words[at + 2]) << 32n) | BigInt(low);
  return { name: nameAt(btf, at), value: signed ? BigInt.asIntN(64, value) : value };
}

function malformed(btf: BtfSections, at: number, message: string): BtfError {
  return new BtfError(message, btf.wordsOffset + at * 4);
}

/** The name whose offset is the word at `at`. */
function nameAt(btf: BtfSections, at: number): string {
  const name = stringAt(btf.strings, btf.words[at]);
  if (name === undefined) throw malformed(btf, at, `name offset ${btf.words[at]} is beyond the strings`);
  return name;
}

function decodeInt(name: string, size: number, encoding: number): BtfType {
  const flags = (encoding >>> 24) & 0xf;
  return {
    kind: "int",
    name,
    size,
    bits: encoding & 0xff,
    signed: (flags & BTF_INT_SIGNED) !== 0,
    bool: (flags & BTF_INT_BOOL) !== 0,
    char: (flags & BTF_INT_CHAR) !== 0,
  };
}

function decodeComposite(btf: BtfSections, at: number, kind: "struct" | "union"): BtfComposite {
  const { words } = btf;
  const info = words[at + 1];
  const hasBitfields = info >>> 31 === 1;
  const members: BtfMember[] = [];
  const end = at + recordWords(info);
  for (let member = at + RECORD_WORDS; member < end; member += 3) {
    const offset = words[member + 2];
    const base = { name: nameAt(btf, member), type: words[member + 1] };
    const bitfieldSize = hasBitfields ? offset >>> 24 : 0;
    const bitOffset = hasBitfields ? offset & 0xffffff : offset;
    members.push(bitfieldSize === 0 ? { ...base, bitOffset } : { ...base, bitOffset, bitfieldSize });
  }
  return { kind, name: nameAt(btf, at), size: words[at + 2], members };
}

function decodeEnum(btf: BtfSections, at: number): BtfType {
  const { words } = btf;
  const info = words[at + 1];
  const step = kindOf(info) === BTF_KIND_ENUM ? 2 : 3;
  const constants: BtfConstant[] = [];
  const end = at + recordWords(info);
  for (let word = at + RECORD_WORDS; word < end; word += step) constants.push(decodeConstant(btf, at, word));
  return { kind: "enum", name: nameAt(btf, at), size: words[at + 2], signed: info >>> 31 === 1, constants };
}

function decodeFuncProto(btf: BtfSections, at: number): BtfFuncProto {
  const { words } = btf;
  const params = [];
  const end = at + recordWords(words[at + 1]);
  for (let word = at + RECORD_WORDS; word < end; word += 2) {
    params.push({ name: nameAt(btf, word), type: words[word + 1] });
  }
  // A last parameter without name and type stands for `...`.
  const last = params.at(-1);
  const variadic = last !== undefined && last.name === "" && last.type === 0;
  return { kind: "func_proto", result: words[at + 2], params: variadic ? params.slice(0, -1) : params, variadic };
}

function decodeDatasec(btf: BtfSections, at: number): BtfType {
  const { words } = btf;
  const variables = [];
  const end = at + recordWords(words[at + 1]);
  for (let word = at + RECORD_WORDS; word < end; word += 3) {
    variables.push({ type: words[word], offset: words[word + 1], size: words[word + 2] });
  }
  return { kind: "datasec", name: nameAt(btf, at), size: words[at + 2], variables };
}

function linkageOf(btf: BtfSections, at: number, linkage: number): BtfFunc["linkage"] {
  const name = BTF_LINKAGES[linkage];
  if (name === undefined) throw malformed(btf, at, `unknown linkage ${linkage}`);
  return name;
}
