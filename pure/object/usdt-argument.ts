import type { Machine } from "./elf-headers.ts";
import { registerOffset } from "./registers.ts";

/** Where a USDT argument's value is when its probe fires. */
export type UsdtLocation =
  | { readonly kind: "const"; readonly value: bigint }
  /** In a register, by the name {@link registerOffset} takes. */
  | { readonly kind: "register"; readonly register: string }
  /** In memory at `base + offset + index * scale`; an index narrower than 8 bytes is extended by `indexSigned`. */
  | {
      readonly kind: "memory";
      readonly base: string;
      readonly offset: bigint;
      readonly index?: string;
      readonly scale?: number;
      readonly indexSigned?: boolean;
    }
  /** Written in a way not understood here, or nowhere a probe can read. */
  | { readonly kind: "unknown"; readonly text: string };

/** One argument of a USDT probe. */
export interface UsdtArg {
  readonly size: 1 | 2 | 4 | 8;
  readonly signed: boolean;
  readonly float?: boolean;
  readonly location: UsdtLocation;
}

/** What an argument's operand may refer to beside registers. */
export interface UsdtOperandContext {
  readonly machine: Machine;
  /** The address of the probe: operands relative to the instruction pointer are made relative to it. */
  readonly probeAddress: number;
  /** The address of a symbol of the file. */
  readonly addressOf: (symbol: string) => number | undefined;
}

/**
 * Parses the argument text of a `.note.stapsdt` entry: arguments `[-]SIZE[f]@OPERAND`, the operand as the assembler of the
 * machine writes it ("User Space Probe Implementation", systemtap wiki). Never throws: what it cannot read is "unknown".
 */
export function parseUsdtArgs(text: string, context: UsdtOperandContext): UsdtArg[] {
  // An operand may hold spaces (`8@[sp, 16]`), so an argument ends only where the next one's size begins.
  const parts = text.trim().split(/\s+(?=-?\d{1,2}f?@)/);
  return parts.filter((part) => part !== "").map((part) => parseUsdtArg(part, context));
}

function parseUsdtArg(text: string, context: UsdtOperandContext): UsdtArg {
  const match = /^(-?)(\d{1,2})(f?)@(.+)$/s.exec(text);
  if (match === null) return { size: 8, signed: false, location: { kind: "unknown", text } };
  const [, sign, digits, float, operand] = match;
  const size = Number(digits);
  const known = size === 1 || size === 2 || size === 4 || size === 8;
  const location = known ? parseOperand(operand.trim(), context) : undefined;
  return {
    size: known ? size : 8,
    signed: sign === "-",
    ...(float === "f" ? { float: true } : {}),
    location: location ?? { kind: "unknown", text },
  };
}

function parseOperand(operand: string, context: UsdtOperandContext): UsdtLocation | undefined {
  if (context.machine === "x86_64") return parseX86Operand(operand, context);
  if (context.machine === "aarch64") return parseArmOperand(operand, context.machine);
  return undefined;
}

const NUMBER = "[+-]?(?:0x[0-9a-f]+|\\d+)";
const X86_CONST = new RegExp(`^\\$(${NUMBER})$`, "i");
const X86_REGISTER = /^%([a-z]\w*)$/;
const X86_MEMORY = new RegExp(`^(${NUMBER})?\\(%(\\w+)(?:,%(\\w+)(?:,([1248]))?)?\\)$`, "i");
const X86_SYMBOL = new RegExp(`^(?:(${NUMBER})\\+)?([A-Za-z_.$][\\w.$]*)([+-]${NUMBER})?\\(%rip\\)$`, "i");

function parseX86Operand(operand: string, context: UsdtOperandContext): UsdtLocation | undefined {
  const constant = X86_CONST.exec(operand);
  if (constant !== null) return { kind: "const", value: parseNumber(constant[1]) };
  const register = X86_REGISTER.exec(operand)?.[1];
  if (register !== undefined) return isRegister(context.machine, register) ? { kind: "register", register } : undefined;
  const symbol = X86_SYMBOL.exec(operand);
  if (symbol !== null) return symbolLocation(symbol[2], parseNumber(symbol[1]) + parseNumber(symbol[3]), context);
  const memory = X86_MEMORY.exec(operand);
  if (memory === null) return undefined;
  const [, offset, base, index, scale] = memory;
  // A number before (%rip) counts from an instruction that is not the probe's.
  if (base === "rip" || registerOffset(context.machine, base)?.size !== 8) return undefined;
  if (index === undefined) return { kind: "memory", base, offset: parseNumber(offset) };
  if (registerOffset(context.machine, index)?.size !== 8) return undefined;
  return { kind: "memory", base, offset: parseNumber(offset), index, scale: Number(scale ?? 1) };
}

/** A variable of the file, told as a distance from the probe: at run time both have moved by the same amount. */
function symbolLocation(symbol: string, plus: bigint, context: UsdtOperandContext): UsdtLocation | undefined {
  const address = context.addressOf(symbol);
  if (address === undefined) return undefined;
  return { kind: "memory", base: "rip", offset: BigInt(address) + plus - BigInt(context.probeAddress) };
}

const ARM_CONST = new RegExp(`^#?(${NUMBER})$`, "i");
const ARM_MEMORY = new RegExp(
  `^\\[\\s*(\\w+)\\s*(?:,\\s*(?:#?(${NUMBER})|([wx]\\d+)\\s*(?:,\\s*(lsl|uxtw|sxtw|sxtx)\\s*(?:#?([0-4]))?)?)\\s*)?\\]$`,
  "i",
);

function parseArmOperand(operand: string, machine: Machine): UsdtLocation | undefined {
  const constant = ARM_CONST.exec(operand);
  if (constant !== null) return { kind: "const", value: parseNumber(constant[1]) };
  if (isRegister(machine, operand)) return { kind: "register", register: operand };
  const memory = ARM_MEMORY.exec(operand);
  if (memory === null) return undefined;
  const [, base, offset, index, extend, shift] = memory;
  if (registerOffset(machine, base)?.size !== 8) return undefined;
  if (index === undefined) return { kind: "memory", base, offset: parseNumber(offset) };
  if (!isRegister(machine, index)) return undefined;
  const scale = 1 << Number(shift ?? 0);
  return { kind: "memory", base, offset: 0n, index, scale, ...(extend === "sxtw" ? { indexSigned: true } : {}) };
}

function isRegister(machine: Machine, name: string): boolean {
  return registerOffset(machine, name) !== undefined;
}

function parseNumber(text: string | undefined): bigint {
  if (text === undefined || text === "") return 0n;
  const signs = /^[+-]*/.exec(text)![0];
  const magnitude = BigInt(text.slice(signs.length));
  return (signs.split("-").length - 1) % 2 === 1 ? -magnitude : magnitude;
}
