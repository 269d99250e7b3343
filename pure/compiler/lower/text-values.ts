/** Values that hold text in whatever form: a string, an array of characters, a pointer to one. */
import { invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import { stringOf, type Type } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressOf, bounded, probeRead } from "./memory.ts";
import type { Place, Value } from "./place.ts";

/** Whether a value of this type is text: a string, bytes in an array, or a pointer to a byte. */
export function isTextual(type: Type): boolean {
  if (type.kind === "array") return isCharacter(type.of);
  return type.kind === "string" || type.kind === "probe" || (type.kind === "pointer" && isCharacter(type.to));
}

function isCharacter(type: Type): boolean {
  return type.kind === "int" && type.bits === 8;
}

/** Most characters that text of this type can have; `maxStrlen` is that of text behind a pointer, with its NUL. */
export function textCapacity(type: Type, maxStrlen: number): number {
  if (type.kind === "string" || type.kind === "probe") return type.size;
  return type.kind === "array" ? type.count : maxStrlen - 1;
}

/** As much of a constant as is text: what stands before a NUL. */
export function knownText(constant: unknown): string | undefined {
  return typeof constant === "string" ? constant.split("\0", 1)[0] : undefined;
}

/**
 * Copies the text of an expression with a NUL behind it to `to`, which has room for `capacity` + 1 bytes. Gives its
 * length without the NUL; text that cannot be read has none.
 */
export function copyText(l: Lowerer, e: Expression, capacity: number, to: Place): Reg {
  const room = BigInt(capacity + 1);
  const read = readSource(l, e, capacity);
  if (read) return measured(l, probeRead(l, read.space, to, read.room, read.pointer, true));
  const value = textInMemory(l, e);
  const space = value.place.space === "user" ? "user" : "kernel";
  return measured(l, probeRead(l, space, to, room, addressOf(l, value.place), true));
}

/** The name of a probe is a number until it is needed as text. */
function textInMemory(l: Lowerer, e: Expression): Value & { kind: "place" } {
  const type = l.type(e);
  const value: Value = type.kind === "probe" ? { kind: "place", place: l.stored(e, stringOf(type.size)) } : l.value(e);
  invariant(value.kind === "place", "text is in memory");
  return value;
}

/** Where `str(p)` or a plain pointer reads from: nothing is copied on the way. */
function readSource(l: Lowerer, e: Expression, capacity: number) {
  const room: Operand = BigInt(capacity + 1);
  const type = l.type(e);
  if (type.kind === "pointer") return { space: type.space, pointer: l.scalar(e), room };
  if (e.kind !== "call" || e.name !== "str" || l.info(e).constant !== undefined) return undefined;
  const [source, limit] = e.args;
  if (source.kind === "type-name" || limit?.kind === "type-name") return undefined;
  const from = l.type(source);
  if (from.kind !== "pointer" && from.kind !== "int") return undefined;
  const space = from.kind === "pointer" ? from.space : "none";
  const pointer = l.scalar(source);
  const known = limit === undefined ? BigInt(capacity) : l.info(limit).constant;
  // The limit of str() counts the NUL.
  if (typeof known === "bigint") return { space, pointer, room: known < room ? known : room };
  return { space, pointer, room: bounded(l, l.scalar(limit!), capacity) };
}

/** The length without the NUL, from what reading a string gave. */
function measured(l: Lowerer, result: Operand): Reg {
  const length = l.b.copy(0n);
  const some = l.b.block();
  const after = l.b.block();
  l.b.branch("sgt", result, 1n, some, after);
  l.b.enter(some);
  l.b.copy(l.b.alu("sub", result, 1n), length);
  l.b.jump(after);
  l.b.enter(after);
  return length;
}
