import { alignUp } from "@beetrace/std";
import { definedBy, type Func, type Instr, type Reg, slotsOf, usedBy } from "../ir/ir.ts";
import { intervals } from "./intervals.ts";

/** Where each slot stands: its offset from the frame pointer (negative), and the bytes the frame takes. */
export interface Frame {
  readonly offsets: readonly number[];
  readonly sizeBytes: number;
}

/**
 * Gives each slot a place on the stack; slots that are never in use at the same time share bytes.
 * First fit by size, largest first.
 */
export function placeSlots(func: Func): Frame {
  const ranges = slotRanges(func);
  const order = func.slots.map((_, index) => index).filter((index) => ranges[index] !== undefined);
  order.sort((a, b) => func.slots[b].sizeBytes - func.slots[a].sizeBytes || a - b);
  const offsets: number[] = func.slots.map(() => 0);
  const placed = new Map<number, number[]>();
  let sizeBytes = 0;
  for (const slot of order) {
    const { sizeBytes: size, align } = func.slots[slot];
    const range = ranges[slot]!;
    const stretches = stretchesOf(range);
    const near = new Set(stretches.flatMap((stretch) => placed.get(stretch) ?? []));
    const rivals = [...near].filter((other) => overlap(range, ranges[other]!));
    const end = (rival: number) => offsets[rival] + func.slots[rival].sizeBytes;
    // By their upper ends, for rivals may share bytes among themselves: below the first that fits there is none higher.
    rivals.sort((a, b) => end(b) - end(a));
    let top = 0;
    for (const rival of rivals) {
      const bottom = -alignUp(-top + size, align);
      if (bottom >= end(rival)) break;
      top = Math.min(top, offsets[rival]);
    }
    offsets[slot] = -alignUp(-top + size, align);
    sizeBytes = Math.max(sizeBytes, -offsets[slot]);
    for (const stretch of stretches) {
      const there = placed.get(stretch);
      if (there) there.push(slot);
      else placed.set(stretch, [slot]);
    }
  }
  return { offsets, sizeBytes: alignUp(sizeBytes, 8) };
}

/** 512 positions are 256 instructions. */
const STRETCH_BITS = 9;

interface Range {
  start: number;
  end: number;
}

/** The stretches of a function that a range has a part in: only slots of the same one can be in each other's way. */
function stretchesOf({ start, end }: Range): number[] {
  const first = start >> STRETCH_BITS;
  return Array.from({ length: (end >> STRETCH_BITS) - first + 1 }, (_, index) => first + index);
}

function overlap(a: Range, b: Range): boolean {
  return a.start <= b.end && b.start <= a.end;
}

/**
 * From the first to the last instruction that touches a slot, or a register with an address in it. A slot that is
 * touched inside a loop but first outside of it lives through the whole loop.
 */
function slotRanges(func: Func): (Range | undefined)[] {
  const ranges: (Range | undefined)[] = func.slots.map(() => undefined);
  const regIntervals = intervals(func);
  const touch = (slot: number, from: number, to = from) => {
    const range = ranges[slot];
    if (range) {
      range.start = Math.min(range.start, from);
      range.end = Math.max(range.end, to);
    } else ranges[slot] = { start: from, end: to };
  };
  const holders = addressHolders(func);
  let position = 0;
  for (const block of func.blocks) {
    for (const instr of [...block.instrs, block.end]) {
      for (const slot of slotsOf(instr)) touch(slot, position);
      position += 2;
    }
  }
  holders.forEach((slots, reg) => {
    const interval = regIntervals.get(reg);
    if (interval) for (const slot of slots) touch(slot, interval.start, interval.end);
  });
  for (const loop of loops(func)) {
    for (const range of ranges) {
      if (range && range.start < loop.start && range.end >= loop.start) range.end = Math.max(range.end, loop.end);
    }
  }
  return ranges;
}

/** Registers that hold an address inside a slot, through copies and additions. */
function addressHolders(func: Func): Map<Reg, Set<number>> {
  const holders = new Map<Reg, Set<number>>();
  const note = (reg: Reg, slots: Iterable<number>): boolean => {
    const known = holders.get(reg) ?? new Set();
    const before = known.size;
    for (const slot of slots) known.add(slot);
    if (known.size > 0) holders.set(reg, known);
    return known.size > before;
  };
  let grew = true;
  while (grew) {
    grew = false;
    for (const block of func.blocks) for (const instr of block.instrs) grew = spread(instr, holders, note) || grew;
  }
  return holders;
}

function spread(
  instr: Instr,
  holders: Map<Reg, Set<number>>,
  note: (reg: Reg, slots: Iterable<number>) => boolean,
): boolean {
  const dst = definedBy(instr);
  if (dst === undefined) return false;
  if (instr.op === "address" && instr.of.kind === "slot") return note(dst, [instr.of.slot]);
  if (instr.op !== "copy" && instr.op !== "alu") return false;
  return usedBy(instr).reduce((grew, reg) => note(dst, holders.get(reg) ?? []) || grew, false);
}

/** Each backward edge spans a loop, as a range of instruction positions. */
function loops(func: Func): Range[] {
  const starts = new Map<number, number>();
  const found: Range[] = [];
  let position = 0;
  for (const block of func.blocks) {
    starts.set(block.id, position);
    position += (block.instrs.length + 1) * 2;
    const targets =
      block.end.op === "jump" ? [block.end.to] : block.end.op === "branch" ? [block.end.then, block.end.else] : [];
    for (const to of targets) {
      const start = starts.get(to);
      if (start !== undefined) found.push({ start, end: position });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
