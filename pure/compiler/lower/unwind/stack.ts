/**
 * Call stacks of processes by call frame information: a walk from frame to frame, each of which looks up where the
 * caller's registers are. The tables come from user space; mappings that it has not told of yet are asked of the kernel.
 */
import { savedRegisterOffset } from "@beetrace/object";
import { currentPid } from "../../builtins/task.ts";
import type { Operand, Reg, SlotRef } from "../../ir/ir.ts";
import { STACK_HASH, UNWIND_PROCESSES_MAP, UNWOUND_EXTRA_WORDS } from "../../unwind-maps.ts";
import type { Lowerer } from "../lowerer.ts";
import { addressOf } from "../memory.ts";
import { ENV, lookUp, WORD } from "./environment.ts";
import { indexesOf, lowerFrame } from "./frame.ts";

const EFAULT = 14n;
const EEXIST = 17n;
/** That there is no unwind table: no helper gives it. */
const ENODATA = 61n;
const ID_BYTES = 4;

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
  const frames = l.scratch((indexesOf(limit) + UNWOUND_EXTRA_WORDS) * WORD);
  const id = b.copy(-EFAULT);
  const problem = b.copy(0n);
  const [walk, after] = [b.block(), b.block()];
  const ip = startWalk(l, env, addressOf(l, frames));
  b.branch("ne", ip, 0n, walk, after); // a kernel thread has no registers of user space
  b.enter(walk);
  const name = lowerFrame(l, limit);
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
  const pid = currentPid(l);
  b.store(key, 0, 4, pid);
  b.store(env, ENV.pid, 8, pid);
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

/** Helpers that it calls. The last came with Linux 5.17. */
export const UNWIND_HELPERS: readonly string[] = ["task_pt_regs", "find_vma", "loop"];
