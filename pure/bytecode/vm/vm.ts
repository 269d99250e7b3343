import { invariant } from "@beetrace/std";
import type { MapSpec, ProgramSpec } from "../spec.ts";
import { defaultEnvironment, type VmEnvironment } from "./environment.ts";
import { VmError, VmFault } from "./error.ts";
import { STANDARD_HELPERS, STANDARD_KFUNCS } from "./helpers.ts";
import { createFrames, Execution, type Frame } from "./interpreter.ts";
import { indexKey } from "./keyed-map.ts";
import type { VmHelper, VmMachine } from "./machine.ts";
import { createMap, type VmMap } from "./maps.ts";
import { Memory } from "./memory.ts";
import { type Linker, type LoadedProgram, loadProgram } from "./program.ts";

/** What a {@link Vm} is made of. */
export interface VmOptions {
  readonly maps?: readonly MapSpec[];
  /** Instead of the standard environment, or parts of it. */
  readonly environment?: Partial<VmEnvironment>;
  /** Besides the standard helpers, or instead of them. By full name (`bpf_send_signal`). */
  readonly helpers?: Readonly<Record<string, VmHelper>>;
  /** Besides the standard kfuncs, or instead of them. By BTF name. */
  readonly kfuncs?: Readonly<Record<string, VmHelper>>;
  /** How many values per-CPU maps have; 1 if not given. */
  readonly cpus?: number;
  /** How many instructions one run may execute; ten million if not given. */
  readonly instructionBudget?: number;
}

/** How a run ended. */
export interface VmResult {
  /** r0, an unsigned 64-bit integer. */
  readonly value: bigint;
  readonly instructions: number;
}

const DEFAULT_BUDGET = 10_000_000;

/**
 * Runs BPF programs without a kernel: maps that keep their content from run to run, an address space with exact bounds,
 * and an environment that is an argument. It runs what the verifier accepts; where a program does what the verifier
 * forbids, it mostly notices ({@link VmError}), but it proves nothing.
 */
export class Vm {
  readonly memory = new Memory();
  readonly environment: VmEnvironment;
  /** Lines of bpf_trace_printk. */
  readonly traceLines: string[] = [];
  readonly #maps = new Map<string, { readonly map: VmMap; readonly address: bigint }>();
  readonly #frames: readonly Frame[];
  readonly #programs = new WeakMap<ProgramSpec, LoadedProgram>();
  readonly #linker: Linker;
  readonly #budget: number;

  constructor(options: VmOptions = {}) {
    this.environment = { ...defaultEnvironment(), ...options.environment };
    this.#budget = options.instructionBudget ?? DEFAULT_BUDGET;
    this.#frames = createFrames(this.memory);
    for (const spec of options.maps ?? []) {
      const map = createMap(spec, this.memory, options.cpus ?? 1);
      const { base } = this.memory.allocate(`map ${spec.name}`, new Uint8Array(0), { owner: map });
      this.#maps.set(spec.name, { map, address: base });
    }
    this.#linker = this.#createLinker(options);
  }

  /** A map, by name. */
  map(name: string): VmMap {
    const found = this.#maps.get(name);
    invariant(found !== undefined, `no map is called ${name}`);
    return found.map;
  }

  /**
   * Runs a program on a context, to which r1 points (0 when it is empty). Parts of the environment can be given for this run alone.
   * Throws {@link VmError}.
   */
  run(spec: ProgramSpec, context: Uint8Array = new Uint8Array(0), environment?: Partial<VmEnvironment>): VmResult {
    const segment = this.memory.allocate("context", context, { writable: false });
    const machine = this.#createMachine(environment, (address, args) => execution.callAddress(address, args));
    const execution = new Execution(this.#load(spec), machine, this.#frames, this.#budget);
    try {
      const value = execution.call(0, [context.length === 0 ? 0n : segment.base]);
      this.#checkRings();
      return { value, instructions: execution.executed };
    } catch (error) {
      if (error instanceof VmFault) throw new VmError(error.message, spec.name, execution.at);
      throw error;
    } finally {
      this.memory.free(segment);
      for (const { map } of this.#maps.values()) if (map.kind === "ring") map.abandon();
      this.memory.reclaim();
    }
  }

  #load(spec: ProgramSpec): LoadedProgram {
    const known = this.#programs.get(spec);
    if (known !== undefined) return known;
    const loaded = loadProgram(spec, this.#linker);
    this.#programs.set(spec, loaded);
    return loaded;
  }

  #createMachine(
    environment: Partial<VmEnvironment> | undefined,
    call: (address: bigint, args: readonly bigint[]) => bigint,
  ): VmMachine {
    return {
      memory: this.memory,
      environment: environment === undefined ? this.environment : { ...this.environment, ...environment },
      mapAt: (address) => this.#mapAt(address),
      callFunction: (address, ...args) => call(address, args),
      trace: (line) => this.traceLines.push(line),
    };
  }

  #mapAt(address: bigint): VmMap {
    const owner = this.memory.ownerAt(address);
    for (const entry of this.#maps.values()) if (entry.map === owner && entry.address === address) return entry.map;
    throw new VmFault(`${this.memory.describe(address)} is no map`);
  }

  /** The verifier demands that every sample that was reserved is submitted or discarded. */
  #checkRings(): void {
    for (const { map } of this.#maps.values()) {
      if (map.kind === "ring" && map.reservedCount > 0)
        throw new VmFault(`a sample of ${map.spec.name} is left reserved`);
    }
  }

  #createLinker(options: VmOptions): Linker {
    const helpers: Readonly<Record<string, VmHelper>> = { ...STANDARD_HELPERS, ...options.helpers };
    const kfuncs: Readonly<Record<string, VmHelper>> = { ...STANDARD_KFUNCS, ...options.kfuncs };
    return {
      mapAddress: (name) => {
        const found = this.#maps.get(name);
        invariant(found !== undefined, `a program refers to map ${name}, which is not there`);
        return found.address;
      },
      mapValueAddress: (name) => {
        const map = this.map(name);
        const value = map.kind === "keyed" && map.isArray ? map.lookup(indexKey(0), 0) : undefined;
        invariant(value !== undefined, `a program refers to the value of ${name}, which is no array`);
        return value.base;
      },
      helper: (name) => (Object.hasOwn(helpers, name) ? helpers[name] : undefined),
      kfunc: (name) => (Object.hasOwn(kfuncs, name) ? kfuncs[name] : undefined),
    };
  }
}
