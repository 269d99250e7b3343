import { type Int, InvariantError, unreachable } from "@beetrace/std";
import { averageOf } from "./arithmetic.ts";
import { bufferText } from "./byte-text.ts";
import { inetText, macText } from "./inet.ts";
import type { Resolver } from "./resolver.ts";
import { hexAddress, stackText } from "./stack.ts";
import { strftime } from "./strftime.ts";
import type { RecordField, ValueType } from "./type.ts";
import { type AverageValue, expectInt, expectKind, expectText, type Value } from "./value.ts";

type Variants = Extract<ValueType, { kind: "enum" }>["variants"];

/** The text of a value as `print()` and `%s` show it: byte text, without a line end of its own. */
export function formatText(type: ValueType, value: Value, resolver: Resolver): string {
  switch (type.kind) {
    case "none":
      return "null";
    case "int":
    case "bool":
    case "count":
    case "sum":
      return String(value);
    case "string":
      return type.isArray ? expectText(value) : stringText(expectText(value), type.size, resolver);
    case "enum":
      return variantName(type.variants, expectInt(value)) ?? String(value);
    case "pointer":
      return `0x${expectInt(value).toString(16)}`;
    case "buffer":
      return bufferText(expectKind(value, "bytes").bytes, "ascii");
    case "array":
      return `[${itemTexts(() => type.element, value, resolver).join(",")}]`;
    case "tuple":
      return `(${itemTexts((index) => type.fields[index].type, value, resolver).join(", ")})`;
    case "record":
      return recordText(type.fields, value, resolver);
    case "inet":
      return inetText(expectKind(value, "bytes").bytes);
    case "mac":
      return macText(expectKind(value, "bytes").bytes);
    case "name":
      return type.names[Number(value)] ?? String(value);
    case "min":
    case "max":
      return String(expectKind(value, "extreme").value);
    case "avg":
      return String(averageOf(expectKind(value, "average")));
    case "stats":
      return statsText(expectKind(value, "average"), averageOf(expectKind(value, "average")));
    case "hist":
    case "lhist":
    case "tseries":
      throw new InvariantError("histograms and time series are shown by their map");
    default:
      return resolvedText(type, value, resolver);
  }
}

type ResolvedType = Extract<
  ValueType,
  { kind: "ksym" | "usym" | "kstack" | "ustack" | "timestamp" | "cgroup-path" | "username" | "probe" }
>;

function resolvedText(type: ResolvedType, value: Value, resolver: Resolver): string {
  switch (type.kind) {
    case "ksym": {
      const address = expectInt(value);
      return resolver.ksym(address)?.name ?? hexAddress(address);
    }
    case "usym": {
      const { address, pid } = expectKind(value, "address");
      return resolver.usym(address, pid)?.name ?? hexAddress(address);
    }
    case "kstack":
    case "ustack":
      return stackText(type, expectKind(value, "stack"), resolver);
    case "timestamp":
      return timestampText(type, expectInt(value), resolver);
    case "cgroup-path":
      return resolver.cgroupPath(expectInt(value), type.pattern);
    case "username":
      return resolver.username(expectInt(value)) ?? "";
    case "probe":
      return resolver.probeName(expectInt(value));
    default:
      return unreachable(type, "resolved type");
  }
}

/** With the trailer when the text fills its type: then no NUL was found and it was cut. */
export function stringText(text: string, size: number, resolver: Resolver): string {
  return text.length >= size && size > 0 ? text + resolver.strTruncTrailer : text;
}

function itemTexts(typeOf: (index: number) => ValueType, value: Value, resolver: Resolver): string[] {
  return expectKind(value, "list").items.map((item, index) => formatText(typeOf(index), item, resolver));
}

function recordText(fields: readonly RecordField[], value: Value, resolver: Resolver): string {
  if (fields.length === 0) return "{}";
  const texts = itemTexts((index) => fields[index].type, value, resolver);
  return `{ ${texts.map((text, index) => `.${fields[index].name} = ${text}`).join(", ")} }`;
}

/** `stats()` as text; its average is given apart, because `print()` may have divided it. */
export function statsText(stats: AverageValue, average: Int): string {
  return `{ .count = ${stats.count}, .average = ${average}, .total = ${stats.total} }`;
}

function timestampText(type: Extract<ValueType, { kind: "timestamp" }>, ns: Int, resolver: Resolver): string {
  const unixNs = resolver.unixNs(type.clock, ns);
  // A moment within the first second of 1970 is a clock that was never set.
  if (unixNs === undefined || (unixNs >= 0n && unixNs < 1_000_000_000n)) return "(?)";
  return strftime(type.format, { unixNs, ...resolver.zoneAt(unixNs) }) || "(?)";
}

const variantNames = new WeakMap<Variants, ReadonlyMap<bigint, string>>();

function variantName(variants: Variants, value: Int): string | undefined {
  let names = variantNames.get(variants);
  if (names === undefined) {
    // Constants may share a value: the first name stands for it.
    names = new Map([...variants].reverse());
    variantNames.set(variants, names);
  }
  return names.get(BigInt(value));
}
