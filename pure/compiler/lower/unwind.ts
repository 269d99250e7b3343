/**
 * Call stacks of processes by call frame information: a walk from frame to frame, each of which looks up where the
 * caller's registers are. The tables come from user space; mappings that it has not told of yet are asked of the kernel.
 */
import { CFA_RULES, SAVED_RULES, savedRegisterOffset, UNWIND_ROW } from "@beetrace/object";
import { UNWIND_FAILURE } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import { currentPid } from "../builtins/task.ts";
import type { BlockId, Operand, Reg, Size, SlotRef } from "../ir/ir.ts";
import { findField } from "../semantics/c-types.ts";
import { UINT64 } from "../semantics/types.ts";
import {
  STACK_HASH,
  UNWIND_FILE,
  UNWIND_FILES_MAP,
  UNWIND_MAPPING,
  UNWIND_MAPPINGS_MAX,
  UNWIND_PROCESS,
  UNWIND_PROCESSES_MAP,
  UNWIND_ROWS_MAP,
  UNWIND_ROWS_MAX,
  UNWOUND_EXTRA_WORDS,
} from "../unwind-maps.ts";
import { Lowerer } from "./lowerer.ts";
import { addressOf, readScalar } from "./memory.ts";
import { repeat } from "./per-cpu.ts";

/** The environment of a walk, on the caller's stack: words at these offsets. */
const ENV = {
  /** Registers of the frame that is looked at. */
  ip: 0,
  sp: 8,
  fp: 16,
  /** 1 where `ip` is a return address: the call is before it. */
  back: 24,
  /** The mapping of the frame, of {@link UNWIND_MAPPING}: most frames are in the one of the frame before. */
  mapping: 32,
  /** The mappings of the process, or 0. */
  process: 64,
  /** Where the frames go. */
  frames: 72,
  hash: 80,
  count: 88,
  /** 1 where not even the first frame could be looked up. */
  unknown: 96,
  bytes: 104,
} as const;

const EFAULT = 14n;
const EEXIST = 17n;
/** That there is no unwind table: no helper gives it. */
const ENODATA = 61n;
const ID_BYTES = 4;
const WORD = 8;

/** A stack that was taken: an id in its map, or a negated errno, and how many frames it has. */
export interface UnwoundStack {
  readonly id: Operand;
  readonly frames: Operand;
  /** -ENODATA where nothing was known of the process, else 0. */
  readonly problem: Operand;
}

/** Takes the stack of the current process: keeps its frames in `map` under their hash. Requires Linux 5.17. */
export function unwindStack(l: Lowerer, map: string, limit: number): UnwoundStack {
  const { b } = l;
  const env = b.slot(ENV.bytes);
  const frames = l.scratch((limit + UNWOUND_EXTRA_WORDS) * WORD);
  const id = b.copy(-EFAULT);
  const problem = b.copy(0n);
  const [walk, after] = [b.block(), b.block()];
  const ip = startWalk(l, env, addressOf(l, frames));
  b.branch("ne", ip, 0n, walk, after); // a kernel thread has no registers of user space
  b.enter(walk);
  const name = `unwind_${l.state.callbacks++}`;
  lowerFrame(l, name, limit);
  b.call("loop", BigInt(limit), { kind: "function", name }, { kind: "slot", slot: env.slot, offset: 0 }, 0n);
  b.copy(keepStack(l, env, map, addressOf(l, frames), limit), id);
  b.copy(b.neg(b.alu("mul", b.load(env, ENV.unknown, 8), ENODATA)), problem);
  b.jump(after);
  b.enter(after);
  return { id, frames: b.load(env, ENV.count, 8), problem };
}

/** Fills in the environment; gives the instruction pointer. */
function startWalk(l: Lowerer, env: SlotRef, frames: Reg): Reg {
  const { b } = l;
  for (let at = 0; at < ENV.bytes; at += WORD) b.store(env, at, 8, 0n);
  const key = b.slot(8, 4);
  b.store(key, 0, 4, currentPid(l));
  b.store(env, ENV.process, 8, lookUp(l, UNWIND_PROCESSES_MAP, key));
  b.store(env, ENV.frames, 8, frames);
  const saved = b.call("task_pt_regs", b.call("get_current_task_btf"));
  const register = (name: string) => b.load(saved, savedRegisterOffset("x86_64", name)!, 8);
  b.store(env, ENV.sp, 8, register("sp"));
  b.store(env, ENV.fp, 8, register("bp"));
  const ip = register("ip");
  b.store(env, ENV.ip, 8, ip);
  return ip;
}

