/** Parts of values: fields and elements. */
import { suggestionFor } from "@beetrace/std";
import type { Expression, FieldAccess, IndexAccess, Span } from "../ast.ts";
import { BUILTINS } from "../builtins/index.ts";
import { fieldNames, findField } from "../semantics/c-types.ts";
import { noArguments } from "../semantics/probe-context.ts";
import { inSpace } from "../semantics/providers/functions.ts";
import { storageSize } from "../semantics/storage.ts";
import {
  intType,
  isInteger,
  NONE,
  type PointerType,
  type Space,
  strideOf,
  type Type,
  typeName,
} from "../semantics/types.ts";
import type { Info, Unit } from "./model.ts";
import { readOperand } from "./readable.ts";
import { checkTypeField } from "./type-operators.ts";
import type { UnitChecker } from "./unit-checker.ts";

/**
 * A value read from a space: pointers in it point into the same one unless they say otherwise. Of what is read through
 * a trusted pointer the verifier knows pointers to structs only (btf_struct_walk of kernel/bpf/btf.c).
 */
export function placed(type: Type, space: Space): Type {
  const known = space === "trusted" && type.kind === "pointer" && type.to.kind === "struct";
  return inSpace(type, space === "bpf" || space === "ctx" || (space === "trusted" && !known) ? "kernel" : space);
}

/** Reports it when `endBytes` bytes from where a pointer points are more than there are. */
export function checkRoom(c: UnitChecker, span: Span, { room }: PointerType, endBytes: number): void {
  if (room === undefined || endBytes <= room) return;
  c.error(span, `This reads beyond the variable whose address it is: up to byte ${endBytes} of ${room}`);
}

/** `e.field`, `e->field`, `e.0`. */
export function checkField(c: UnitChecker, e: FieldAccess): Info {
  if (e.object.kind === "identifier" && e.object.name === "args") return checkArgs(c, e);
  if (e.object.kind === "typeinfo") return checkTypeField(c, e, e.object);
  const known = builtinField(c, e);
  if (known) return known;
  const info = c.check(e.object);
  let { type } = info;
  let space = spaceOf(c, e.object);
  if (type.kind === "pointer") {
    space = type.space;
    type = type.to;
  }
  switch (type.kind) {
    case "none":
      if (info.type.kind === "pointer")
        return c.error(
          e.span,
          `Can not access field '${e.field}' on type 'void *'`,
          "cast it to a pointer to a struct: ((struct x *)p).field",
        );
      return { type: NONE };
    case "tuple": {
      const element = /^\d+$/.test(e.field) ? type.elements[Number(e.field)] : undefined;
      if (element) return { type: element };
      return c.error(e.fieldSpan, `Invalid tuple index: ${e.field}. Found ${type.elements.length} elements in tuple.`);
    }
    case "record": {
      const field = type.fields.find((candidate) => candidate.name === e.field);
      return field
        ? { type: field.type }
        : noField(
            c,
            e,
            typeName(type),
            type.fields.map((each) => each.name),
          );
    }
    case "struct": {
      const field = findField(type, e.field);
      if (field && info.type.kind === "pointer")
        checkRoom(c, e.span, info.type, field.offsetBytes + storageSize(field.type));
      return field ? { type: placed(field.type, space) } : noField(c, e, typeName(type), fieldNames(type));
    }
    default:
      return c.error(e.span, `Can not access field '${e.field}' on expression of type '${typeName(info.type)}'`);
  }
}

/** A field that a builtin knows without its value. */
function builtinField(c: UnitChecker, e: FieldAccess): Info | undefined {
  if (e.object.kind !== "identifier" && e.object.kind !== "call") return undefined;
  return BUILTINS.get(e.object.name)?.field?.(e.field, c);
}

function noField(c: UnitChecker, e: FieldAccess, what: string, names: readonly string[]): Info {
  const near = suggestionFor(e.field, names);
  return c.error(
    e.fieldSpan,
    `${what} does not contain a field named '${e.field}'`,
    near ? `did you mean ${near}?` : `it has ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", …" : ""}`,
  );
}

