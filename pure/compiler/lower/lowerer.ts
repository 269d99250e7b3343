/** From checked syntax to IR: the state of one function, and what everything else is built from. */
import { alignUp, invariant } from "@beetrace/std";
import type { Block, Expression, Span, TypeName } from "../ast.ts";
import type { Info, Unit, VariableInfo } from "../check/model.ts";
import { EVENT_HEADER_BYTES, EVENTS_MAP, RUNTIME_MAP, type RuntimeSite } from "../compiled.ts";
import { FuncBuilder } from "../ir/builder.ts";
import type { BlockId, Func, Operand, Reg, Size } from "../ir/ir.ts";
import { storageSize } from "../semantics/storage.ts";
import { isScalar, type Type } from "../semantics/types.ts";
import { outermost } from "../sources.ts";
import { type Assembly, SCRATCH_MAP } from "./assembly.ts";
import type { Place, Value } from "./place.ts";

/** How expressions and blocks are lowered, handed in so that the files that do it need not know each other. */
export interface LowerRules {
  readonly value: (lowerer: Lowerer, expression: Expression) => Value;
  readonly into: (lowerer: Lowerer, expression: Expression, type: Type, to: Place) => void;
  readonly block: (lowerer: Lowerer, block: Block) => Value;
}

/**
 * How programs come to the kernel's structs. By `helper` they are copied, which takes some 25 ns each time. What the
 * verifier knows the type of (`typed`), the arguments of BTF probes and what they point to, is loaded as the program's own
 * memory is. So is everything else once its type is said, by `cast` (bpf_rdonly_cast, Linux 6.2, which is no call in the end):
 * a load from where nothing is gives 0, as copying does. But the verifier does not let a program calculate with pointers
 * whose type it knows: such a program is for `helper`.
 */
export type KernelReads = "helper" | "typed" | "cast";

/** What a program is lowered with. */
export interface LowerOptions {
  readonly rules: LowerRules;
  /** Larger values than this go to scratch memory instead of the stack. */
  readonly stackValueMax: number;
  readonly pid?: number;
  readonly childPid?: number;
  readonly kernelReads: KernelReads;
  /** Reads that fail are counted: it costs every read a comparison. */
  readonly countFailedReads?: boolean;
}

/** Timers: they may be due again before user space has heard of an `exit()`. */
const TIMERS: ReadonlySet<string> = new Set(["interval", "profile"]);

/** Where a variable is. */
export type Home = { readonly kind: "reg"; readonly reg: Reg } | { readonly kind: "place"; readonly place: Place };

/** Loops that are open: where `break` and `continue` go. */
export interface LoopTargets {
  readonly onBreak: () => void;
  readonly onContinue: () => void;
}

/** State that the functions of one program share. */
export interface ProgramState {
  readonly funcs: Func[];
  scratchBytes: number;
  callbacks: number;
  /** How many functions of the program are on the kernel's stack while an action runs. */
  readonly frames: number;
}

/**
 * Makes the IR of one function: the action of a probe, or the body of a loop in it. `state` belongs to the whole
 * program.
 */
export class Lowerer {
  readonly assembly: Assembly;
  readonly unit: Unit;
  readonly options: LowerOptions;
  readonly program: number;
  readonly b: FuncBuilder;
  readonly state: ProgramState;
  /** The program's context; undefined in a loop's callback. */
  readonly ctx: Reg | undefined;
  readonly homes = new Map<VariableInfo, Home>();
  readonly loops: LoopTargets[] = [];
  /** How `return` leaves, with a value where the context has use for one; a callback sets a flag first. */
  onReturn: (value?: Operand) => void;
  /** The index of the probe's name, when many share the program. */
  probeIndex: (() => Operand) | undefined;
  /** The innermost expression or statement that is being lowered: what fails there is told of it. */
  #where: Span;
  #prologue: BlockId | undefined;
  #body: BlockId | undefined;
  readonly #scratch: Reg;
  readonly #taken = new Set<Expression>();
  #usesScratch = false;
  #exits = false;

  constructor(
    assembly: Assembly,
    unit: Unit,
    program: number,
    options: LowerOptions,
    state: ProgramState,
    name: string,
    params: readonly string[] = ["ctx"],
  ) {
    this.assembly = assembly;
    this.unit = unit;
    this.program = program;
    this.options = options;
    this.state = state;
    this.b = new FuncBuilder(name);
    const regs = params.map((param) => this.b.param(param));
    this.params = regs;
    this.ctx = params[0] === "ctx" ? regs[0] : undefined;
    this.#scratch = this.b.reg();
    this.#where = unit.probe.span;
    this.onReturn = (value = unit.context.result) => this.b.return(value);
  }