/** Makes the stack an element of its map unless it is one; gives its id or why there is none. */
function keepStack(l: Lowerer, env: SlotRef, map: string, frames: Reg, limit: number): Reg {
  const { b } = l;
  const hash = b.load(env, ENV.hash, 8);
  const hashAt = (limit + UNWOUND_EXTRA_WORDS - 1) * WORD;
  b.store(frames, hashAt, 8, hash);
  const id = b.alu("rsh", hash, STACK_HASH.idShift);
  const key = b.slot(8, ID_BYTES);
  b.store(key, 0, ID_BYTES, id);
  const [known, fresh, other, failed, after] = Array.from({ length: 5 }, () => b.block());
  const found = lookUp(l, map, key);
  b.branch("ne", found, 0n, known, fresh);
  b.enter(known);
  b.branch("eq", b.load(found, hashAt, 8), hash, after, other);
  b.enter(other);
  b.copy(-EEXIST, id);
  b.jump(after);
  b.enter(fresh);
  const made = b.call("map_update_elem", { kind: "map", map }, { kind: "slot", slot: key.slot, offset: 0 }, frames, 0n);
  b.branch("slt", made, 0n, failed, after);
  b.enter(failed);
  b.copy(made, id);
  b.jump(after);
  b.enter(after);
  return id;
}

function lookUp(l: Lowerer, map: string, key: SlotRef): Reg {
  return l.b.call("map_lookup_elem", { kind: "map", map }, { kind: "slot", slot: key.slot, offset: 0 });
}

/** One frame of a walk: the function that bpf_loop calls. It ends the loop with the outermost frame. */
function lowerFrame(l: Lowerer, name: string, limit: number): void {
  const finder = `${name}_mapping`;
  lowerMappingFinder(l, finder);
  const f = new Lowerer(l.assembly, l.unit, l.program, l.options, l.state, name, ["index", "env"]);
  const { b } = f;
  b.at = l.b.at;
  f.start();
  const [index, env] = f.params;
  const [inside, failed, done] = [b.block(), b.block(), b.block()];
  const at = b.extend(index, 32, false);
  b.branch("lt", at, BigInt(limit), inside, done);
  b.enter(inside);
  const ip = b.load(env, ENV.ip, 8);
  const frame = noteFrame(f, env, at, ip);
  const place = b.alu("sub", ip, b.load(env, ENV.back, 8));
  findMapping(f, env, finder, place, noteUnknown(f, env, at, failed));
  const row = findRow(f, env, place, failed);
  const cfa = canonicalFrameAddress(f, env, row, ip, failed);
  goToCaller(f, env, row, cfa, { done, failed });
  b.enter(failed);
  b.store(frame, WORD, 8, BigInt.asIntN(64, UNWIND_FAILURE));
  b.store(frame, 2 * WORD, 8, 0n);
  hashIn(f, env, BigInt.asIntN(64, UNWIND_FAILURE));
  b.jump(done);
  b.enter(done);
  b.return(1n);
  f.finish();
}

/** Appends the frame, with a zero behind it; gives where it stands. */
function noteFrame(f: Lowerer, env: Reg, index: Reg, ip: Reg): Reg {
  const { b } = f;
  const frame = b.add(b.load(env, ENV.frames, 8), b.alu("lsh", index, 3n));
  b.store(frame, 0, 8, ip);
  b.store(frame, WORD, 8, 0n);
  b.store(env, ENV.count, 8, b.add(index, 1n));
  hashIn(f, env, ip);
  return frame;
}

function hashIn({ b }: Lowerer, env: Reg, word: Operand): void {
  const mixed = b.alu("mul", b.alu("xor", b.load(env, ENV.hash, 8), word), BigInt.asIntN(64, STACK_HASH.factor));
  b.store(env, ENV.hash, 8, b.alu("xor", mixed, b.alu("rsh", mixed, STACK_HASH.shift)));
}

