/** The fields of an event: where each argument of printf and print stands, and how it is written there. */
import { alignOf, type DecimalExpression, type PrintfArg, sizeOf } from "@beetrace/output";
import { alignUp, invariant } from "@beetrace/std";
import type { Expression } from "../ast.ts";
import { EVENT_HEADER_BYTES, EVENTS_MAP } from "../compiled.ts";
import type { Operand, Reg } from "../ir/ir.ts";
import { layoutOf, storageSize } from "../semantics/storage.ts";
import { INT64, isAggregate, isScalar, type Type, UINT64 } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressOf, bounded, copyBytes, probeRead } from "./memory.ts";
import { type Place, shifted } from "./place.ts";
import { readText } from "./strings.ts";

/** A value on its way into an event. */
export interface EventField {
  readonly offset: number;
  readonly type: Type;
  readonly expression: Expression;
  /** The text stands behind all fields, as long as it is; here stand a u32 position and a u32 length. */
  readonly packed?: boolean;
  /** Already computed, for what must not run while an event is reserved. */
  readonly ready?: { readonly operand: Operand } | { readonly place: Place };
}

/** The layout of an event. `sizeBytes` counts the header and the fields, not the texts behind them. */
export interface EventFields {
  readonly fields: readonly EventField[];
  readonly args: readonly PrintfArg[];
  readonly sizeBytes: number;
  /** Most bytes of the texts behind the fields. */
  readonly packedBytes: number;
}

/** Shorter strings than this have a fixed place in the event. */
const PACKED_BYTES_MIN = 64;

/**
 * Long texts are read into scratch memory one behind the other and only as much as there is of them is sent. A program
 * that can be preempted (of a uprobe) may not keep an event in scratch memory: another thread may come between.
 */
function isPacked(l: Lowerer, e: Expression, type: Type): boolean {
  const preemptible = l.unit.context.programType === "BPF_PROG_TYPE_KPROBE" && l.unit.context.space === "user";
  if (type.kind !== "string" || type.size < PACKED_BYTES_MIN || preemptible || l.info(e).constant !== undefined)
    return false;
  // A string in memory that fills it has no NUL to find its end by: only those of full length always have one.
  return isRead(l, e) || type.size >= 1024;
}

/** `str(p)`, read from where it points directly into the event. */
function isRead(l: Lowerer, e: Expression): e is Expression & { kind: "call" } {
  return e.kind === "call" && e.name === "str" && e.args[0].kind !== "type-name" && isScalar(l.type(e.args[0]));
}

/** Lays out the arguments behind the header. Arguments with effects are computed now, in their order. */
export function eventFields(l: Lowerer, args: readonly Expression[]): EventFields {
  const fields: EventField[] = [];
  let at = EVENT_HEADER_BYTES;
  let packedBytes = 0;
  let index = 0;
  // What stands before an effect is read before it.
  const early = args.findLastIndex((arg) => !isSimple(l, arg));
  const place = (expression: Expression): { offset: number; type: Type; packed: boolean } => {
    const own = l.type(expression);
    const type = isAggregate(own) ? ("signed" in own && own.signed ? INT64 : UINT64) : own;
    const layout = layoutOf(type);
    const packed = index >= early && isPacked(l, expression, type);
    const offset = alignUp(at, packed ? 4 : alignOf(layout));
    at = offset + (packed ? 8 : sizeOf(layout));
    if (packed) packedBytes += sizeOf(layout);
    fields.push({ offset, type, expression, ...(packed ? { packed } : prepared(l, expression, type, index < early)) });
    return { offset, type, packed };
  };
  const printed = args.map((arg, number): PrintfArg => {
    index = number;
    if (l.type(arg).kind === "decimal") return { decimal: decimalOf(l, arg, place) };
    const { offset, type, packed } = place(arg);
    return { offset, type: layoutOf(type), ...(packed ? { packed } : {}) };
  });
  return { fields, args: printed, sizeBytes: alignUp(at, 8), packedBytes };
}

function prepared(l: Lowerer, e: Expression, type: Type, early: boolean): Pick<EventField, "ready"> {
  if (l.info(e).constant !== undefined || (!early && isSimple(l, e))) return {};
  return { ready: isScalar(type) ? { operand: l.b.copy(l.scalar(e)) } : { place: l.stored(e, type) } };
}