  readonly params: readonly Reg[];

  /** These calls print a map and clear it, which is one action. */
  noteTaken(calls: Iterable<Expression>): void {
    for (const call of calls) this.#taken.add(call);
  }

  /** Whether a call of print() or clear() is one of two that go together. */
  isTaken(call: Expression): boolean {
    return this.#taken.has(call);
  }

  /** From here on code may use scratch memory: what comes before (filters) runs for events that are not wanted. */
  start(): void {
    this.#prologue = this.b.block();
    this.#body = this.b.block();
    this.b.jump(this.#prologue);
    this.b.enter(this.#body);
  }

  /** Ends the function: what finds the scratch memory is written last, for only then is it known to be needed. */
  finish(): Func {
    invariant(this.#prologue !== undefined && this.#body !== undefined, "a function is started before it is finished");
    if (!this.b.ended) this.onReturn();
    this.b.enter(this.#prologue);
    this.b.at = -1;
    if (this.#exits) this.#leaveIfExited();
    if (this.#usesScratch) this.#findScratch();
    this.b.jump(this.#body);
    const func = this.b.finish();
    this.state.funcs.push(func);
    return func;
  }

  /**
   * Notes that tracing ends: a timer does nothing more, however long it takes user space to hear of it. Other probes go
   * on until then, as in bpftrace, and pay nothing for it.
   */
  setExited(): void {
    if (!TIMERS.has(this.unit.context.provider)) return;
    this.#exits = true;
    this.b.store(this.#exited(), 0, 8, 1n);
  }

  #leaveIfExited(): void {
    const left = this.b.block();
    const goOn = this.b.block();
    this.b.branch("ne", this.b.load(this.#exited(), 0, 8), 0n, left, goOn);
    this.b.enter(left);
    this.b.return(this.unit.context.result);
    this.b.enter(goOn);
  }

  #exited(): Reg {
    return this.b.address({ kind: "map-value", map: this.assembly.exited(), offset: 0 });
  }

  /** The scratch memory of this CPU. */
  #findScratch(): void {
    const key = this.b.slot(8, 4);
    this.b.store(key, 0, 4, this.b.call("get_smp_processor_id"));
    const map = { kind: "map", map: SCRATCH_MAP } as const;
    this.b.copy(this.b.call("map_lookup_elem", map, { kind: "slot", slot: key.slot, offset: 0 }), this.#scratch);
    const missing = this.b.block();
    const found = this.b.block();
    this.b.branch("eq", this.#scratch, 0n, missing, found);
    this.b.enter(missing);
    this.b.return(this.unit.context.result);
    this.b.enter(found);
  }

  info(expression: Expression | TypeName): Info {
    const info = this.unit.infos.get(expression);
    invariant(info, `an expression was not checked: ${expression.kind}`);
    return info;
  }

  type(expression: Expression | TypeName): Type {
    return this.info(expression).type;
  }

  get context(): Reg {
    invariant(this.ctx !== undefined, "the context is not there in a loop's body");
    return this.ctx;
  }

  at(span: Span): void {
    this.b.at = outermost(span).start;
    this.#where = span;
  }

  /** The next instructions come from here, inside of a statement: for what the verifier may refuse. */
  pointAt(span: Span): void {
    this.b.at = outermost(span).start;
  }

  // ---------------------------------------------------------------- memory

  /** Memory of the function's own, on the stack where it is small, else of the CPU's scratch memory. */
  temp(sizeBytes: number): Place {
    const size = alignUp(Math.max(sizeBytes, 1), 8);
    if (size <= this.options.stackValueMax) return { base: this.b.slot(size), offset: 0, space: "bpf" };
    return this.scratch(size);
  }

  scratch(sizeBytes: number): Place {
    this.#usesScratch = true;
    const offset = this.state.scratchBytes;
    this.state.scratchBytes += alignUp(sizeBytes, 8);
    this.assembly.needScratch(this.state.scratchBytes);
    return { base: this.#scratch, offset, space: "bpf" };
  }

  // ---------------------------------------------------------------- values

  value(expression: Expression): Value {
    const around = this.#where;
    this.#where = expression.span;
    const value = this.options.rules.value(this, expression);
    this.#where = around;
    return value;
  }

  /** A scalar, extended to 64 bits by its type's sign. */
  scalar(expression: Expression): Operand {
    const value = this.value(expression);
    invariant(value.kind === "scalar", `${expression.kind} is no scalar`);
    return value.operand;
  }

  /** Writes the value of an expression to memory of this program, as a value of `type`. */
  into(expression: Expression, type: Type, to: Place): void {
    const around = this.#where;
    this.#where = expression.span;
    this.options.rules.into(this, expression, type, to);
    this.#where = around;
  }

  /** The value of an expression in memory of this program. */
  stored(expression: Expression, type: Type): Place {
    const place = this.temp(storageSize(type));
    this.into(expression, type, place);
    return place;
  }

  /** Runs a block; gives the value of its last expression. */
  block(block: Block): Value {
    return this.options.rules.block(this, block);
  }

  /** An expression that stands as a statement: what it gives is asked for by nobody. */
  #discarded: Expression | undefined;

  /** Runs an expression for its effects. */
  effect(expression: Expression): void {
    this.#discarded = expression;
    this.value(expression);
    this.#discarded = undefined;
  }

  isDiscarded(node: object): boolean {
    return this.#discarded === node;
  }

  // ---------------------------------------------------------------- variables

  /** Where a variable is, in this function or in one around it. */
  home(variable: VariableInfo): Home {
    return this.own(variable);
  }

  /** Whether this function, or one around it, has given the variable its place already. */
  owns(variable: VariableInfo): boolean {
    return this.homes.has(variable);
  }

  /** Where a variable of this very function is. */
  own(variable: VariableInfo): Home {
    let home = this.homes.get(variable);
    if (!home) {
      home =
        isScalar(variable.type) && !variable.captured
          ? { kind: "reg", reg: this.b.reg() }
          : { kind: "place", place: this.temp(storageSize(variable.type)) };
      this.homes.set(variable, home);
    }
    return home;
  }

  // ---------------------------------------------------------------- runtime sites

  /** Counts that something went wrong here; `code` is kept beside the count. */
  count(site: Omit<RuntimeSite, "program">, code?: Operand): void {
    const offset = this.assembly.site({ ...site, program: this.program });
    const counters = this.b.address({ kind: "map-value", map: RUNTIME_MAP, offset });
    this.b.atomicAdd(counters, 0, 8, 1n, false);
    if (code !== undefined) this.b.store(counters, 8, 8, code);
  }

  /** Counts that a helper failed, where its result is negative. */
  countFailure(helper: string, result: Operand): void {
    const at = this.#where;
    this.onFailure(result, () => this.count({ kind: "helper", helper, at }, result));
  }

  /** Counts that a look-up found nothing; it has no error code. */
  countMissing(map: string): void {
    if (this.options.countFailedReads) this.count({ kind: "helper", helper: "map_lookup_elem", map, at: this.#where });
  }

  /** Runs `body` when a helper's result is negative. */
  onFailure(result: Operand, body: () => void): void {
    const failed = this.b.block();
    const after = this.b.block();
    this.b.branch("slt", result, 0n, failed, after);
    this.b.enter(failed);
    body();
    this.b.jump(after);
    this.b.enter(after);
  }

  // ---------------------------------------------------------------- events

  /** The last event of this program that had to be dropped is counted at one place. */
  #lostSite: number | undefined;

  /** Sends an event of `sizeBytes` (with its header); `fill` writes what comes after the header. */
  send(action: number, sizeBytes: number, fill: (record: Reg) => void): void {
    const size = alignUp(sizeBytes, 8);
    const record = this.b.call("ringbuf_reserve", { kind: "map", map: EVENTS_MAP }, BigInt(size), 0n);
    const reserved = this.b.block();
    const lost = this.b.block();
    const after = this.b.block();
    this.b.branch("ne", record, 0n, reserved, lost);
    this.b.enter(reserved);
    this.b.store(record, 0, 8, BigInt(action));
    this.#record = record;
    fill(record);
    this.#record = undefined;
    this.b.call("ringbuf_submit", record, 0n);
    this.b.jump(after);
    this.b.enter(lost);
    this.countLost();
    this.b.jump(after);
    this.b.enter(after);
  }

  /** The event that is being written. */
  #record: Reg | undefined;

  /** Whether bytes behind a string must be zero: in keys and values of maps, not in an event, which is read once. */
  zeroFilled(place: Place): boolean {
    return this.#record === undefined || place.base !== this.#record;
  }

  /** Counts an event that could not be sent. */
  countLost(): void {
    this.#lostSite ??= this.assembly.site({ kind: "lost", program: this.program });
    const counters = this.b.address({ kind: "map-value", map: RUNTIME_MAP, offset: this.#lostSite });
    this.b.atomicAdd(counters, 0, 8, 1n, false);
  }

  /** Sends an event that carries nothing but its action. */
  sendBare(action: number): void {
    this.send(action, EVENT_HEADER_BYTES, () => {});
  }

  /** Writes a scalar of this type to memory. */
  store(place: Place, type: Type, operand: Operand): void {
    this.b.store(place.base, place.offset, storageSize(type) as Size, operand);
  }
}
