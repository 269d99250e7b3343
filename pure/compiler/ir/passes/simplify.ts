import {
  type AluOperator,
  type Condition,
  type Func,
  type Instr,
  mapRegs,
  type Operand,
  type Reg,
  type Terminator,
} from "../ir.ts";
import { definitionCounts } from "../liveness.ts";

/**
 * Constant folding and copy propagation. A register that is written once is the same everywhere, so what it
 * stands for is known in the whole function; one that is written more often is followed inside a block only.
 */
export function simplify(func: Func): Func {
  const counts = definitionCounts(func);
  const single = (reg: Reg) => counts[reg] === 1;
  const everywhere = new Map<Reg, Operand>();
  const blocks = func.blocks.map((block) => {
    const here = new Map<Reg, Operand>();
    const value = (reg: Reg): Operand => here.get(reg) ?? everywhere.get(reg) ?? reg;
    const instrs: Instr[] = [];
    for (const before of block.instrs) {
      const instr = fold(
        mapRegs(before, value, (reg) => reg),
        instrs,
        value,
      );
      instrs.push(instr);
      const dst = "dst" in instr ? instr.dst : undefined;
      if (dst === undefined) continue;
      if (!single(dst)) forget(here, dst);
      if (instr.op !== "copy" || instr.src === dst) continue;
      const src = instr.src;
      if (single(dst) && (typeof src === "bigint" || single(src))) everywhere.set(dst, src);
      else here.set(dst, src);
    }
    return {
      ...block,
      instrs,
      end: foldBranch(
        mapRegs(block.end, value, (reg) => reg),
        value,
      ),
    };
  });
  return { ...func, blocks };
}

function forget(known: Map<Reg, Operand>, reg: Reg): void {
  known.delete(reg);
  for (const [copy, of] of known) if (of === reg) known.delete(copy);
}

type Known = (reg: Reg) => Operand;

function fold(instr: Instr, before: Instr[], value: Known): Instr {
  const constant = (reg: Reg): bigint | undefined => {
    const known = value(reg);
    return typeof known === "bigint" ? known : undefined;
  };
  const is = (src: Operand): Instr => ({ op: "copy", dst: (instr as { dst: Reg }).dst, src, at: instr.at });
  switch (instr.op) {
    case "alu": {
      const a = constant(instr.a);
      if (a !== undefined && typeof instr.b === "bigint") {
        return is(BigInt.asIntN(64, evaluate(instr.alu, a, instr.b, instr.bits)));
      }
      if (a !== undefined && typeof instr.b === "number" && COMMUTATIVE.has(instr.alu)) {
        return fold({ ...instr, a: instr.b, b: a }, before, value);
      }
      return foldIdentity(instr, before) ?? instr;
    }
    case "neg": {
      const a = constant(instr.a);
      return a === undefined ? instr : is(BigInt.asIntN(64, -a));
    }
    case "extend": {
      const a = constant(instr.a);
      if (a === undefined) return instr;
      return is(instr.signed ? BigInt.asIntN(instr.bits, a) : BigInt.asUintN(instr.bits, a));
    }
    case "swap": {
      const a = constant(instr.a);
      return a === undefined ? instr : is(BigInt.asIntN(64, reverseBytes(a, instr.bits)));
    }
    default:
      return instr;
  }
}

/** Operations whose operands may change places. */
export const COMMUTATIVE: ReadonlySet<AluOperator> = new Set(["add", "mul", "and", "or", "xor"]);

const SHIFTS: ReadonlySet<AluOperator> = new Set(["lsh", "rsh", "arsh"]);

