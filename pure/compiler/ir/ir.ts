/**
 * The intermediate representation between the front ends and the bytecode: functions of basic blocks over
 * virtual registers (64 bits wide, assignable more than once), stack slots, maps and helper calls.
 */

/** A virtual register. A `number` in an operand is a register, a `bigint` an immediate. */
export type Reg = number;
/** What an instruction reads: a register, or an immediate of up to 64 bits. */
export type Operand = Reg | bigint;

/** Something with an address on the BPF stack. */
export interface SlotRef {
  readonly slot: number;
}

/** What an address is counted from: a pointer in a register, or a stack slot. */
export type Base = Reg | SlotRef;

/**
 * Operations of BPF. `div`, `mod` and `rsh` are unsigned; dividing by 0 gives 0, and leaves the dividend as remainder.
 */
export type AluOperator = "add" | "sub" | "mul" | "div" | "mod" | "or" | "and" | "xor" | "lsh" | "rsh" | "arsh";
/** How a branch compares: unsigned, or signed with an `s`. `set` holds when the operands have a bit in common. */
export type Condition = "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "sgt" | "sge" | "slt" | "sle" | "set";
/** Bytes of a load or a store. */
export type Size = 1 | 2 | 4 | 8;

/** An argument of a call: an operand, or an address that is made in the argument register itself. */
export type Argument =
  | Operand
  | { readonly kind: "slot"; readonly slot: number; readonly offset: number }
  | { readonly kind: "map"; readonly map: string }
  | { readonly kind: "map-value"; readonly map: string; readonly offset: number }
  | { readonly kind: "function"; readonly name: string }
  /** The number that the kernel's BTF gives a type. */
  | { readonly kind: "type-id"; readonly tag: "struct" | "union"; readonly name: string };

/** Every instruction knows the place in the source text that it comes from (-1: none). */
interface At {
  readonly at: number;
}

/**
 * An instruction inside a block. `call` is a helper without its `bpf_`, `kfunc` a function of the kernel, `invoke` one
 * of this program.
 */
export type Instr = At &
  (
    | { readonly op: "copy"; readonly dst: Reg; readonly src: Operand }
    | {
        readonly op: "alu";
        readonly alu: AluOperator;
        readonly dst: Reg;
        readonly a: Reg;
        readonly b: Operand;
        readonly bits: 32 | 64;
      }
    | { readonly op: "neg"; readonly dst: Reg; readonly a: Reg }
    /** Zero- or sign-extends the low `bits` bits. */
    | {
        readonly op: "extend";
        readonly dst: Reg;
        readonly a: Reg;
        readonly bits: 8 | 16 | 32;
        readonly signed: boolean;
      }
    /** Reverses the low `bits` bits bytewise; the upper ones become zero. */
    | { readonly op: "swap"; readonly dst: Reg; readonly a: Reg; readonly bits: 16 | 32 | 64 }
    /** A zero-extending load. */
    | { readonly op: "load"; readonly dst: Reg; readonly base: Base; readonly offset: number; readonly size: Size }
    | {
        readonly op: "store";
        readonly base: Base;
        readonly offset: number;
        readonly size: Size;
        readonly value: Operand;
      }
    | { readonly op: "address"; readonly dst: Reg; readonly of: Exclude<Argument, Operand> }
    | { readonly op: "call"; readonly dst?: Reg; readonly helper: string; readonly args: readonly Argument[] }
    | { readonly op: "kfunc"; readonly dst?: Reg; readonly name: string; readonly args: readonly Argument[] }
    | { readonly op: "invoke"; readonly dst?: Reg; readonly name: string; readonly args: readonly Argument[] }
    /** Adds atomically; with `dst`, the value before is fetched into it. */
    | {
        readonly op: "atomic-add";
        readonly dst?: Reg;
        readonly base: Base;
        readonly offset: number;
        readonly size: 4 | 8;
        readonly value: Reg;
      }
  );

/** How a block ends. A branch with `bits: 32` compares the lower halves. */
export type Terminator = At &
  (
    | { readonly op: "jump"; readonly to: BlockId }
    | {
        readonly op: "branch";
        readonly condition: Condition;
        readonly a: Reg;
        readonly b: Operand;
        readonly bits: 32 | 64;
        readonly then: BlockId;
        readonly else: BlockId;
      }
    | { readonly op: "return"; readonly value: Operand }
  );

/** Names a block within its function. It is not its index: passes take blocks out. */
export type BlockId = number;

/** Code that is entered at its start only and left by `end` only. */
export interface Block {
  readonly id: BlockId;
  readonly instrs: readonly Instr[];
  readonly end: Terminator;
}

/** Room on the BPF stack. Where it lies is decided last, and shared with slots that are not in use at the same time. */
export interface Slot {
  readonly sizeBytes: number;
  readonly align: 1 | 2 | 4 | 8;
}

