import type { Machine } from "./elf-headers.ts";

/** Where a register's value lies in the saved registers: `(u64 at offset) >> shift`, cut to `sizeBytes`. */
export interface RegisterSlot {
  /** Byte offset of the 8-byte slot in `struct pt_regs` (x86-64) or `struct user_pt_regs` (arm64). */
  readonly offset: number;
  /** How many bytes of the slot the register is. */
  readonly size: 1 | 2 | 4 | 8;
  /** How many bits above the slot's lowest the register starts: 8 for `ah` and its like, else absent. */
  readonly shift?: number;
}

/** The machines whose registers are known here. */
export type RegisterMachine = "x86_64" | "aarch64";

/** `struct pt_regs` of arch/x86/include/asm/ptrace.h, by the kernel's names. */
const X86_SLOTS: readonly string[] =
  "r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss".split(" ");

/** In the order of their numbers in DWARF. */
const X86_DWARF: readonly string[] = "rax rdx rcx rbx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15".split(" ");

/** `struct user_pt_regs` of arch/arm64/include/uapi/asm/ptrace.h. */
const ARM_SLOTS: readonly string[] = [...Array.from({ length: 31 }, (_, n) => `x${n}`), "sp", "pc", "pstate"];

/** Bytes of the whole structure. */
export const registerFileSizeBytes: Readonly<Record<RegisterMachine, number>> = {
  x86_64: X86_SLOTS.length * 8,
  aarch64: ARM_SLOTS.length * 8,
};

const ASSEMBLY: Readonly<Record<RegisterMachine, ReadonlyMap<string, RegisterSlot>>> = {
  x86_64: x86Assembly(),
  aarch64: armAssembly(),
};

const SAVED: Readonly<Record<RegisterMachine, ReadonlyMap<string, number>>> = {
  x86_64: slots(X86_SLOTS, { orig_rax: "orig_ax", pc: "ip" }),
  aarch64: slots(ARM_SLOTS, { ...armNumbered("r"), fp: "x29", lr: "x30", ip: "pc" }),
};

/**
 * The slot of a register as assemblers name it: `rax`, `eax`, `ax`, `al`, `ah`, `r8d`, `rip`; `x0`, `w0`, `sp`.
 * A leading `%` is ignored. Undefined for vector, segment and unknown registers, and on other machines.
 */
export function registerOffset(machine: Machine, name: string): RegisterSlot | undefined {
  if (!isRegisterMachine(machine)) return undefined;
  return ASSEMBLY[machine].get(name.startsWith("%") ? name.slice(1) : name);
}

/** The byte offset of an 8-byte slot as bpftrace's `reg()` names it: `ax`, `orig_rax`, `ip` or `pc`; `x0` or `r0`. */
export function savedRegisterOffset(machine: Machine, name: string): number | undefined {
  return isRegisterMachine(machine) ? SAVED[machine].get(name) : undefined;
}

/** The names that {@link savedRegisterOffset} knows, for messages. */
export function savedRegisterNames(machine: Machine): string[] {
  return isRegisterMachine(machine) ? [...SAVED[machine].keys()] : [];
}

/** Registers of a function's integer arguments in their order (System V x86-64 psABI 3.2.3; AAPCS64 6.4). */
export function functionArgumentRegisters(machine: RegisterMachine): readonly string[] {
  return CONVENTIONS[machine].functionArguments;
}

/** Registers of a system call's arguments in their order (syscall(2)). */
export function syscallArgumentRegisters(machine: RegisterMachine): readonly string[] {
  return CONVENTIONS[machine].syscallArguments;
}

/** The register a function returns its integer in. */
export function returnRegister(machine: RegisterMachine): string {
  return CONVENTIONS[machine].returned;
}

/** The name of the register that DWARF has under a number (psABI x86-64, figure 3.36; DWARF for AArch64, section 4.1). */
export function dwarfRegister(machine: RegisterMachine, number: number): string | undefined {
  return machine === "x86_64" ? X86_DWARF[number] : ARM_SLOTS[number <= 31 ? number : -1];
}

