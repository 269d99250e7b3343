/** One frame of a walk: notes it, and goes on to its caller. */
import { CFA_RULES, SAVED_RULES, UNWIND_ROW } from "@beetrace/object";
import { UNWIND_FAILURE } from "@beetrace/output";
import { invariant } from "@beetrace/std";
import type { BlockId, Operand, Reg } from "../../ir/ir.ts";
import type { Lowerer } from "../lowerer.ts";
import { hashed } from "../stacks.ts";
import { ENV, lowerOnce, WORD } from "./environment.ts";
import { findMapping, lowerMappingFinder, lowerMappingSearch } from "./mapping.ts";
import { findRow, lowerRowSearch } from "./search.ts";

/** One frame of a walk: a function for bpf_loop, which ends the loop with the outermost frame. Gives its name. */
export function lowerFrame(l: Lowerer, limit: number): string {
  const name = `unwind_frame_${limit}`;
  lowerMappingFinder(l);
  lowerMappingSearch(l);
  lowerRowSearch(l);
  lowerOnce(l, name, { params: ["index", "env"] }, (f) => lowerStep(f, limit));
  return name;
}

/** Numbers that the index of a frame may have as far as the verifier knows: the next power of two. */
export function indexesOf(limit: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(2, limit)));
}

function lowerStep(f: Lowerer, limit: number): void {
  const { b } = f;
  const [index, env] = f.params;
  const [inside, failed, room, done] = [b.block(), b.block(), b.block(), b.block()];
  // The mask bounds it for verifiers that forget what a comparison said of a register that was on the stack meanwhile.
  const at = b.alu("and", index, BigInt(indexesOf(limit) - 1));
  b.branch("lt", at, BigInt(limit), inside, done);
  b.enter(inside);
  const ip = b.load(env, ENV.ip, 8);
  const frame = b.add(b.load(env, ENV.frames, 8), b.alu("lsh", at, 3n));
  append(f, env, frame, at, ip);
  const place = b.alu("sub", ip, b.load(env, ENV.back, 8));
  findMapping(f, env, place, { unknown: noteUnknown(f, env, at, failed), failed });
  const row = findRow(f, env, place, failed);
  const cfa = canonicalFrameAddress(f, env, row, ip, failed);
  goToCaller(f, env, row, cfa, { done, failed });
  b.enter(failed);
  const next = b.add(at, 1n);
  b.branch("lt", next, BigInt(limit), room, done);
  b.enter(room);
  append(f, env, b.add(frame, BigInt(WORD)), next, BigInt.asIntN(64, UNWIND_FAILURE));
  b.jump(done);
  b.enter(done);
  b.return(1n);
}

/** Writes the word of the frame with this index. */
function append(f: Lowerer, env: Reg, frame: Reg, index: Reg, word: Operand): void {
  const { b } = f;
  b.store(frame, 0, 8, word);
  b.store(env, ENV.hash, 8, hashed(f, b.load(env, ENV.hash, 8), word));
  b.store(env, ENV.count, 8, b.add(index, 1n));
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

function signed({ b }: Lowerer, row: Reg, offset: number, size: 2 | 4): Reg {
  return b.extend(b.load(row, offset, size), (size * 8) as 16 | 32, true);
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
  b.branch("eq", rule(UNWIND_ROW.signalFrame), 0n, normal, above);
  b.enter(normal);
  b.branch("sgt", b.alu("sub", cfa, b.load(env, ENV.sp, 8)), 0n, above, failed);
  b.enter(above);
  const framePointer = savedWord(f, env, fpRule, fpOffset, cfa, framed, failed);
  b.store(env, ENV.fp, 8, framePointer);
  b.jump(framed);
  b.enter(framed);
  b.store(env, ENV.ip, 8, address);
  b.store(env, ENV.sp, 8, cfa);
  b.store(env, ENV.back, 8, b.alu("xor", signalled, 1n));
  b.branch("ne", b.alu("rsh", address, 12n), 0n, next, done); // no code is in the first page
  b.enter(next);
  b.return(0n);
}
