/**
 * BTF types as C. The layout of the text (tabs, names of padding, where blanks go) is that of `bpftool btf dump format c`,
 * so that people see what they are used to.
 */
import { Aligner } from "./align.ts";
import type { Btf } from "./btf.ts";
import { BtfError } from "./format.ts";
import { padding } from "./padding.ts";
import type { BtfComposite, BtfEnum, BtfFuncProto, BtfType } from "./type.ts";

/** No type of a real kernel is nested this deep, or has this many lines. */
const MAX_NESTING = 32;
const MAX_LINES = 100_000;

/**
 * The C declaration of a struct, union or enum with all its members, or of a typedef; other types are only named.
 * Ends with a semicolon, without a line feed. Throws {@link BtfError} when the type is malformed.
 */
export function printCType(btf: Btf, id: number): string {
  const printer: Printer = { btf, aligner: new Aligner(btf), linesLeft: MAX_LINES };
  const type = btf.type(id);
  switch (type.kind) {
    case "struct":
    case "union":
      return `${compositeText(printer, id, type, 0)};`;
    case "enum":
      return `${enumText(type, 0)};`;
    case "typedef":
      return `typedef ${declaration(printer, type.type, type.name, 0)};`;
    case "func":
      return `${declaration(printer, type.proto, type.name, 0)};`;
    default:
      return `${declaration(printer, id, "", 0)};`;
  }
}

/** The C name of a type as it is written before a variable: `struct dentry *`, `unsigned int`, `char [16]`. */
export function cTypeName(btf: Btf, id: number): string {
  return declaration({ btf, aligner: new Aligner(btf), linesLeft: MAX_LINES }, id, "", 0);
}

interface Printer {
  readonly btf: Btf;
  readonly aligner: Aligner;
  linesLeft: number;
}

function newLine(printer: Printer, level: number): string {
  if (level > MAX_NESTING || printer.linesLeft-- === 0) throw new BtfError("a type contains itself");
  return `\n${"\t".repeat(level)}`;
}

function compositeText(printer: Printer, id: number, type: BtfComposite, level: number): string {
  const { btf, aligner } = printer;
  const { packed, bytes: alignment } = aligner.of(id);
  const isStruct = type.kind === "struct";
  let text = type.name === "" ? `${type.kind} {` : `${type.kind} ${type.name} {`;
  let endBit = 0;
  let afterBitfield = false;
  const pad = (toBit: number, align: number, inBitfield: boolean): void => {
    for (const line of padding(endBit, toBit, align, inBitfield)) text += `${newLine(printer, level + 1)}${line};`;
  };
  for (const member of type.members) {
    const isBitfield = member.bitfieldSize !== undefined;
    pad(member.bitOffset, packed ? 1 : aligner.of(member.type).bytes, afterBitfield && isBitfield);
    text += newLine(printer, level + 1) + declaration(printer, member.type, member.name, level + 1);
    text += isBitfield ? `: ${member.bitfieldSize};` : ";";
    endBit = member.bitOffset + (member.bitfieldSize ?? btf.sizeOf(member.type) * 8);
    afterBitfield = isBitfield;
  }
  if (isStruct) pad(type.size * 8, alignment, false);
  text += type.members.length > 0 || type.size > 0 ? `${newLine(printer, level)}}` : "}";
  return isStruct && packed ? `${text} __attribute__((packed))` : text;
}

function enumText(type: BtfEnum, level: number): string {
  const indent = "\t".repeat(level);
  const suffix = type.size === 8 ? (type.signed ? "LL" : "ULL") : "";
  const constants = type.constants.map(({ name, value }) => `\n${indent}\t${name} = ${value}${suffix},`);
  return `${type.name === "" ? "enum" : `enum ${type.name}`} {${constants.join("")}\n${indent}}`;
}

/**
 * `name` declared as the type. A C declarator is read from the name outwards and its base type stands first: so the
 * types on the way are gathered, then written from the base back to the name.
 */
function declaration(printer: Printer, id: number, name: string, level: number): string {
  const chain: BtfType[] = [];
  let at = id;
  for (;;) {
    const type = printer.btf.type(at);
    const next = innerType(type);
    if (next === undefined) break;
    if (chain.length > MAX_NESTING * 2) throw new BtfError(`type ${id} is defined by itself`);
    chain.push(type);
    at = next;
  }
  let text = "";
  for (;;) {
    const last = chain.at(-1);
    if (last?.kind !== "const" && last?.kind !== "volatile" && last?.kind !== "restrict") break;
    text += `${last.kind} `;
    chain.pop();
  }
  return declarator(printer, text + baseText(printer, at, level), chain, name, false, level);
}

function innerType(type: BtfType): number | undefined {
  switch (type.kind) {
    case "ptr":
      return type.to;
    case "array":
      return type.element;
    case "func_proto":
      return type.result;
    case "const":
    case "volatile":
    case "restrict":
    case "type_tag":
      return type.type;
    default:
      return undefined;
  }
}

function baseText(printer: Printer, id: number, level: number): string {
  const type = printer.btf.type(id);
  switch (type.kind) {
    case "struct":
    case "union":
      return type.name === "" ? compositeText(printer, id, type, level) : `${type.kind} ${type.name}`;
    case "enum":
      return type.name === "" ? enumText(type, level) : `enum ${type.name}`;
    case "fwd":
      return `${type.union ? "union" : "struct"} ${type.name}`;
    case "void":
      return "void";
    default:
      return "name" in type ? type.name : type.kind;
  }
}

/** Writes `chain` from its end (next to the base) to its start (next to the name). */
function declarator(
  printer: Printer,
  base: string,
  chain: BtfType[],
  name: string,
  afterPointer: boolean,
  level: number,
): string {
  const type = chain.pop();
  if (type === undefined) return named(base, name, afterPointer);
  switch (type.kind) {
    case "ptr":
      return declarator(printer, `${base}${afterPointer ? "*" : " *"}`, chain, name, true, level);
    case "array": {
      dropModifiers(chain);
      const size = `[${type.count}]`;
      if (chain.length === 0) return named(base, name, afterPointer) + size;
      const inner = declarator(printer, "", chain.slice(), name, true, level);
      const space = name !== "" && !afterPointer ? " " : "";
      return chain.at(-1)?.kind === "array" ? `${base}${space}${inner}${size}` : `${base}${space}(${inner})${size}`;
    }
    case "func_proto": {
      dropModifiers(chain);
      const params = paramsText(printer, type, level);
      if (chain.length === 0) return `${named(base, name, afterPointer)}(${params})`;
      return `${base} (${declarator(printer, "", chain, name, true, level)})(${params})`;
    }
    case "type_tag":
      return declarator(printer, `${base} __attribute__((btf_type_tag("${type.name}")))`, chain, name, false, level);
    default:
      return declarator(printer, `${base} ${type.kind}`, chain, name, false, level);
  }
}

function named(base: string, name: string, afterPointer: boolean): string {
  return name === "" || afterPointer ? base + name : `${base} ${name}`;
}

/** Qualifiers of arrays and functions belong to their elements or to nothing, and cannot be written here. */
function dropModifiers(chain: BtfType[]): void {
  while (["const", "volatile", "restrict"].includes(chain.at(-1)?.kind ?? "")) chain.pop();
}

function paramsText(printer: Printer, proto: BtfFuncProto, level: number): string {
  newLine(printer, level);
  const params = proto.params.map((param) => declaration(printer, param.type, param.name, level + 1));
  if (proto.variadic) params.push("...");
  return params.length === 0 ? "void" : params.join(", ");
}
