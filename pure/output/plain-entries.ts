import { decodeUtf8 } from "./byte-text.ts";
import { formatJson } from "./json.ts";
import { entryJson } from "./map-json.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import { windowOf } from "./map-text.ts";
import type { JsonInt, JsonValue } from "./records.ts";
import type { Resolver } from "./resolver.ts";
import { hexAddress } from "./stack.ts";
import type { ValueType } from "./type.ts";
import { expectKind, type StackValue, type Value } from "./value.ts";

/** An entry of a map as plain data: keys of several parts are arrays, or objects where the parts have names. */
export interface PlainEntry {
  readonly key: JsonValue;
  readonly value: JsonValue;
}

/** A frame of a stack as plain data. Text is Unicode; what has no name is null. */
export type PlainFrame = {
  /** `0x…` */
  readonly address: string;
  readonly name: string | null;
  /** Bytes from the symbol's start. */
  readonly offset: JsonInt;
  /** The file or kernel module that holds it; null is the kernel itself, or no known file. */
  readonly module: string | null;
};

/**
 * All entries of a map as plain data, in the order of the map. A stack is an array of {@link PlainFrame}, innermost
 * first: empty where there is none, null where it could not be kept. Equal stacks are the same array.
 */
export function plainEntries(layout: MapLayout, entries: readonly MapEntry[], resolver: Resolver): PlainEntry[] {
  const window = windowOf(layout, entries);
  const stacks = new PlainStacks(resolver);
  const isPlain = !["hist", "lhist", "tseries", "avg", "stats"].includes(layout.value.kind);
  return entries.map(({ key, value }) => ({
    key: layout.key === undefined ? null : plainValue(layout.key, key, stacks),
    value: isPlain
      ? plainValue(layout.value, value, stacks)
      : (JSON.parse(entryJson(layout.value, value, 1, window, resolver)) as JsonValue),
  }));
}

function plainValue(type: ValueType, value: Value, stacks: PlainStacks): JsonValue {
  switch (type.kind) {
    case "kstack":
    case "ustack":
      return stacks.read(type, expectKind(value, "stack"));
    case "int":
      if (typeof value === "number") return value;
      break;
    case "tuple":
      return expectKind(value, "list").items.map((item, index) => plainValue(type.fields[index].type, item, stacks));
    case "record": {
      const { items } = expectKind(value, "list");
      return Object.fromEntries(
        type.fields.map(({ name, type: field }, index) => [decodeUtf8(name), plainValue(field, items[index], stacks)]),
      );
    }
  }
  return JSON.parse(formatJson(type, value, stacks.resolver)) as JsonValue;
}

type StackType = Extract<ValueType, { kind: "kstack" | "ustack" }>;

/** include/uapi/asm-generic/errno-base.h: there is no such stack, as that of user space in a kernel thread. */
const EFAULT = 14;

/** Stacks share most of their frames: an address is looked up once, and so is a stack. */
class PlainStacks {
  readonly resolver: Resolver;
  readonly #frames = new Map<string, PlainFrame>();
  readonly #stacks = new Map<string, readonly PlainFrame[] | null>();

  constructor(resolver: Resolver) {
    this.resolver = resolver;
  }

  read(type: StackType, { id, pid }: StackValue): readonly PlainFrame[] | null {
    if (id < 0) return Number(id) === -EFAULT ? this.#kept("", () => []) : null;
    return this.#kept(`${type.kind} ${type.map} ${type.limit} ${id} ${pid}`, () => {
      const addresses = this.resolver.stack(type.map, id);
      return addresses?.slice(0, type.limit).map((address) => this.#frame(type, address, pid)) ?? null;
    });
  }

  #kept(identity: string, make: () => readonly PlainFrame[] | null): readonly PlainFrame[] | null {
    let stack = this.#stacks.get(identity);
    if (stack === undefined) {
      stack = make();
      this.#stacks.set(identity, stack);
    }
    return stack;
  }

  #frame(type: StackType, address: bigint, pid: number): PlainFrame {
    const identity = `${type.kind === "kstack" ? "" : pid} ${address}`;
    let frame = this.#frames.get(identity);
    if (frame === undefined) {
      const symbol = type.kind === "kstack" ? this.resolver.ksym(address) : this.resolver.usym(address, pid);
      frame = {
        address: hexAddress(address),
        name: symbol === undefined ? null : decodeUtf8(symbol.name),
        offset: Number(symbol?.offset ?? 0),
        module: symbol?.module === undefined ? null : decodeUtf8(symbol.module),
      };
      this.#frames.set(identity, frame);
    }
    return frame;
  }
}