/** A block that notes that nothing is known of the process, when it is the first frame's. */
function noteUnknown({ b }: Lowerer, env: Reg, index: Reg, failed: BlockId): BlockId {
  const [unknown, first, before] = [b.block(), b.block(), b.block()];
  b.jump(before);
  b.enter(unknown);
  b.branch("eq", index, 0n, first, failed);
  b.enter(first);
  b.store(env, ENV.unknown, 8, 1n);
  b.jump(failed);
  b.enter(before);
  return unknown;
}

/** Brings the mapping of `place` into the environment: it is there, or the process has it, or the kernel. */
function findMapping(f: Lowerer, env: Reg, finder: string, place: Reg, unknown: BlockId): void {
  const { b } = f;
  const [search, listed, ask, asked, found] = Array.from({ length: 5 }, () => b.block());
  branchWithin(f, env, ENV.mapping, place, found, search);
  b.enter(search);
  const process = b.load(env, ENV.process, 8);
  b.branch("ne", process, 0n, listed, ask);
  b.enter(listed);
  const entry = searchProcess(f, process, place);
  for (let at = 0; at < UNWIND_MAPPING.bytes; at += WORD)
    b.store(env, ENV.mapping + at, 8, b.load(entry, UNWIND_PROCESS.mappings + at, 8));
  branchWithin(f, env, ENV.mapping, place, found, ask);
  b.enter(ask);
  b.store(env, ENV.mapping + UNWIND_MAPPING.end, 8, 0n);
  b.call("find_vma", b.call("get_current_task_btf"), place, { kind: "function", name: finder }, env, 0n);
  b.jump(asked);
  b.enter(asked);
  branchWithin(f, env, ENV.mapping, place, found, unknown);
  b.enter(found);
}

/** Whether the mapping at `offset` has the address. */
function branchWithin({ b }: Lowerer, env: Reg, offset: number, place: Reg, yes: BlockId, no: BlockId): void {
  const start = b.load(env, offset + UNWIND_MAPPING.start, 8);
  const above = b.block();
  b.branch("ge", place, start, above, no);
  b.enter(above);
  b.branch("lt", place, b.load(env, offset + UNWIND_MAPPING.end, 8), yes, no);
}

/**
 * The last of `count` elements from `first` on that is not beyond what is sought: `beyond` gives -1 where the element
 * is, else 0. Without branches, so that the verifier sees each step once. `most` is the largest count, a power of two.
 */
function lastNotBeyond(f: Lowerer, first: Operand, count: Operand, most: number, beyond: (index: Reg) => Reg): Reg {
  const { b } = f;
  const low = b.copy(first);
  const rest = b.copy(count);
  repeat(f, Math.log2(most), () => {
    const half = b.alu("rsh", rest, 1n);
    const isNot = b.alu("xor", beyond(b.add(low, half)), -1n);
    b.copy(b.add(low, b.alu("and", half, isNot)), low);
    b.copy(b.alu("sub", rest, half), rest);
  });
  return low;
}

/** -1 where `a` is less than `b`; both are addresses of user space or smaller. */
function lessMask({ b }: Lowerer, a: Operand, other: Operand): Reg {
  return b.alu("arsh", b.alu("sub", b.inReg(a), other), 63n);
}

/** The address of the last mapping that does not begin beyond `place`, less the offset of the first. */
function searchProcess(f: Lowerer, process: Reg, place: Reg): Reg {
  const { b } = f;
  const entry = (index: Reg) =>
    b.add(
      process,
      b.alu("lsh", b.alu("and", index, BigInt(UNWIND_MAPPINGS_MAX - 1)), BigInt(Math.log2(UNWIND_MAPPING.bytes))),
    );
  const count = b.load(process, UNWIND_PROCESS.count, 4);
  const index = lastNotBeyond(f, 0n, count, UNWIND_MAPPINGS_MAX, (at) =>
    lessMask(f, place, b.load(entry(at), UNWIND_PROCESS.mappings + UNWIND_MAPPING.start, 8)),
  );
  return entry(index);
}

