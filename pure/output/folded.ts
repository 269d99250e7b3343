import { decodeUtf8 } from "./byte-text.ts";
import type { MapEntry, MapLayout } from "./map-layout.ts";
import type { CodeSymbol, Resolver } from "./resolver.ts";
import { hexAddress, UNWIND_FAILURE } from "./stack.ts";
import { formatText } from "./text.ts";
import type { ValueType } from "./type.ts";
import { expectKind, type StackValue, type Value } from "./value.ts";

/**
 * A stack and how much was counted for it. Frames come from the root, as Unicode text without `;` and line ends. Those
 * of the kernel end with `_[k]`, inlined functions with `_[i]`: the annotations that the field's tools know.
 */
export interface FoldedStack {
  readonly frames: readonly string[];
  readonly count: number;
}

/** Text that is no list of folded stacks; `line` counts from 1. */
export class FoldedSyntaxError extends Error {
  override readonly name = "FoldedSyntaxError";
  readonly line: number;
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
  }
}

type StackType = Extract<ValueType, { kind: "kstack" | "ustack" }>;

/** What the root is called where no frame is known: the kernel could not take the stack, or has dropped it. */
const NO_STACK = "[no stack]";
const UNKNOWN = "[unknown]";

/** Whether a map counts stacks: its key is one or has one in it, and its value is a count, a sum or an integer. */
export function countsStacks({ key, value }: MapLayout): boolean {
  return key !== undefined && ["count", "sum", "int"].includes(value.kind) && keyParts(key, null).some(isStack);
}

/**
 * The entries of a map that {@link countsStacks}, folded: other parts of the key first, in their order, then the frames
 * of user space, then those of the kernel. Stacks that read the same are one. Values that are not positive have no
 * width in a picture: they are left out.
 */
export function foldEntries(layout: MapLayout, entries: readonly MapEntry[], resolver: Resolver): FoldedStack[] {
  const { key: type } = layout;
  if (type === undefined) return [];
  const names = frameNames(resolver);
  const folded = entries.map(({ key, value }) => ({
    frames: keyFrames(keyParts(type, key), names, resolver),
    count: Number(value),
  }));
  return mergeStacks(folded);
}

/** The stacks without repetitions, in the order of their texts, with their counts added up. */
export function mergeStacks(stacks: Iterable<FoldedStack>): FoldedStack[] {
  const byText = new Map<string, { frames: readonly string[]; count: number }>();
  for (const { frames, count } of stacks) {
    if (!(count > 0)) continue;
    const text = frames.join(";");
    const found = byText.get(text);
    if (found === undefined) byText.set(text, { frames, count });
    else found.count += count;
  }
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stack]) => stack);
}

/** One stack a line, as flamegraph.pl, inferno and speedscope take them: `root;…;leaf COUNT`. Unicode. */
export function foldedText(stacks: readonly FoldedStack[]): string {
  return stacks.map(({ frames, count }) => `${frames.join(";")} ${count}\n`).join("");
}

/** Reads what {@link foldedText} or another tool wrote. Throws {@link FoldedSyntaxError}. */
export function parseFolded(text: string): FoldedStack[] {
  const stacks: FoldedStack[] = [];
  text.split("\n").forEach((written, index) => {
    const line = written.trimEnd();
    if (line === "" || line.startsWith("#")) return;
    const blank = line.lastIndexOf(" ");
    const count = line.slice(blank + 1);
    if (blank <= 0) throw new FoldedSyntaxError(index + 1, "a stack and a number are expected, with a blank between");
    if (!/^\d{1,15}(\.\d{1,15})?$/.test(count)) throw new FoldedSyntaxError(index + 1, `'${count}' is not a number`);
    stacks.push({ frames: line.slice(0, blank).trimEnd().split(";"), count: Number(count) });
  });
  return stacks;
}

interface KeyPart {
  readonly type: ValueType;
  readonly value: Value;
}

/** The key's fields, those of tuples within it too. Without a value only their types count. */
function keyParts(type: ValueType, value: Value): KeyPart[] {
  if (type.kind !== "tuple" && type.kind !== "record") return [{ type, value }];
  const items = value === null ? [] : expectKind(value, "list").items;
  return type.fields.flatMap((field, index) => keyParts(field.type, items[index] ?? null));
}

function isStack({ type }: KeyPart): boolean {
  return type.kind === "kstack" || type.kind === "ustack";
}

/** The names of an address' frames, innermost first: inlined functions come before the one they are in. */
type FrameNames = (type: StackType, address: bigint, pid: number) => readonly string[];

function keyFrames(parts: readonly KeyPart[], names: FrameNames, resolver: Resolver): readonly string[] {
  const labels: string[] = [];
  const user: string[] = [];
  const kernel: string[] = [];
  for (const { type, value } of parts) {
    if (type.kind === "ustack") user.push(...stackFrames(type, expectKind(value, "stack"), names, resolver));
    else if (type.kind === "kstack") kernel.push(...stackFrames(type, expectKind(value, "stack"), names, resolver));
    else labels.push(frameText(formatText(type, value, resolver)));
  }
  const stack = user.length + kernel.length === 0 ? [NO_STACK] : [...user, ...kernel];
  return [...labels, ...stack];
}

function stackFrames(type: StackType, { id, pid }: StackValue, names: FrameNames, resolver: Resolver): string[] {
  const addresses = id < 0 ? [] : (resolver.stack(type.map, id) ?? []).slice(0, type.limit);
  const frames = addresses.flatMap((address) => (address === UNWIND_FAILURE ? [UNKNOWN] : names(type, address, pid)));
  return frames.reverse();
}

/** Stacks share most of their frames: an address is looked up once. */
function frameNames(resolver: Resolver): FrameNames {
  const known = new Map<number, Map<bigint, readonly string[]>>();
  return (type, address, pid) => {
    const space = type.kind === "kstack" ? 0 : pid;
    let names = known.get(space);
    if (names === undefined) {
      names = new Map();
      known.set(space, names);
    }
    let found = names.get(address);
    if (found === undefined) {
      found = namesOf(type, address, pid, resolver);
      names.set(address, found);
    }
    return found;
  };
}

function namesOf(type: StackType, address: bigint, pid: number, resolver: Resolver): readonly string[] {
  const mark = type.kind === "kstack" ? "_[k]" : "";
  if (type.mode === "raw" || type.mode === "build_id") return [`${hexAddress(address)}${mark}`];
  const symbol = type.kind === "kstack" ? resolver.ksym(address) : resolver.usym(address, pid);
  return symbol === undefined ? [`${UNKNOWN}${mark}`] : symbolNames(symbol, mark);
}

function symbolNames({ name, inlined = [] }: CodeSymbol, mark: string): string[] {
  return [...inlined.map((inner) => `${frameText(inner.name)}_[i]`), `${frameText(name)}${mark}`];
}

/** Byte text as the text of a frame: `;` separates frames, and a line is a stack. */
function frameText(byteText: string): string {
  const text = decodeUtf8(byteText)
    .replaceAll(";", ":")
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  return text === "" ? UNKNOWN : text;
}
