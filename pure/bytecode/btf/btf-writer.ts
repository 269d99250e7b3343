import { BTF_LINKAGES } from "./decode-type.ts";
import {
  BTF_HEADER_BYTES,
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
  BTF_MAGIC,
  BTF_VERSION,
} from "./format.ts";
import { utf8Bytes } from "./strings.ts";
import type { BtfComposite, BtfDatasec, BtfEnum, BtfFuncProto, BtfInt, BtfType } from "./type.ts";

const MODIFIER_KINDS = { const: BTF_KIND_CONST, volatile: BTF_KIND_VOLATILE, restrict: BTF_KIND_RESTRICT } as const;

/** Makes BTF: types are added one by one and get the ids 1, 2, 3 …; they may refer to ids that come later. */
export class BtfWriter {
  /** The type section, as words. */
  readonly #words: number[] = [];
  readonly #strings: Uint8Array[] = [];
  #stringBytes = 0;
  readonly #offsets = new Map<string, number>();
  #nextId = 1;

  constructor() {
    this.string("");
  }

  /** The id that the next type will get. */
  get nextId(): number {
    return this.#nextId;
  }

  /** The offset of a string in the string section; equal strings share one. */
  string(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#stringBytes;
    const bytes = utf8Bytes(text);
    this.#strings.push(bytes);
    this.#stringBytes += bytes.length + 1;
    this.#offsets.set(text, offset);
    return offset;
  }

  /** Adds a type and tells its id. Adding void adds nothing. */
  add(type: BtfType): number {
    if (type.kind === "void") return 0;
    this.#write(type);
    return this.#nextId++;
  }

  /** The BTF blob: header, types, strings. */
  encode(): Uint8Array {
    const typeBytes = this.#words.length * 4;
    const out = new Uint8Array(BTF_HEADER_BYTES + typeBytes + this.#stringBytes);
    const magic = BTF_MAGIC | (BTF_VERSION << 16);
    out.set(wordBytes([magic, BTF_HEADER_BYTES, 0, typeBytes, typeBytes, this.#stringBytes]));
    out.set(wordBytes(this.#words), BTF_HEADER_BYTES);
    let at = BTF_HEADER_BYTES + typeBytes;
    for (const bytes of this.#strings) {
      out.set(bytes, at);
      at += bytes.length + 1;
    }
    return out;
  }

  /** Writes a `struct btf_type` and the words that follow it. */
  #record(
    name: string,
    info: { kind: number; vlen?: number; flag?: boolean },
    sizeOrType: number,
    ...more: number[]
  ): void {
    const { kind, vlen = 0, flag = false } = info;
    this.#words.push(this.string(name), (flag ? 0x80000000 : 0) | (kind << 24) | vlen, sizeOrType, ...more);
  }

  #write(type: Exclude<BtfType, { kind: "void" }>): void {
    switch (type.kind) {
      case "int":
        this.#record(type.name, { kind: BTF_KIND_INT }, type.size, intEncoding(type));
        break;
      case "float":
        this.#record(type.name, { kind: BTF_KIND_FLOAT }, type.size);
        break;
      case "ptr":
        this.#record("", { kind: BTF_KIND_PTR }, type.to);
        break;
      case "array":
        this.#record("", { kind: BTF_KIND_ARRAY }, 0, type.element, type.index, type.count);
        break;
      case "struct":
      case "union":
        this.#writeComposite(type);
        break;
      case "enum":
        this.#writeEnum(type);
        break;
      case "fwd":
        this.#record(type.name, { kind: BTF_KIND_FWD, flag: type.union }, 0);
        break;
      case "typedef":
        this.#record(type.name, { kind: BTF_KIND_TYPEDEF }, type.type);
        break;
      case "type_tag":
        this.#record(type.name, { kind: BTF_KIND_TYPE_TAG }, type.type);
        break;
      case "func":
        this.#record(type.name, { kind: BTF_KIND_FUNC, vlen: BTF_LINKAGES.indexOf(type.linkage) }, type.proto);
        break;
      case "func_proto":
        this.#writeFuncProto(type);
        break;
      case "var":
        this.#record(type.name, { kind: BTF_KIND_VAR }, type.type, BTF_LINKAGES.indexOf(type.linkage));
        break;
      case "datasec":
        this.#writeDatasec(type);
        break;
      case "decl_tag":
        this.#record(type.name, { kind: BTF_KIND_DECL_TAG }, type.type, type.component);
        break;
      default:
        this.#record("", { kind: MODIFIER_KINDS[type.kind] }, type.type);
    }
  }

  #writeComposite(type: BtfComposite): void {
    const hasBitfields = type.members.some((member) => member.bitfieldSize !== undefined);
    const kind = type.kind === "struct" ? BTF_KIND_STRUCT : BTF_KIND_UNION;
    this.#record(type.name, { kind, vlen: type.members.length, flag: hasBitfields }, type.size);
    for (const { name, type: id, bitOffset, bitfieldSize } of type.members) {
      this.#words.push(this.string(name), id, ((bitfieldSize ?? 0) << 24) | bitOffset);
    }
  }

  #writeEnum(type: BtfEnum): void {
    const wide = type.size === 8;
    const kind = wide ? BTF_KIND_ENUM64 : BTF_KIND_ENUM;
    this.#record(type.name, { kind, vlen: type.constants.length, flag: type.signed }, type.size);
    for (const { name, value } of type.constants) {
      this.#words.push(this.string(name), Number(BigInt.asUintN(32, value)));
      if (wide) this.#words.push(Number(BigInt.asUintN(32, value >> 32n)));
    }
  }

  #writeFuncProto(type: BtfFuncProto): void {
    const params = type.variadic ? [...type.params, { name: "", type: 0 }] : type.params;
    this.#record("", { kind: BTF_KIND_FUNC_PROTO, vlen: params.length }, type.result);
    for (const param of params) this.#words.push(this.string(param.name), param.type);
  }

  #writeDatasec(type: BtfDatasec): void {
    this.#record(type.name, { kind: BTF_KIND_DATASEC, vlen: type.variables.length }, type.size);
    for (const { type: id, offset, size } of type.variables) this.#words.push(id, offset, size);
  }
}

function intEncoding(type: BtfInt): number {
  const flags = (type.signed ? BTF_INT_SIGNED : 0) | (type.char ? BTF_INT_CHAR : 0) | (type.bool ? BTF_INT_BOOL : 0);
  return (flags << 24) | type.bits;
}

/** Words in the byte order of the host (little-endian). */
export function wordBytes(words: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(words).buffer);
}