/** The stack pointer's name. */
export function stackPointerRegister(machine: RegisterMachine): string {
  return CONVENTIONS[machine].stackPointer;
}

/** The instruction pointer's name. */
export function instructionPointerRegister(machine: RegisterMachine): string {
  return CONVENTIONS[machine].instructionPointer;
}

/** The frame pointer's name. */
export function framePointerRegister(machine: RegisterMachine): string {
  return CONVENTIONS[machine].framePointer;
}

interface Convention {
  readonly functionArguments: readonly string[];
  readonly syscallArguments: readonly string[];
  readonly returned: string;
  readonly stackPointer: string;
  readonly instructionPointer: string;
  readonly framePointer: string;
}

const CONVENTIONS: Readonly<Record<RegisterMachine, Convention>> = {
  x86_64: {
    functionArguments: ["rdi", "rsi", "rdx", "rcx", "r8", "r9"],
    // The syscall instruction overwrites rcx, so the kernel takes the fourth argument in r10.
    syscallArguments: ["rdi", "rsi", "rdx", "r10", "r8", "r9"],
    returned: "rax",
    stackPointer: "rsp",
    instructionPointer: "rip",
    framePointer: "rbp",
  },
  aarch64: {
    functionArguments: ["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7"],
    syscallArguments: ["x0", "x1", "x2", "x3", "x4", "x5"],
    returned: "x0",
    stackPointer: "sp",
    instructionPointer: "pc",
    framePointer: "x29",
  },
};

function isRegisterMachine(machine: Machine): machine is RegisterMachine {
  return machine === "x86_64" || machine === "aarch64";
}

function slots(names: readonly string[], aliases: Readonly<Record<string, string>>): Map<string, number> {
  const byName = new Map(names.map((name, index) => [name, index * 8]));
  for (const [alias, name] of Object.entries(aliases)) byName.set(alias, names.indexOf(name) * 8);
  return byName;
}

function x86Assembly(): Map<string, RegisterSlot> {
  const byName = new Map<string, RegisterSlot>();
  const put = (name: string, slot: string, size: RegisterSlot["size"], shift?: number) => {
    const offset = X86_SLOTS.indexOf(slot) * 8;
    byName.set(name, shift === undefined ? { offset, size } : { offset, size, shift });
  };
  for (const slot of ["ax", "bx", "cx", "dx", "si", "di", "bp", "sp", "ip"]) {
    put(`r${slot}`, slot, 8);
    put(`e${slot}`, slot, 4);
    put(slot, slot, 2);
  }
  for (const slot of ["si", "di", "bp", "sp"]) put(`${slot}l`, slot, 1);
  for (const letter of "abcd") {
    put(`${letter}l`, `${letter}x`, 1);
    put(`${letter}h`, `${letter}x`, 1, 8);
  }
  for (let number = 8; number <= 15; number++) {
    put(`r${number}`, `r${number}`, 8);
    put(`r${number}d`, `r${number}`, 4);
    put(`r${number}w`, `r${number}`, 2);
    put(`r${number}b`, `r${number}`, 1);
  }
  put("rflags", "flags", 8);
  put("eflags", "flags", 4);
  return byName;
}

function armAssembly(): Map<string, RegisterSlot> {
  const byName = new Map<string, RegisterSlot>(ARM_SLOTS.map((name, index) => [name, { offset: index * 8, size: 8 }]));
  for (let number = 0; number <= 30; number++) byName.set(`w${number}`, { offset: number * 8, size: 4 });
  byName.set("fp", { offset: 29 * 8, size: 8 });
  byName.set("lr", { offset: 30 * 8, size: 8 });
  byName.set("wsp", { offset: 31 * 8, size: 4 });
  return byName;
}

function armNumbered(letter: string): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`${letter}${n}`, `x${n}`]));
}
