import { type Instruction, isWide, type LineInfo, type Relocation, type SubprogramSpec } from "@beetrace/bytecode";
import { invariant } from "@beetrace/std";
import type { Func } from "../ir/ir.ts";
import { optimise } from "../ir/passes/index.ts";
import { allocate } from "./allocate.ts";
import { emitFunc, type FuncCode } from "./emit.ts";
import { legalize } from "./legalize.ts";
import { placeSlots } from "./slots.ts";

/** The verifier's limit on one frame; the sum over a chain of calls has the same limit. */
export const STACK_BYTES_MAX = 512;

/** A function, with those that it calls, needs more stack than there is. */
export class StackTooLargeError extends Error {
  override readonly name = "StackTooLargeError";
  readonly sizeBytes: number;
  constructor(name: string, sizeBytes: number) {
    super(`${name} needs ${sizeBytes} bytes of stack; BPF has ${STACK_BYTES_MAX}`);
    this.sizeBytes = sizeBytes;
  }
}

/** The code part of a program: its functions one after the other, the entry first. */
export interface LinkedCode {
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  readonly subprograms: readonly SubprogramSpec[];
  readonly lines: readonly LineInfo[];
}

/** Where a source offset is: line and column from 1. */
export type Locate = (offset: number) => { readonly line: number; readonly column: number };

/**
 * Optimises, allocates and emits the functions of a program and joins them.
 * Throws {@link StackTooLargeError} and `CodeTooLargeError`.
 */
export function generate(
  funcs: readonly Func[],
  locate: Locate,
  options: { check: boolean } = { check: false },
): LinkedCode {
  const frames = new Map<string, number>();
  const codes = funcs.map((func) => {
    const allocation = allocate(legalize(optimise(func, options)));
    const frame = placeSlots(allocation.func);
    frames.set(func.name, frame.sizeBytes);
    return emitFunc(allocation, frame);
  });
  const depths = stackDepths(codes, frames);
  const [entry] = codes;
  const sizeBytes = depths.get(entry.name)!;
  if (sizeBytes > STACK_BYTES_MAX) throw new StackTooLargeError(entry.name, sizeBytes);
  // A loop that is never entered leaves its body behind, which the verifier would not take.
  return link(
    codes.filter((code) => depths.has(code.name)),
    locate,
  );
}

/** The verifier counts the frames of a chain of calls together, each in steps of these (check_max_stack_depth). */
const FRAME_STEP_BYTES = 32;

/** The stack that each function takes together with what it calls; only those that the first one comes to. */
function stackDepths(codes: readonly FuncCode[], frames: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const byName = new Map(codes.map((code) => [code.name, code]));
  const depths = new Map<string, number>();
  const depthOf = (code: FuncCode): number => {
    const known = depths.get(code.name);
    if (known !== undefined) return known;
    const inner = code.functionReferences.map(({ name }) => depthOf(byName.get(name)!));
    const own = Math.ceil(Math.max(1, frames.get(code.name)!) / FRAME_STEP_BYTES) * FRAME_STEP_BYTES;
    const depth = own + Math.max(0, ...inner);
    depths.set(code.name, depth);
    return depth;
  };
  depthOf(codes[0]);
  return depths;
}

function link(codes: readonly FuncCode[], locate: Locate): LinkedCode {
  const instructions: Instruction[] = [];
  const relocations: Relocation[] = [];
  const subprograms: SubprogramSpec[] = [];
  const lines: LineInfo[] = [];
  const references: { index: number; name: string }[] = [];
  let lastAt = -1;
  for (const code of codes) {
    const base = instructions.length;
    subprograms.push({ name: code.name, firstIndex: base, params: code.paramNames, global: code.global });
    for (const instruction of code.instructions) instructions.push(instruction);
    for (const relocation of code.relocations) relocations.push({ ...relocation, index: relocation.index + base });
    for (const reference of code.functionReferences) references.push({ ...reference, index: reference.index + base });
    code.at.forEach((at, index) => {
      if (at < 0 || at === lastAt) return;
      lastAt = at;
      const { line, column } = locate(at);
      lines.push({ index: base + index, line, column });
    });
  }
  return { instructions: resolveFunctions(instructions, subprograms, references), relocations, subprograms, lines };
}

function resolveFunctions(
  instructions: Instruction[],
  subprograms: readonly SubprogramSpec[],
  references: readonly { index: number; name: string }[],
): Instruction[] {
  if (references.length === 0) return instructions;
  const slots: number[] = [];
  let at = 0;
  for (const insn of instructions) {
    slots.push(at);
    at += isWide(insn) ? 2 : 1;
  }
  for (const { index, name } of references) {
    const target = subprograms.find((subprogram) => subprogram.name === name);
    invariant(target, `no function ${name}`);
    instructions[index] = { ...instructions[index], imm: slots[target.firstIndex] - slots[index] - 1 };
  }
  return instructions;
}
