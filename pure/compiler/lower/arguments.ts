/** Arguments of probes. */
import { registerOffset } from "@beetrace/object";
import { invariant } from "@beetrace/std";
import type { Operand, Reg, Size } from "../ir/ir.ts";
import type { ArgField } from "../semantics/probe-context.ts";
import { isScalar, type StructType, type Type } from "../semantics/types.ts";
import type { Lowerer } from "./lowerer.ts";
import { addressArgument, readScalar } from "./memory.ts";
import { type Place, scalar, type Value } from "./place.ts";

/** The value of an argument: in a register, or where it lies. */
export function loadArgument(l: Lowerer, field: ArgField): Value {
  const { load, type } = field;
  switch (load.kind) {
    case "ctx": {
      const place = { base: l.context, offset: load.offset, space: "ctx" as const };
      if (isScalar(type)) return scalar(contextScalar(l, field, load.offset));
      return {
        kind: "place",
        place: isOfWords(l) && type.kind === "struct" ? copyOfWords(l, type, load.offset) : place,
      };
    }
    case "ctx-pointer": {
      const pointer = l.b.load(l.context, 0, 8);
      const place = { base: pointer, offset: load.offset, space: "trusted" as const };
      return isScalar(type) ? scalar(readScalar(l, place, type)) : { kind: "place", place };
    }
    case "data-loc": {
      const word = l.b.load(l.context, load.offset, 4);
      const offset = l.b.alu("and", word, 0xffffn);
      return scalar(l.b.add(l.b.add(l.context, offset), BigInt(load.from)));
    }
    case "return": {
      const slot = l.temp(8);
      l.b.store(slot.base, slot.offset, 8, 0n);
      l.b.call("get_func_ret", l.context, addressArgument(l, slot));
      return scalar(readScalar(l, slot, type));
    }
    case "usdt":
      return scalar(usdtArgument(l, load.arg));
    case "registers":
      return gathered(l, load.offsets);
    case "stack":
      return inUserMemory(l, l.b.load(l.context, load.pointer, 8), load.offset, type);
    case "address":
      return inUserMemory(l, l.b.load(l.context, load.offset, 8), 0, type);
    case "unavailable":
      invariant(false, `${field.name} was refused`);
  }
}

/** What several registers hold together, as it would be in memory. */
function gathered(l: Lowerer, offsets: readonly number[]): Value {
  const place = l.temp(offsets.length * 8);
  offsets.forEach((offset, index) => {
    l.b.store(place.base, place.offset + index * 8, 8, l.b.load(l.context, offset, 8));
  });
  return { kind: "place", place };
}

function inUserMemory(l: Lowerer, base: Reg, offset: number, type: Type): Value {
  const place = { base, offset, space: "user" as const };
  return isScalar(type) ? scalar(readScalar(l, place, type)) : { kind: "place", place };
}

function isOfWords(l: Lowerer): boolean {
  return l.unit.context.programType === "BPF_PROG_TYPE_TRACING";
}

/** A struct that is passed by value: the context can be read by whole words only. */
function copyOfWords(l: Lowerer, type: StructType, offset: number): Place {
  const copy = l.temp(type.sizeBytes);
  for (let at = 0; at < type.sizeBytes; at += 8) {
    l.b.store(copy.base, copy.offset + at, 8, l.b.load(l.context, offset + at, 8));
  }
  return copy;
}

/** Raw tracepoints and trampolines have every argument as a u64: what a narrower type says is cut from it. */
function contextScalar(l: Lowerer, field: ArgField, offset: number): Operand {
  const { type } = field;
  if (!isOfWords(l) || type.kind === "pointer") return readScalar(l, { base: l.context, offset, space: "ctx" }, type);
  const word = l.b.load(l.context, offset, 8);
  const bits =
    type.kind === "int" ? type.bits : type.kind === "enum" ? type.sizeBytes * 8 : type.kind === "bool" ? 8 : 64;
  if (bits === 64) return word;
  return l.b.extend(word, bits as 8 | 16 | 32, (type.kind === "int" || type.kind === "enum") && type.signed);
}

function usdtArgument(l: Lowerer, arg: Extract<ArgField["load"], { kind: "usdt" }>["arg"]): Operand {
  const { location } = arg;
  switch (location.kind) {
    case "const":
      return arg.signed ? BigInt.asIntN(arg.size * 8, location.value) : BigInt.asUintN(arg.size * 8, location.value);
    case "register":
      return sized(l, register(l, location.register), arg.size, arg.signed);
    case "memory": {
      let address: Operand = l.b.add(register(l, location.base), location.offset);
      if (location.index !== undefined) {
        const index = register(l, location.index, location.indexSigned ?? false);
        address = l.b.add(address, l.b.alu("mul", index, BigInt(location.scale ?? 1)));
      }
      const slot = l.temp(8);
      l.b.call("probe_read_user", addressArgument(l, slot), BigInt(arg.size), address);
      return sized(l, l.b.load(slot.base, slot.offset, arg.size), arg.size, arg.signed);
    }
    case "unknown":
      return 0n;
  }
}

function register(l: Lowerer, name: string, signed = false): Operand {
  const slot = registerOffset(l.assembly.checker.target.arch, name);
  invariant(slot, `no register ${name}`);
  const whole = l.b.load(l.context, slot.offset, 8);
  return sized(l, slot.shift ? l.b.alu("rsh", whole, BigInt(slot.shift)) : whole, slot.size, signed);
}

function sized(l: Lowerer, value: Operand, size: Size, signed: boolean): Operand {
  return size === 8 ? value : l.b.extend(value, (size * 8) as 8 | 16 | 32, signed);
}
