/** One program: the action of a probe, with what stands before it. */
import type { ProgramSpec } from "@beetrace/bytecode";
import { savedRegisterOffset } from "@beetrace/object";
import { currentPid } from "../builtins/task.ts";
import type { Unit } from "../check/model.ts";
import { generate, type Locate, StackTooLargeError } from "../codegen/link.ts";
import { FuncBuilder } from "../ir/builder.ts";
import type { Func, Operand } from "../ir/ir.ts";
import { findField } from "../semantics/c-types.ts";
import { isSequence, type ProgramPlan } from "../semantics/program-plans.ts";
import { intType } from "../semantics/types.ts";
import { syscallLimit } from "../syscalls.ts";
import type { Assembly } from "./assembly.ts";
import { lowerCondition } from "./conditions.ts";
import { lowerInto, lowerValue } from "./expressions.ts";
import { Lowerer, type LowerOptions, type LowerRules, type ProgramState } from "./lowerer.ts";
import { readScalar } from "./memory.ts";
import { lowerBlockValue } from "./statements.ts";

/** System calls that are told apart by comparisons; more go through a table. */
const COMPARED_SYSCALLS = 4;
/** Arch-specific thread flag of a 32-bit system call: TS_COMPAT of arch/x86/include/asm/thread_info.h. */
const TS_COMPAT = 2n;

/** A program as IR: its functions, the entry first. */
export function lowerProgram(assembly: Assembly, plan: ProgramPlan, program: number, options: LowerOptions): Func[] {
  const { units, isSession } = plan;
  const [unit, second] = units;
  const state: ProgramState = { funcs: [], scratchBytes: 0, callbacks: 0, frames: isSequence(plan) ? 2 : 1 };
  const main = functionName(unit, program);
  const lower = (action: Unit, name: string, cookieOf?: Unit) =>
    lowerAction(new Lowerer(assembly, action, program, options, state, name), cookieOf);
  const lowerEntry = () => {
    if (isSession) return lowerSession(unit, second, main, lower);
    return isSequence(plan) ? lowerSequence(units, main, lower) : lower(unit, main);
  };
  const entry = lowerEntry();
  return [entry, ...state.funcs.filter((func) => func !== entry)];
}

/** The kernel takes longer names of functions than of programs (KSYM_NAME_LEN, less what it adds itself). */
const FUNCTION_NAME_MAX = 96;

/** `interval_us_100000_1`: the first probe, whole; by it other tracers find the program. */
function functionName({ attachments: [{ name }] }: Unit, program: number): string {
  return `${name.replace(/[^A-Za-z0-9_]/g, "_").slice(0, FUNCTION_NAME_MAX)}_${program + 1}`;
}

/** The kernel runs the program at a function's entry and at its return: it asks which it is. */
function lowerSession(
  unit: Unit,
  onReturn: Unit,
  name: string,
  lower: (unit: Unit, name: string, cookieOf?: Unit) => Func,
): Func {
  const [atEntry, atReturn] = [lower(unit, "at_entry"), lower(onReturn, "at_return", unit)];
  const b = new FuncBuilder(name);
  const ctx = b.param("ctx");
  const [returns, calls, after] = [b.block(), b.block(), b.block()];
  // A bool is the low byte of its register. Later kernels want the context, others do not look at it.
  b.branch("ne", b.alu("and", b.kfunc("bpf_session_is_return", ctx), 0xffn), 0n, returns, calls);
  b.enter(returns);
  b.invoke(atReturn.name, ctx);
  b.jump(after);
  b.enter(calls);
  b.invoke(atEntry.name, ctx);
  b.jump(after);
  b.enter(after);
  b.return(0n); // anything else at entry would keep the return from being seen
  return b.finish();
}

/** One action after the other: each decides itself whether the event is meant. */
function lowerSequence(units: readonly Unit[], name: string, lower: (unit: Unit, name: string) => Func): Func {
  const actions = units.map((unit, at) => lower(unit, `${name}_${at + 1}`));
  const b = new FuncBuilder(name);
  const ctx = b.param("ctx");
  for (const action of actions) b.invoke(action.name, ctx);
  b.return(units[0].context.result);
  return b.finish();
}

/** The action of a probe with what decides whether it runs. The cookies may be the indexes of another unit's probes. */
function lowerAction(l: Lowerer, cookieOf: Unit = l.unit): Func {
  const { unit } = l;
  const stop = l.b.block();
  const start = l.b.block();
  filterSyscalls(l, stop);
  filterPid(l, stop);
  l.start();
  if (unit.attachments.length > 1 && !l.probeIndex) {
    const ahead = unit.attachments[0].index - cookieOf.attachments[0].index;
    l.probeIndex = () => {
      const cookie = l.b.call("get_attach_cookie", l.context);
      return ahead === 0 ? cookie : l.b.add(cookie, BigInt(ahead));
    };
  }
  l.b.at = unit.probe.span.start;
  if (unit.probe.predicate) lowerCondition(l, unit.probe.predicate, start, stop);
  else l.b.jump(start);
  l.b.enter(stop);
  l.b.return(unit.context.result);
  l.b.enter(start);
  l.block(unit.probe.body);
  return l.finish();
}

function filterPid(l: Lowerer, stop: number): void {
  const { pid } = l.options;
  if (pid === undefined || !l.unit.context.filterPid) return;
  const mine = l.b.block();
  l.b.branch("eq", currentPid(l), BigInt(pid), mine, stop);
  l.b.enter(mine);
}

