import type { Expression } from "../ast.ts";
import { sizeInBytes } from "../semantics/storage.ts";
import {
  BOOL,
  isAggregate,
  isCastable,
  isInteger,
  isScalar,
  NONE,
  type PointerType,
  type Space,
  type Type,
  typeName,
  unify,
} from "../semantics/types.ts";
import type { Info } from "./model.ts";
import { readable } from "./readable.ts";
import type { UnitChecker } from "./unit-checker.ts";

/** `(T)e`: what a cast to a type gives, and whether there is one. */
export function checkCast(c: UnitChecker, e: Expression & { kind: "cast" }): Info {
  const to = c.resolveType(e.type);
  const info = c.check(e.operand);
  const from = info.type;
  if (!to || from.kind === "none") return { type: to ?? NONE };
  if (isSame(from, to)) c.warning(e.span, `Unnecessary cast: expression is already of type ${typeName(to)}`);
  if (isAggregate(from) && !isCastable(from))
    return c.error(e.span, `Cannot cast from "${typeName(from)}" to "${typeName(to)}"`);
  const source = readable(info).type;
  if (to.kind === "int" || to.kind === "enum") {
    if (isScalar(source)) return castConstant(c, e, to, info);
    if (source.kind === "array" && sizeInBytes(source) === sizeInBytes(to)) return { type: to };
  }
  if (to.kind === "bool" && (isScalar(source) || source.kind === "string")) return { type: BOOL };
  if (to.kind === "pointer" && isScalar(source))
    return {
      type: {
        ...to,
        space: castSpace(source, to),
        ...(source.kind === "pointer" && source.room !== undefined ? { room: source.room } : {}),
        get to() {
          return to.to;
        },
      },
    };
  if (to.kind === "array" && (to.of.kind === "int" || to.of.kind === "bool") && isInteger(source)) {
    const own = sizeInBytes(source);
    const count = to.count || own / sizeInBytes(to.of);
    const wanted = count * sizeInBytes(to.of);
    const fits = typeof info.constant === "bigint" ? wanted <= 8 : wanted === own;
    if (Number.isInteger(count) && fits) return { type: { ...to, count } };
  }
  if (to.kind === "array" && source.kind === "string" && to.of.kind === "int" && to.of.bits === 8) {
    if (to.count <= source.size) return { type: { ...to, count: to.count || source.size } };
  }
  const met = unify(to, source);
  if (met && to.kind !== "struct") return { type: to };
  if (met) return { type: source };
  return c.error(e.span, `Cannot cast from "${typeName(source)}" to "${typeName(to)}"`);
}

/**
 * Whose memory a pointer points into after a cast. The verifier goes by the type that it knows of a trusted pointer,
 * so what is cast to a larger struct (a sock to its tcp_sock) has to be read as any kernel memory.
 */
function castSpace(from: Type, to: PointerType): Space {
  if (from.kind !== "pointer" || from.space === "none") return to.space;
  return from.space === "trusted" && typeName(from.to) !== typeName(to.to) ? "kernel" : from.space;
}

/** Whether a cast changes nothing: not even whose memory a pointer points into. */
function isSame(from: Type, to: Type): boolean {
  if (from.kind === "pointer" && to.kind === "pointer" && to.space !== "none" && from.space !== to.space) return false;
  return typeName(from) === typeName(to);
}

function castConstant(c: UnitChecker, e: Expression & { kind: "cast" }, to: Type, info: Info): Info {
  if (!isInteger(to) || typeof info.constant !== "bigint") return { type: to };
  const bits = to.kind === "int" ? to.bits : to.sizeBytes * 8;
  const constant = to.signed ? BigInt.asIntN(bits, info.constant) : BigInt.asUintN(bits, info.constant);
  if (to.kind === "enum" && !to.variants.some(([value]) => value === constant)) {
    return c.error(e.span, `${constant} is not a variant of enum ${to.name}`);
  }
  return { type: to, constant };
}
