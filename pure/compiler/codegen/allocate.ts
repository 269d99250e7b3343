/**
 * Register allocation by linear scan over live intervals.
 * Source: M. Poletto and V. Sarkar, "Linear Scan Register Allocation", TOPLAS 21(5), 1999; spilling by
 * rewriting, so that no register has to be kept free for reloads.
 */
import { invariant } from "@beetrace/std";
import { type Func, type Instr, mapRegs, type Reg, type Terminator, usedBy } from "../ir/ir.ts";
import { definitionCounts } from "../ir/liveness.ts";
import { type Interval, intervals } from "./intervals.ts";

/** A machine register, 0 to 9. */
export type Machine = number;

/** A function and the machine registers of its virtual ones; those that were spilled are loads and stores by then. */
export interface Allocation {
  readonly func: Func;
  /** By virtual register. */
  readonly machine: ReadonlyMap<Reg, Machine>;
}

const CALLEE_SAVED: readonly Machine[] = [6, 7, 8, 9];
const ALL: readonly Machine[] = [1, 2, 3, 4, 5, 0, 6, 7, 8, 9];

/** Gives every virtual register a machine register, spilling to stack slots where there are too few. */
export function allocate(input: Func): Allocation {
  let func = input;
  const temporaries = new Set<Reg>();
  for (let round = 0; round < 64; round++) {
    const result = scan(func, temporaries);
    if (result.spilled.size === 0) return { func, machine: result.machine };
    func = spill(func, result.spilled, temporaries);
  }
  invariant(false, `${input.name}: register allocation does not end`);
}

function scan(func: Func, temporaries: ReadonlySet<Reg>): { machine: Map<Reg, Machine>; spilled: Set<Reg> } {
  const all = [...intervals(func).values()].sort((a, b) => a.start - b.start || a.end - b.end);
  const { calls, hints, mates } = survey(func);
  const machine = new Map<Reg, Machine>();
  const spilled = new Set<Reg>();
  let active: Interval[] = [];
  for (const interval of all) {
    active = active.filter((other) => other.end >= interval.start);
    const taken = new Set(active.map((other) => machine.get(other.reg)!));
    const crosses = crossesCall(calls, interval);
    const candidates = crosses ? CALLEE_SAVED : ALL;
    const wanted = [hints.get(interval.reg), ...(mates.get(interval.reg) ?? []).map((mate) => machine.get(mate))];
    const free = candidates.filter((register) => !taken.has(register));
    const choice = wanted.find((register) => register !== undefined && free.includes(register)) ?? free[0];
    if (choice !== undefined) {
      machine.set(interval.reg, choice);
      active.push(interval);
      continue;
    }
    const victim = chooseVictim(interval, active, candidates, machine, temporaries);
    spilled.add(victim.reg);
    if (victim === interval) continue;
    machine.set(interval.reg, machine.get(victim.reg)!);
    machine.delete(victim.reg);
    active = [...active.filter((other) => other !== victim), interval];
  }
  return { machine, spilled };
}

function chooseVictim(
  interval: Interval,
  active: readonly Interval[],
  candidates: readonly Machine[],
  machine: ReadonlyMap<Reg, Machine>,
  temporaries: ReadonlySet<Reg>,
): Interval {
  const rivals = [interval, ...active.filter((other) => candidates.includes(machine.get(other.reg)!))];
  const spillable = rivals.filter((other) => !temporaries.has(other.reg));
  invariant(spillable.length > 0, "nothing left to spill");
  const cost = (other: Interval) => other.weight / (other.end - other.start + 1);
  return spillable.reduce((cheapest, other) => (cost(other) < cost(cheapest) ? other : cheapest));
}

function isCall(instr: Instr | Terminator): instr is Instr & { op: "call" | "kfunc" | "invoke" } {
  return instr.op === "call" || instr.op === "kfunc" || instr.op === "invoke";
}

/** Where calls are, which register each value would best be in, and which values would best share one. */
function survey(func: Func): { calls: number[]; hints: Map<Reg, Machine>; mates: Map<Reg, Reg[]> } {
  const calls: number[] = [];
  const hints = new Map<Reg, Machine>();
  const mates = new Map<Reg, Reg[]>();
  const mate = (a: Reg, b: Reg) => {
    mates.set(a, [...(mates.get(a) ?? []), b]);
    mates.set(b, [...(mates.get(b) ?? []), a]);
  };
  func.params.forEach((reg, index) => {
    hints.set(reg, index + 1);
  });
  let position = 0;
  for (const block of func.blocks) {
    for (const instr of block.instrs) {
      if (isCall(instr)) {
        calls.push(position);
        instr.args.forEach((arg, index) => {
          if (typeof arg === "number") hints.set(arg, index + 1);
        });
        if (instr.dst !== undefined && !hints.has(instr.dst)) hints.set(instr.dst, 0);
      }
      if (instr.op === "copy" && typeof instr.src === "number") mate(instr.dst, instr.src);
      if (
        (instr.op === "alu" || instr.op === "extend" || instr.op === "swap" || instr.op === "neg") &&
        instr.dst !== instr.a
      ) {
        mate(instr.dst, instr.a);
      }
      position += 2;
    }
    if (block.end.op === "return" && typeof block.end.value === "number") hints.set(block.end.value, 0);
    position += 2;
  }
  return { calls, hints, mates };
}

