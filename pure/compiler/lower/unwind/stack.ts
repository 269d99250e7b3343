/**
 * Call stacks of processes by call frame information: a walk from frame to frame, each of which looks up where the
 * caller's registers are. The tables come from user space; mappings that it has not told of yet are asked of the kernel.
 */
import { savedRegisterOffset } from "@beetrace/object";
import { currentPid } from "../../builtins/task.ts";
import type { Operand, Reg, SlotRef } from "../../ir/ir.ts";
import { UNWIND_PROCESSES_MAP } from "../../unwind-maps.ts";
import type { Lowerer } from "../lowerer.ts";
import { addressOf } from "../memory.ts";
import { EFAULT, keepStack } from "../stacks.ts";
import { ENV, lookUp, WORD } from "./environment.ts";
import { indexesOf, lowerFrame } from "./frame.ts";

/** That there is no unwind table: no helper gives it. */
const ENODATA = 61n;

/** A stack that was taken: an id in its map, or a negated errno. */
export interface UnwoundStack {
  readonly id: Operand;
  /** -ENODATA where nothing was known of the process, else 0. */
  readonly problem: Operand;
}

/** Takes the stack of the current process: keeps its frames in `map` under their hash. Requires Linux 5.17. */
export function unwindStack(l: Lowerer, map: string, limit: number): UnwoundStack {
  const { b } = l;
  const env = b.slot(ENV.bytes);
  const frames = l.scratch((indexesOf(limit) + 1) * WORD);
  const id = b.copy(-EFAULT);
  const problem = b.copy(0n);
  const [walk, after] = [b.block(), b.block()];
  const ip = startWalk(l, env, addressOf(l, frames));
  b.branch("ne", ip, 0n, walk, after); // a kernel thread has no registers of user space
  b.enter(walk);
  const name = lowerFrame(l, limit);
  b.call("loop", BigInt(limit), { kind: "function", name }, { kind: "slot", slot: env.slot, offset: 0 }, 0n);
  const [hash, count] = [b.load(env, ENV.hash, 8), b.load(env, ENV.count, 8)];
  b.copy(keepStack(l, map, frames, { hash, count }), id);
  b.copy(b.neg(b.alu("mul", b.load(env, ENV.unknown, 8), ENODATA)), problem);
  b.jump(after);
  b.enter(after);
  return { id, problem };
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

/** Helpers that it calls. The last came with Linux 5.17. */
export const UNWIND_HELPERS: readonly string[] = ["task_pt_regs", "find_vma", "loop"];