/** One function; `blocks[0]` is the entry. `params` are the registers that hold r1… at entry. */
export interface Func {
  readonly name: string;
  readonly params: readonly Reg[];
  readonly paramNames: readonly string[];
  readonly blocks: readonly Block[];
  readonly slots: readonly Slot[];
  /** Registers are numbered from 0 to `regs` - 1. */
  readonly regs: number;
  /** Verified by itself: as of `FuncBuilder`. */
  readonly global?: true;
}

/** The register that an instruction writes. */
export function definedBy(instr: Instr): Reg | undefined {
  return instr.op === "store" ? undefined : instr.dst;
}

/** The registers that an instruction reads. */
export function usedBy(instr: Instr | Terminator): Reg[] {
  const used: Reg[] = [];
  const note = (operand: Operand | Argument | Base | undefined) => {
    if (typeof operand === "number") used.push(operand);
  };
  switch (instr.op) {
    case "copy":
      note(instr.src);
      break;
    case "alu":
    case "branch":
      note(instr.a);
      note(instr.b);
      break;
    case "neg":
    case "extend":
    case "swap":
      note(instr.a);
      break;
    case "load":
      note(instr.base);
      break;
    case "store":
    case "atomic-add":
      note(instr.base);
      note(instr.value);
      break;
    case "call":
    case "kfunc":
    case "invoke":
      for (const arg of instr.args) note(arg);
      break;
    case "return":
      note(instr.value);
      break;
  }
  return used;
}

/** The slots whose address or contents an instruction touches. */
export function slotsOf(instr: Instr | Terminator): number[] {
  const slots: number[] = [];
  if ((instr.op === "load" || instr.op === "store" || instr.op === "atomic-add") && typeof instr.base === "object") {
    slots.push(instr.base.slot);
  }
  if (instr.op === "address" && instr.of.kind === "slot") slots.push(instr.of.slot);
  if (instr.op === "call" || instr.op === "kfunc" || instr.op === "invoke") {
    for (const arg of instr.args) if (typeof arg === "object" && arg.kind === "slot") slots.push(arg.slot);
  }
  return slots;
}

/** Whether an instruction has an effect besides writing its register. */
export function hasEffect(instr: Instr): boolean {
  switch (instr.op) {
    case "store":
    case "atomic-add":
    case "invoke":
      return true;
    case "kfunc":
      return instr.name !== CAST_KFUNC;
    case "call":
      return !PURE_HELPERS.has(instr.helper);
    default:
      return false;
  }
}

/** `bpf_rdonly_cast(pointer, type)`: the same pointer, of which the verifier now knows what it points to. */
export const CAST_KFUNC = "bpf_rdonly_cast";

/** Helpers that give the same answer throughout one run of a program and change nothing. */
export const PURE_HELPERS: ReadonlySet<string> = new Set([
  "get_current_pid_tgid",
  "get_current_uid_gid",
  "get_current_task",
  "get_current_task_btf",
  "get_current_cgroup_id",
  "get_smp_processor_id",
  "get_numa_node_id",
  "get_attach_cookie",
  "get_func_ip",
]);

/** The blocks that a terminator may go to. */
export function successors(end: Terminator): BlockId[] {
  if (end.op === "jump") return [end.to];
  if (end.op === "branch") return end.then === end.else ? [end.then] : [end.then, end.else];
  return [];
}

/** An instruction with its registers replaced: `use` for those it reads, `def` for the one it writes. */
export function mapRegs<T extends Instr | Terminator>(instr: T, use: (reg: Reg) => Operand, def: (reg: Reg) => Reg): T;
export function mapRegs(
  instr: Instr | Terminator,
  use: (reg: Reg) => Operand,
  def: (reg: Reg) => Reg,
): Instr | Terminator {
  const operand = (value: Operand): Operand => (typeof value === "number" ? use(value) : value);
  const arg = (value: Argument): Argument => (typeof value === "number" ? use(value) : value);
  const reg = (value: Reg): Reg => {
    const to = use(value);
    return typeof to === "number" ? to : value;
  };
  const base = (value: Base): Base => (typeof value === "number" ? reg(value) : value);
  switch (instr.op) {
    case "copy":
      return { ...instr, dst: def(instr.dst), src: operand(instr.src) };
    case "alu":
      return { ...instr, a: reg(instr.a), b: operand(instr.b), dst: def(instr.dst) };
    case "neg":
    case "extend":
    case "swap":
      return { ...instr, a: reg(instr.a), dst: def(instr.dst) };
    case "load":
      return { ...instr, base: base(instr.base), dst: def(instr.dst) };
    case "store":
      return { ...instr, base: base(instr.base), value: operand(instr.value) };
    case "address":
      return { ...instr, dst: def(instr.dst) };
    case "call":
    case "kfunc":
    case "invoke":
      return { ...instr, args: instr.args.map(arg), dst: instr.dst === undefined ? undefined : def(instr.dst) };
    case "atomic-add":
      return {
        ...instr,
        base: base(instr.base),
        value: reg(instr.value),
        dst: instr.dst === undefined ? undefined : def(instr.dst),
      };
    case "branch":
      return { ...instr, a: reg(instr.a), b: operand(instr.b) };
    case "return":
      return { ...instr, value: operand(instr.value) };
    case "jump":
      return instr;
  }
}
