import type { Int } from "@beetrace/std";
import { allocate, type Memory, syscallBpf } from "../ffi.ts";
import { BPF_COMMANDS, type BpfCommand } from "./command.ts";
import { SyscallError } from "./error.ts";

const TWO_32 = 4294967296;

/**
 * The argument block of a system call, allocated once and filled for each call. It keeps what it points to alive:
 * the collector would not know that the kernel still has an address.
 */
export class Attr {
  readonly memory: Memory;
  readonly #u32: Uint32Array;
  #kept: Memory[] = [];

  constructor(sizeBytes: number) {
    this.memory = allocate(sizeBytes);
    this.#u32 = new Uint32Array(this.memory.bytes.buffer, 0, sizeBytes >>> 2);
  }

  clear(): this {
    this.#u32.fill(0);
    this.#kept = [];
    return this;
  }

  u32(offset: number, value: number): this {
    this.#u32[offset >>> 2] = value;
    return this;
  }

  /** `value` is taken modulo 2^64. */
  u64(offset: number, value: Int): this {
    if (typeof value === "number" && value >= 0) {
      this.#u32[offset >>> 2] = value;
      this.#u32[(offset >>> 2) + 1] = value / TWO_32;
    } else {
      const bits = BigInt.asUintN(64, BigInt(value));
      this.#u32[offset >>> 2] = Number(bits & 0xffffffffn);
      this.#u32[(offset >>> 2) + 1] = Number(bits >> 32n);
    }
    return this;
  }

  /** A pointer to memory that its owner keeps alive over the call. */
  borrowed(offset: number, memory: Memory): this {
    return this.u64(offset, memory.address);
  }

  /** A pointer to memory that lives until the next `clear`; nothing for `undefined`. */
  pointer(offset: number, memory: Memory | undefined): this {
    if (memory === undefined) return this;
    this.#kept.push(memory);
    return this.u64(offset, memory.address);
  }

  bytesAt(offset: number, bytes: Uint8Array): this {
    this.memory.bytes.set(bytes, offset);
    return this;
  }

  readU32(offset: number): number {
    return this.#u32[offset >>> 2];
  }

  /** `bpf(2)` with this block; gives its result, or the negated errno. */
  try(command: BpfCommand): number {
    return syscallBpf(BPF_COMMANDS[command], this.memory.address, this.memory.bytes.length);
  }

  /** `bpf(2)` with this block; throws {@link SyscallError}. */
  call(command: BpfCommand): number {
    return succeeded("bpf", command, this.try(command));
  }
}

/** The result of a system call, or its error thrown. */
export function succeeded(syscall: string, command: string | undefined, result: number): number {
  if (result < 0) throw new SyscallError(syscall, command, -result);
  return result;
}

const encoder = new TextEncoder();

/** Text with its terminating NUL, where the kernel can read it. */
export function cString(text: string): Memory {
  return memoryOf(encoder.encode(`${text}\0`));
}

/** A copy of bytes, where the kernel can read them. */
export function memoryOf(bytes: Uint8Array): Memory {
  const memory = allocate(bytes.length);
  memory.bytes.set(bytes);
  return memory;
}

/** 64-bit words, where the kernel can read them; `undefined` stays so. */
export function u64Array(values: readonly Int[] | undefined): Memory | undefined {
  if (values === undefined) return undefined;
  const memory = allocate(values.length * 8);
  const words = new BigUint64Array(memory.bytes.buffer, 0, values.length);
  for (let index = 0; index < values.length; index++) words[index] = BigInt(values[index]);
  return memory;
}

const OBJECT_NAME_CHARACTERS = 15; // BPF_OBJ_NAME_LEN less the NUL

/** What the kernel accepts as the name of a map or program, made of `name`. */
export function objectName(name: string): Uint8Array {
  return encoder.encode(name.replace(/[^A-Za-z0-9_.]/g, "_").slice(0, OBJECT_NAME_CHARACTERS));
}