/** One raw tracepoint fires for all system calls: those that the probe does not mean are left at once. */
function filterSyscalls(l: Lowerer, stop: number): void {
  const calls = l.unit.attachments.flatMap(({ attachment, index }) =>
    attachment.kind === "syscall" ? [{ ...attachment, index }] : [],
  );
  if (calls.length === 0) return;
  const number = syscallNumber(l, calls[0].enter);
  if (calls.length <= COMPARED_SYSCALLS) compareNumbers(l, number, calls, stop);
  else lookUpNumber(l, number, calls, stop);
  skipCompat(l, stop);
}

/** sys_enter passes (regs, id), sys_exit (regs, ret): there the number is still in the registers. */
function syscallNumber(l: Lowerer, enter: boolean): Operand {
  if (enter) return l.b.load(l.context, 8, 8);
  const { arch } = l.assembly.checker.target;
  if (arch === "x86_64") {
    const regs = l.b.load(l.context, 0, 8);
    return readScalar(
      l,
      { base: regs, offset: savedRegisterOffset(arch, "orig_ax")!, space: "trusted" },
      intType(64, true),
    );
  }
  const regs = l.b.load(l.context, 0, 8);
  const field = l.assembly.checker.types
    .struct("pt_regs")
    ?.fields()
    .find((candidate) => candidate.name === "syscallno");
  return readScalar(l, { base: regs, offset: field?.offsetBytes ?? 0, space: "trusted" }, intType(32, true));
}

function compareNumbers(
  l: Lowerer,
  number: Operand,
  calls: readonly { number: number; index: number }[],
  stop: number,
): void {
  const found = l.b.block();
  const index = l.b.copy(BigInt(calls[0].index));
  calls.forEach((call, at) => {
    const last = at === calls.length - 1;
    const match = l.b.block();
    const next = last ? stop : l.b.block();
    l.b.branch("eq", number, BigInt(call.number), match, next);
    l.b.enter(match);
    l.b.copy(BigInt(call.index), index);
    l.b.jump(found);
    if (!last) l.b.enter(next);
  });
  l.b.enter(found);
  if (calls.length > 1) l.probeIndex = () => index;
}

/** A table by number of the probe's index plus one; zero is a call that is not meant. */
function lookUpNumber(
  l: Lowerer,
  number: Operand,
  calls: readonly { number: number; index: number }[],
  stop: number,
): void {
  const limit = syscallLimit(l.assembly.checker.target.arch);
  const table = new Uint32Array(limit);
  for (const call of calls) table[call.number] = call.index + 1;
  const name = l.assembly.table(`syscalls_${calls[0].index}`, new Uint8Array(table.buffer));
  const inside = l.b.block();
  const known = l.b.block();
  const at = l.b.inReg(number);
  l.b.branch("lt", at, BigInt(limit), inside, stop);
  l.b.enter(inside);
  const base = l.b.address({ kind: "map-value", map: name, offset: 0 });
  const entry = l.b.load(l.b.add(base, l.b.alu("lsh", at, 2n)), 0, 4);
  l.b.branch("ne", entry, 0n, known, stop);
  l.b.enter(known);
  const index = l.b.alu("sub", entry, 1n);
  l.probeIndex = () => index;
}

/** A 32-bit program's system calls have numbers of their own; the syscalls tracepoints do not fire for them. */
function skipCompat(l: Lowerer, stop: number): void {
  const { checker } = l.assembly;
  if (checker.target.arch !== "x86_64") return;
  const info = checker.types.struct("task_struct") && findField(checker.types.struct("task_struct")!, "thread_info");
  const status = info?.type.kind === "struct" ? findField(info.type, "status") : undefined;
  if (!info || !status) return;
  const task = l.b.call("get_current_task_btf");
  const flags = readScalar(
    l,
    { base: task, offset: info.offsetBytes + status.offsetBytes, space: "trusted" },
    intType(32, false),
  );
  const native = l.b.block();
  l.b.branch("set", flags, TS_COMPAT, stop, native);
  l.b.enter(native);
}

const RULES: LowerRules = { value: lowerValue, into: lowerInto, block: lowerBlockValue };

/** Limits of values on the stack that are tried one after the other, until a program fits its 512 bytes. */
const STACK_VALUE_LIMITS = [128, 64, 24, 8];

/** Lowers and generates one program. Throws {@link StackTooLargeError} when it cannot be made to fit. */
export function compileProgram(
  assembly: Assembly,
  plan: ProgramPlan,
  program: number,
  options: Omit<LowerOptions, "stackValueMax" | "rules">,
  locate: Locate,
  observe?: (func: Func) => void,
): Pick<ProgramSpec, "instructions" | "relocations" | "subprograms" | "lines"> {
  let failure: StackTooLargeError | undefined;
  for (const stackValueMax of STACK_VALUE_LIMITS) {
    const mark = assembly.mark();
    const funcs = lowerProgram(assembly, plan, program, { ...options, rules: RULES, stackValueMax });
    try {
      const code = generate(funcs, locate);
      if (observe) funcs.forEach(observe);
      return code;
    } catch (error) {
      if (!(error instanceof StackTooLargeError)) throw error;
      failure = error;
      assembly.reset(mark);
    }
  }
  throw failure!;
}