/** Nothing in it leaves the probe or changes anything. */
function isSimple(l: Lowerer, e: Expression): boolean {
  if (l.unit.infos.get(e)?.constant !== undefined) return true;
  switch (e.kind) {
    case "step":
    case "block-expression":
    case "if-expression":
    case "inline-call":
      return false;
    case "unary":
    case "cast":
      return isSimple(l, e.operand);
    case "binary":
      return isSimple(l, e.left) && isSimple(l, e.right);
    case "conditional":
      return isSimple(l, e.condition) && (!e.then || isSimple(l, e.then)) && isSimple(l, e.else);
    case "field":
      return isSimple(l, e.object);
    case "index":
      return isSimple(l, e.object) && isSimple(l, e.index);
    case "tuple":
      return e.elements.every((element) => isSimple(l, element));
    case "record":
      return e.fields.every((field) => isSimple(l, field.value));
    case "map":
      return e.key === undefined || isSimple(l, e.key);
    case "call":
      // A number is computed as well before; what is in memory is best written to where it goes.
      return !isScalar(l.type(e)) && e.args.every((arg) => arg.kind === "type-name" || isSimple(l, arg));
    default:
      return true;
  }
}

/** The operators of decimals stay for user space; what is under them is computed in the kernel. */
function decimalOf(
  l: Lowerer,
  e: Expression,
  place: (e: Expression) => { offset: number; type: Type },
): DecimalExpression {
  if (e.kind === "decimal") return { kind: "literal", value: e.value };
  const { constant, type } = l.info(e);
  if (typeof constant === "bigint") return { kind: "literal", value: Number(constant) };
  if (type.kind !== "decimal") {
    const field = place(e);
    return { kind: "field", offset: field.offset, type: layoutOf(field.type) };
  }
  if (e.kind === "unary" && e.operator === "-")
    return { kind: "unary", op: "-", operand: decimalOf(l, e.operand, place) };
  invariant(e.kind === "binary", "decimals are made by operators");
  const op = e.operator as "+" | "-" | "*" | "/" | "%";
  return { kind: "binary", op, left: decimalOf(l, e.left, place), right: decimalOf(l, e.right, place) };
}

/** Sends an event with these fields. */
export function sendFields(l: Lowerer, action: number, event: EventFields): void {
  if (event.packedBytes === 0) {
    l.send(action, event.sizeBytes, (record) =>
      writeFields(l, { base: record, offset: 0, space: "bpf" }, event.fields),
    );
    return;
  }
  const buffer = l.scratch(event.sizeBytes + event.packedBytes);
  l.store(buffer, UINT64, BigInt(action));
  writeFields(
    l,
    buffer,
    event.fields.filter((field) => !field.packed),
  );
  let end: Operand = BigInt(event.sizeBytes);
  for (const field of event.fields) if (field.packed) end = l.b.add(end, appendText(l, buffer, field, end));
  const sent = l.b.call("ringbuf_output", { kind: "map", map: EVENTS_MAP }, addressOf(l, buffer), end, 0n);
  l.onFailure(sent, () => l.countLost());
}

/** Reads a text to `end` and notes where it is and how long; gives its length. */
function appendText(l: Lowerer, buffer: Place, { offset, type, expression }: EventField, end: Operand): Reg {
  const size = storageSize(type);
  const base = l.b.add(addressOf(l, buffer), end);
  const to: Place = { base, offset: 0, space: "bpf" };
  l.at(expression.span);
  const length = l.b.copy(
    isRead(l, expression) ? readArgument(l, expression, to, size) : copyText(l, expression, to, size),
  );
  l.onFailure(length, () => l.b.copy(0n, length));
  l.b.store(buffer.base, buffer.offset + offset, 4, end);
  l.b.store(buffer.base, buffer.offset + offset + 4, 4, length);
  return length;
}

function readArgument(l: Lowerer, call: Expression & { kind: "call" }, to: Place, size: number): Reg {
  const [source, limit] = call.args;
  if (source.kind === "type-name") return l.b.copy(0n);
  const type = l.type(source);
  const pointer = l.scalar(source);
  const space = type.kind === "pointer" ? type.space : "none";
  const known = limit === undefined || limit.kind === "type-name" || l.info(limit).constant !== undefined;
  if (!known) return probeRead(l, space, to, bounded(l, l.scalar(limit), size), pointer, true);
  return readText(l, space, pointer, to, size, limit === undefined && size < 1024);
}

function copyText(l: Lowerer, e: Expression, to: Place, size: number): Reg {
  const value = l.value(e);
  invariant(value.kind === "place", "a string is in memory");
  return probeRead(
    l,
    value.place.space === "user" ? "user" : "kernel",
    to,
    BigInt(size),
    addressOf(l, value.place),
    true,
  );
}

/** Writes the fields of an event. */
function writeFields(l: Lowerer, record: Place, fields: readonly EventField[]): void {
  for (const { offset, type, expression, ready } of fields) {
    const to = shifted(record, offset);
    if (!ready) l.into(expression, type, to);
    else if ("operand" in ready) l.store(to, type, ready.operand);
    else copyBytes(l, to, ready.place, sizeOf(layoutOf(type)));
  }
}