/** Whether a call clobbers r0 to r5 while the value is needed. */
function crossesCall(calls: readonly number[], interval: Interval): boolean {
  let low = 0;
  let high = calls.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (calls[middle] > interval.start) high = middle;
    else low = middle + 1;
  }
  return low < calls.length && calls[low] < interval.end;
}

/** Rewrites the code so that spilled registers live in slots, or are made anew where they are needed. */
function spill(func: Func, spilled: ReadonlySet<Reg>, temporaries: Set<Reg>): Func {
  const counts = definitionCounts(func);
  const remade = new Map<Reg, Instr>();
  for (const block of func.blocks) {
    for (const instr of block.instrs) {
      const constant = (instr.op === "copy" && typeof instr.src === "bigint") || instr.op === "address";
      if (constant && spilled.has(instr.dst) && counts[instr.dst] === 1) remade.set(instr.dst, instr);
    }
  }
  const slots = [...func.slots];
  const slotOf = new Map<Reg, number>();
  for (const reg of spilled) {
    if (remade.has(reg)) continue;
    slotOf.set(reg, slots.length);
    slots.push({ sizeBytes: 8, align: 8 });
  }
  let regs = func.regs;
  const temporary = (): Reg => {
    temporaries.add(regs);
    return regs++;
  };
  const reload = (instr: Instr | Terminator, out: Instr[]): Map<Reg, Reg> => {
    const loaded = new Map<Reg, Reg>();
    for (const reg of usedBy(instr)) {
      if (!spilled.has(reg) || loaded.has(reg)) continue;
      const into = temporary();
      loaded.set(reg, into);
      const again = remade.get(reg);
      if (again) out.push({ ...again, dst: into } as Instr);
      else out.push({ op: "load", dst: into, base: { slot: slotOf.get(reg)! }, offset: 0, size: 8, at: instr.at });
    }
    return loaded;
  };
  const blocks = func.blocks.map((block, blockIndex) => {
    const instrs: Instr[] = [];
    if (blockIndex === 0) {
      for (const reg of func.params) {
        if (spilled.has(reg))
          instrs.push({ op: "store", base: { slot: slotOf.get(reg)! }, offset: 0, size: 8, value: reg, at: -1 });
      }
    }
    for (const instr of block.instrs) {
      const dst = "dst" in instr ? instr.dst : undefined;
      if (dst !== undefined && remade.has(dst)) continue;
      const loaded = reload(instr, instrs);
      const into = dst !== undefined && spilled.has(dst) ? temporary() : dst;
      instrs.push(
        mapRegs(
          instr,
          (reg) => loaded.get(reg) ?? reg,
          () => into!,
        ),
      );
      if (dst !== undefined && into !== dst) {
        instrs.push({ op: "store", base: { slot: slotOf.get(dst)! }, offset: 0, size: 8, value: into!, at: instr.at });
      }
    }
    const loaded = reload(block.end, instrs);
    return {
      ...block,
      instrs,
      end: mapRegs(
        block.end,
        (reg) => loaded.get(reg) ?? reg,
        (reg) => reg,
      ),
    };
  });
  return renameSpilledParams({ ...func, blocks, slots, regs }, spilled, temporaries);
}

/** A spilled parameter lives only until the store at entry: under a new name, which is not spilled again. */
function renameSpilledParams(func: Func, spilled: ReadonlySet<Reg>, temporaries: Set<Reg>): Func {
  if (!func.params.some((reg) => spilled.has(reg))) return func;
  let regs = func.regs;
  const renamed = new Map<Reg, Reg>();
  const params = func.params.map((reg) => {
    if (!spilled.has(reg)) return reg;
    renamed.set(reg, regs);
    temporaries.add(regs);
    return regs++;
  });
  const [entry, ...others] = func.blocks;
  const instrs = entry.instrs.map((instr) =>
    instr.op === "store" && typeof instr.value === "number" && renamed.has(instr.value)
      ? { ...instr, value: renamed.get(instr.value)! }
      : instr,
  );
  return { ...func, params, regs, blocks: [{ ...entry, instrs }, ...others] };
}