/** The row that holds for `place`. */
function findRow(f: Lowerer, env: Reg, place: Reg, failed: BlockId): Reg {
  const { b } = f;
  const [some, found, good] = [b.block(), b.block(), b.block()];
  const address = b.alu("sub", place, b.load(env, ENV.mapping + UNWIND_MAPPING.bias, 8));
  const first = b.load(env, ENV.mapping + UNWIND_MAPPING.first, 4);
  const count = b.load(env, ENV.mapping + UNWIND_MAPPING.count, 4);
  b.branch("ne", count, 0n, some, failed);
  b.enter(some);
  const key = b.slot(8, 4);
  const rowAt = (index: Reg): Reg => {
    b.store(key, 0, 4, index);
    const there = b.block();
    const row = lookUp(f, UNWIND_ROWS_MAP, key);
    b.branch("ne", row, 0n, there, failed);
    b.enter(there);
    return row;
  };
  const index = lastNotBeyond(f, first, count, UNWIND_ROWS_MAX, (at) =>
    lessMask(f, address, b.load(rowAt(at), UNWIND_ROW.address, 4)),
  );
  b.jump(found);
  b.enter(found);
  const row = rowAt(index);
  b.branch("ge", address, b.load(row, UNWIND_ROW.address, 4), good, failed);
  b.enter(good);
  return row;
}

function signed({ b }: Lowerer, row: Reg, offset: number, size: 2 | 4): Reg {
  return b.extend(b.load(row, offset, size as Size), (size * 8) as 16 | 32, true);
}

/** A word of the process. */
function readWord({ b }: Lowerer, address: Reg, failed: BlockId): Reg {
  const word = b.slot(WORD);
  const result = b.call("probe_read_user", { kind: "slot", slot: word.slot, offset: 0 }, BigInt(WORD), address);
  const read = b.block();
  b.branch("slt", result, 0n, failed, read);
  b.enter(read);
  return b.load(word, 0, 8);
}

function canonicalFrameAddress(f: Lowerer, env: Reg, row: Reg, ip: Reg, failed: BlockId): Reg {
  const { b } = f;
  const [known, framePointer, based, table, other, indirect, pushed, after] = Array.from({ length: 8 }, () =>
    b.block(),
  );
  const rule = b.load(row, UNWIND_ROW.cfa, 1);
  const offset = signed(f, row, UNWIND_ROW.cfaOffset, 4);
  b.branch("ne", rule, BigInt(CFA_RULES.unknown), known, failed);
  b.enter(known);
  const cfa = b.copy(b.load(env, ENV.sp, 8));
  // The rules by the frame pointer are the even ones.
  invariant(CFA_RULES.framePointer === 2 && CFA_RULES.atFramePointer === 4, "rules of CFAs are numbered so");
  b.branch("set", rule, 1n, based, framePointer);
  b.enter(framePointer);
  b.copy(b.load(env, ENV.fp, 8), cfa);
  b.jump(based);
  b.enter(based);
  b.branch("eq", rule, BigInt(CFA_RULES.linkageTable), table, other);
  b.enter(table);
  b.copy(b.add(cfa, 8n), cfa);
  b.branch("ge", b.alu("and", ip, 15n), offset, pushed, after);
  b.enter(pushed);
  b.copy(b.add(cfa, 8n), cfa);
  b.jump(after);
  b.enter(other);
  b.copy(b.add(cfa, offset), cfa);
  b.branch("ge", rule, BigInt(CFA_RULES.atStackPointer), indirect, after);
  b.enter(indirect);
  b.copy(readWord(f, cfa, failed), cfa);
  b.jump(after);
  b.enter(after);
  return cfa;
}

/** The word that a rule leads to; without a rule the block `none` is entered. */
function savedWord(f: Lowerer, env: Reg, rule: Reg, offset: Reg, cfa: Reg, none: BlockId, failed: BlockId): Reg {
  const { b } = f;
  const [some, byStack, notStack, byFrame, based] = Array.from({ length: 5 }, () => b.block());
  b.branch("ne", rule, BigInt(SAVED_RULES.none), some, none);
  b.enter(some);
  const base = b.copy(cfa);
  b.branch("eq", rule, BigInt(SAVED_RULES.stackPointer), byStack, notStack);
  b.enter(byStack);
  b.copy(b.load(env, ENV.sp, 8), base);
  b.jump(based);
  b.enter(notStack);
  b.branch("eq", rule, BigInt(SAVED_RULES.framePointer), byFrame, based);
  b.enter(byFrame);
  b.copy(b.load(env, ENV.fp, 8), base);
  b.jump(based);
  b.enter(based);
  return readWord(f, b.add(base, offset), failed);
}

