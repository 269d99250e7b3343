/** Values of the kernel as C has them. */
import type { JsonValue } from "@beetrace/output";

/** A value as it is shown. */
export interface ShownValue {
  readonly name: string;
  readonly type: string | null;
  /** Where it is, of one that was pointed to. */
  readonly pointer?: string;
  readonly value: JsonValue;
}

const NAME_INDENT = " ".repeat(34);
const VALUE_INDENT = 36;

/** The lines of the values of a call, and its end. */
export function callText(values: readonly ShownValue[]): string {
  return `${values.map(valueText).join(",\n")}\n${" ".repeat(31)});\n\n`;
}

function valueText({ name, type, pointer, value }: ShownValue): string {
  const head = `${NAME_INDENT} ${name} = ${pointer === undefined ? "" : `*(${pointer})`}`.trimEnd();
  if (value === null) return head;
  const target = pointer === undefined ? type : (type ?? "").replace(/ ?\*$/, "");
  return `${head}\n${" ".repeat(VALUE_INDENT)}${target === null ? "" : `(${target})`}${plain(value, VALUE_INDENT)}`;
}

/** Members that are 0 are left out. */
function plain(value: JsonValue, indent: number): string {
  if (Array.isArray(value)) return `[${value.map((item) => plain(item, indent)).join(",")}]`;
  if (typeof value !== "object" || value === null) return scalar(value);
  const inner = " ".repeat(indent + 1);
  const members = Object.entries(value)
    .filter(([, member]) => !isZero(member))
    .map(([name, member]) => `${inner}${name === "" ? "" : `.${name} = `}${plain(member, indent + 1)},\n`);
  return members.length === 0 ? "{}" : `{\n${members.join("")}${" ".repeat(indent)}}`;
}

function isZero(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(isZero);
  if (typeof value === "object" && value !== null) return Object.values(value).every(isZero);
  return value === 0 || value === "" || value === false || value === null || value === "0";
}

/** Numbers above this are addresses of the kernel. */
const ADDRESSES = 0xffff_0000_0000_0000;

/** Those that a double cannot hold come as text. */
function scalar(value: JsonValue): string {
  const isLarge = (typeof value === "string" && /^\d{16,20}$/.test(value)) || Number(value) >= ADDRESSES;
  if (isLarge) return hex(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A number as an address; those that a double holds exactly come as one. */
export function hex(value: JsonValue | undefined): string {
  return `0x${BigInt(typeof value === "number" ? value : String(value ?? 0)).toString(16)}`;
}