/** `x + 0`, `x * 1`, `x * 2^n`, `x / 2^n`, `(x + a) + b` … */
function foldIdentity(instr: Instr & { op: "alu" }, before: readonly Instr[]): Instr | undefined {
  if (typeof instr.b !== "bigint" || instr.bits !== 64) return undefined;
  // The verifier refuses constant shifts of 64 bits and more; those of registers count the low six bits only.
  if (SHIFTS.has(instr.alu) && instr.b !== (instr.b & 63n)) return { ...instr, b: instr.b & 63n };
  const b = instr.b;
  const copy = (src: Operand): Instr => ({ op: "copy", dst: instr.dst, src, at: instr.at });
  if (b === 0n && ["add", "sub", "or", "xor", "lsh", "rsh", "arsh"].includes(instr.alu)) return copy(instr.a);
  if (b === 0n && (instr.alu === "mul" || instr.alu === "and")) return copy(0n);
  if (b === 1n && (instr.alu === "mul" || instr.alu === "div")) return copy(instr.a);
  const power = b > 1n && (b & (b - 1n)) === 0n ? BigInt(b.toString(2).length - 1) : undefined;
  if (power !== undefined && instr.alu === "mul") return { ...instr, alu: "lsh", b: power };
  if (power !== undefined && instr.alu === "div") return { ...instr, alu: "rsh", b: power };
  if (power !== undefined && instr.alu === "mod" && b <= 0x80000000n) return { ...instr, alu: "and", b: b - 1n };
  if (instr.alu !== "add") return undefined;
  const last = before.at(-1);
  if (last?.op === "alu" && last.alu === "add" && last.dst === instr.a && last.a !== last.dst && last.bits === 64) {
    if (typeof last.b === "bigint") return { ...instr, a: last.a, b: BigInt.asIntN(64, last.b + b) };
  }
  return undefined;
}

function evaluate(alu: AluOperator, left: bigint, right: bigint, bits: 32 | 64): bigint {
  const a = BigInt.asUintN(bits, left);
  const b = BigInt.asUintN(bits, right);
  const shift = b & BigInt(bits - 1);
  const result = {
    add: () => a + b,
    sub: () => a - b,
    mul: () => a * b,
    div: () => (b === 0n ? 0n : a / b),
    mod: () => (b === 0n ? a : a % b),
    or: () => a | b,
    and: () => a & b,
    xor: () => a ^ b,
    lsh: () => a << shift,
    rsh: () => a >> shift,
    arsh: () => BigInt.asIntN(bits, a) >> shift,
  }[alu]();
  return BigInt.asUintN(bits, result);
}

function reverseBytes(value: bigint, bits: number): bigint {
  let result = 0n;
  for (let bit = 0; bit < bits; bit += 8) result = (result << 8n) | ((value >> BigInt(bit)) & 0xffn);
  return result;
}

function foldBranch(end: Terminator, value: Known): Terminator {
  if (end.op !== "branch") return end;
  const a = value(end.a);
  if (end.then === end.else) return { op: "jump", to: end.then, at: end.at };
  if (typeof a !== "bigint") return end;
  if (typeof end.b === "bigint") {
    return { op: "jump", to: holds(end.condition, a, end.b, end.bits) ? end.then : end.else, at: end.at };
  }
  const mirrored = MIRRORED[end.condition];
  return mirrored ? { ...end, condition: mirrored, a: end.b, b: a } : end;
}

const MIRRORED: Partial<Record<Condition, Condition>> = {
  eq: "eq",
  ne: "ne",
  set: "set",
  gt: "lt",
  ge: "le",
  lt: "gt",
  le: "ge",
  sgt: "slt",
  sge: "sle",
  slt: "sgt",
  sle: "sge",
};

function holds(condition: Condition, left: bigint, right: bigint, bits: 32 | 64): boolean {
  const wrap = condition.startsWith("s") && condition !== "set" ? BigInt.asIntN : BigInt.asUintN;
  const a = wrap(bits, left);
  const b = wrap(bits, right);
  switch (condition) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "gt":
    case "sgt":
      return a > b;
    case "ge":
    case "sge":
      return a >= b;
    case "lt":
    case "slt":
      return a < b;
    case "le":
    case "sle":
      return a <= b;
    case "set":
      return (a & b) !== 0n;
  }
}