/** Makes the caller the frame that is looked at next. A stack grows downwards: callers are above, unless by a signal. */
function goToCaller(
  f: Lowerer,
  env: Reg,
  row: Reg,
  cfa: Reg,
  { done, failed }: { readonly done: BlockId; readonly failed: BlockId },
): void {
  const { b } = f;
  const [normal, above, framed, next] = Array.from({ length: 4 }, () => b.block());
  const rule = (at: number) => b.load(row, at, 1);
  const raOffset = signed(f, row, UNWIND_ROW.returnAddressOffset, 2);
  const fpOffset = signed(f, row, UNWIND_ROW.framePointerOffset, 2);
  const fpRule = rule(UNWIND_ROW.framePointer);
  const signalled = rule(UNWIND_ROW.signalFrame);
  const address = savedWord(f, env, rule(UNWIND_ROW.returnAddress), raOffset, cfa, done, failed);
  b.branch("eq", signalled, 0n, normal, above);
  b.enter(normal);
  b.branch("gt", cfa, b.load(env, ENV.sp, 8), above, failed);
  b.enter(above);
  const framePointer = savedWord(f, env, fpRule, fpOffset, cfa, framed, failed);
  b.store(env, ENV.fp, 8, framePointer);
  b.jump(framed);
  b.enter(framed);
  b.store(env, ENV.ip, 8, address);
  b.store(env, ENV.sp, 8, cfa);
  b.store(env, ENV.back, 8, b.alu("xor", signalled, 1n));
  b.branch("ne", address, 0n, next, done);
  b.enter(next);
  b.return(0n);
}

/** The function that bpf_find_vma calls: brings a mapping of a known file into the environment. */
function lowerMappingFinder(l: Lowerer, name: string): void {
  const f = new Lowerer(l.assembly, l.unit, l.program, l.options, l.state, name, ["task", "vma", "env"]);
  const { b } = f;
  b.at = l.b.at;
  f.start();
  const [, vma, env] = f.params;
  const area = (field: string) => member(f, "vm_area_struct", vma, field, "trusted");
  const file = area("vm_file");
  const inode = member(f, "file", file, "f_inode", "kernel");
  const key = b.slot(UNWIND_FILE.keyBytes);
  b.store(key, 0, 8, member(f, "inode", inode, "i_ino", "kernel"));
  b.store(key, 8, 8, member(f, "inode", inode, "i_size", "kernel"));
  const found = lookUp(f, UNWIND_FILES_MAP, key);
  const [known, done] = [b.block(), b.block()];
  b.branch("ne", found, 0n, known, done);
  b.enter(known);
  const start = area("vm_start");
  const { pageSizeBytes } = f.assembly.checker.target;
  const offset = b.alu("lsh", area("vm_pgoff"), BigInt(Math.log2(pageSizeBytes)));
  const bias = b.alu("sub", b.alu("sub", start, offset), b.load(found, UNWIND_FILE.distance, 8));
  b.store(env, ENV.mapping + UNWIND_MAPPING.start, 8, start);
  b.store(env, ENV.mapping + UNWIND_MAPPING.end, 8, area("vm_end"));
  b.store(env, ENV.mapping + UNWIND_MAPPING.bias, 8, bias);
  b.store(env, ENV.mapping + UNWIND_MAPPING.first, 8, b.load(found, UNWIND_FILE.first, 8)); // and the count
  b.jump(done);
  b.enter(done);
  b.return(0n);
  f.finish();
}

/** A member of a struct of the kernel, 8 bytes wide. */
function member(f: Lowerer, struct: string, base: Reg, name: string, space: "trusted" | "kernel"): Reg {
  const type = f.assembly.checker.types.struct(struct);
  const field = type && findField(type, name);
  invariant(field, `struct ${struct} has ${name}: the builtin's check has seen to that`);
  return f.b.inReg(readScalar(f, { base, offset: field.offsetBytes, space }, UINT64));
}

/** What {@link unwindStack} reads of the kernel: the kernel must have it. */
export const UNWIND_MEMBERS: readonly (readonly [struct: string, member: string])[] = [
  ["vm_area_struct", "vm_file"],
  ["vm_area_struct", "vm_start"],
  ["vm_area_struct", "vm_end"],
  ["vm_area_struct", "vm_pgoff"],
  ["file", "f_inode"],
  ["inode", "i_ino"],
  ["inode", "i_size"],
];

/** Helpers that it calls. The last came with Linux 5.17. */
export const UNWIND_HELPERS: readonly string[] = ["task_pt_regs", "find_vma", "loop"];
