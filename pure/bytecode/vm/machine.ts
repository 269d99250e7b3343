import type { VmEnvironment } from "./environment.ts";
import type { VmMap } from "./maps.ts";
import type { Memory } from "./memory.ts";

/** What a helper can reach. Any of these throws a `VmFault` where the verifier would have refused the program. */
export interface VmMachine {
  readonly memory: Memory;
  readonly environment: VmEnvironment;
  /** The map that a pointer from `r = &map` stands for. */
  mapAt(address: bigint): VmMap;
  /** Calls a function of the program by its address (from `r = &function`) and returns its r0. */
  callFunction(address: bigint, ...args: readonly bigint[]): bigint;
  /** A line for the trace pipe. */
  trace(line: string): void;
}

/**
 * A helper or kfunc. It gets r1 to r5, and what it returns goes to r0, wrapped to 64 bits.
 * It may read and write memory through the machine only.
 */
export type VmHelper = (machine: VmMachine, r1: bigint, r2: bigint, r3: bigint, r4: bigint, r5: bigint) => bigint;