function checkArgs(c: UnitChecker, e: FieldAccess): Info {
  const { args, provider } = c.context;
  if (!args)
    return c.error(
      e.object.span,
      noArguments(c.context),
      ...(provider === "kretprobe" ? ["what is returned is in retval"] : []),
    );
  if (c.inCallback)
    return c.error(e.span, "args cannot be used inside a for-loop", "read it into a variable before the loop");
  const field = args.find((candidate) => candidate.name === e.field);
  if (field?.load.kind === "unavailable")
    return c.error(e.fieldSpan, `args.${e.field} cannot be read: ${field.load.why}`);
  if (field) return { type: field.type };
  const names = args.map((each) => each.name);
  const near = suggestionFor(e.field, names);
  const where = c.unit.attachments[0]?.name ?? provider;
  const list = args.map((each) => `${each.name} (${typeName(each.type)})`).join(", ");
  return c.error(
    e.fieldSpan,
    `${where} has no argument '${e.field}'`,
    ...(near ? [`did you mean ${near}?`] : []),
    args.length === 0 ? "it has no arguments" : `it has ${list}`,
  );
}

/** Whose memory a value in memory lies in. */
export function spaceOf(
  c: { readonly unit: { readonly infos: Unit["infos"] }; readonly context: { readonly space: Space } },
  e: Expression,
): Space {
  if (e.kind === "field" || e.kind === "index") {
    if (e.kind === "field" && e.object.kind === "identifier" && e.object.name === "args")
      return c.context.space === "user" ? "user" : "ctx";
    const object = c.unit.infos.get(e.object)?.type;
    const space = object?.kind === "pointer" ? object.space : spaceOf(c, e.object);
    return e.kind === "index" && object && space === "trusted" && isOpenEnded(object) ? "kernel" : space;
  }
  if (e.kind === "unary" && e.operator === "*") {
    const pointer = c.unit.infos.get(e.operand)?.type;
    return pointer?.kind === "pointer" ? pointer.space : c.context.space;
  }
  if (e.kind === "cast") return spaceOf(c, e.operand);
  return "bpf";
}

/** `T x[]`, at the end of a struct. */
function isOpenEnded(type: Type): boolean {
  return type.kind === "array" && type.count === 0;
}

/** `e[i]`. */
export function checkIndex(c: UnitChecker, e: IndexAccess): Info {
  const object = c.check(e.object);
  const index = readOperand(c, c.check(e.index), e.index.span);
  const { type } = object;
  if (type.kind === "none") return { type: NONE };
  if (!isInteger(index.type) && index.type.kind !== "none")
    return c.error(
      e.index.span,
      `The array index operator [] only accepts integer indices (${typeName(index.type)} provided)`,
    );
  if (typeof index.constant === "bigint" && index.constant < 0n)
    return c.error(e.index.span, "The array index operator [] does not accept negative indices");
  // An element that is computed is out of the verifier's sight, and so is one behind the end of its struct.
  const isSeen = index.constant !== undefined && !isOpenEnded(type);
  const within = (space: Space) => (space === "trusted" && !isSeen ? "kernel" : space);
  const beyond = (count: number) => typeof index.constant === "bigint" && index.constant >= BigInt(count);
  switch (type.kind) {
    case "array":
      if (type.count > 0 && beyond(type.count))
        return c.error(e.index.span, `the index ${index.constant} is out of bounds for array of size ${type.count}`);
      return { type: placed(type.of, within(spaceOf(c, e.object))) };
    case "string":
      if (beyond(type.size))
        return c.error(e.index.span, `the index ${index.constant} is out of bounds for array of size ${type.size}`);
      if (typeof object.constant === "string" && typeof index.constant === "bigint") {
        const code = object.constant.charCodeAt(Number(index.constant)) || 0;
        return { type: intType(8, true), constant: BigInt.asIntN(8, BigInt(code)) };
      }
      return { type: intType(8, true) };
    case "pointer":
      if (type.to.kind === "none")
        return c.error(e.span, "A void pointer cannot be indexed", "cast it to a pointer to a type first");
      if (typeof index.constant === "bigint")
        checkRoom(c, e.span, type, (Number(index.constant) + 1) * strideOf(type.to));
      return { type: placed(type.to, within(type.space)) };
    case "tuple": {
      if (typeof index.constant !== "bigint") return c.error(e.index.span, "A tuple can only be indexed by a literal");
      const element = type.elements[Number(index.constant)];
      return element
        ? { type: element }
        : c.error(
            e.index.span,
            `Invalid tuple index: ${index.constant}. Found ${type.elements.length} elements in tuple.`,
          );
    }
    default:
      return c.error(
        e.span,
        `The array index operator [] can only be used on arrays and pointers, found ${typeName(type)}.`,
      );
  }
}
