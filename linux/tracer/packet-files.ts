import { closeSync, openSync, writevSync } from "node:fs";
import { PACKET_SAMPLE } from "@beetrace/compiler";
import { type BpfMap, PerfBuffer, type SampleMemory } from "@beetrace/ebpf";
import { pcapHeader, pcapRecord } from "@beetrace/output";
import { intFromWords } from "@beetrace/std";
import type { ClockReading } from "./clocks.ts";

/** A file of `skboutput()` cannot be written. */
export class PacketFileError extends Error {
  override readonly name = "PacketFileError";
  constructor(path: string, cause: unknown) {
    super(`cannot write packets to '${path}': ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** Some 700 packets of Ethernet's largest size. */
const BYTES_PER_CPU = 1 << 20;

/** One file. What its packets begin with is known with the first of them, so that its header waits for that. */
class PacketFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  #hasHeader = false;

  constructor(path: string) {
    this.#path = path;
    this.#fd = this.#guarded(() => openSync(path, "w"));
  }

  write(unixNs: bigint, packet: Uint8Array): void {
    const parts = [pcapRecord(unixNs, packet.length), packet];
    this.#put(this.#hasHeader ? parts : [pcapHeader(packet), ...parts]);
    this.#hasHeader = true;
  }

  #put(parts: readonly Uint8Array[]): void {
    this.#guarded(() => writevSync(this.#fd, [...parts]));
  }

  #guarded<T>(call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw new PacketFileError(this.#path, cause);
    }
  }

  /** A file without packets is one all the same. */
  [Symbol.dispose](): void {
    try {
      if (!this.#hasHeader) this.#put([pcapHeader()]);
    } finally {
      closeSync(this.#fd);
    }
  }
}

/** Writes the packets that programs send to their files. */
export class PacketFiles implements Disposable {
  readonly #buffer: PerfBuffer;
  readonly #files: PacketFile[] = [];
  readonly #clocks: () => ClockReading;
  #lost = 0;

  /** Makes the files, anew where they exist. Throws {@link PacketFileError} and what {@link PerfBuffer} throws. */
  constructor(map: BpfMap, paths: readonly string[], clocks: () => ClockReading) {
    this.#clocks = clocks;
    try {
      for (const path of paths) this.#files.push(new PacketFile(path));
      this.#buffer = new PerfBuffer(map, { sizeBytesPerCpu: BYTES_PER_CPU });
    } catch (error) {
      for (const file of this.#files) file[Symbol.dispose]();
      throw error;
    }
  }

  /** Writes packets as they come, until {@link stop}. What goes wrong goes to `onError`; `onIdle` is called after a batch. */
  start(onError: (error: unknown) => void, onIdle: () => void): void {
    this.#buffer.start((memory, at) => {
      try {
        this.#write(memory, at);
      } catch (error) {
        onError(error);
      }
    }, onIdle);
  }

  /** Ends {@link start}. */
  stop(): void {
    this.#buffer.stop();
  }

  /** Writes the packets that are there. */
  drain(): void {
    this.#buffer.consume((memory, at) => this.#write(memory, at));
  }

  /** How many packets were lost since this was last asked. */
  takeLost(): number {
    const { lost } = this.#buffer;
    const since = lost - this.#lost;
    this.#lost = lost;
    return since;
  }

  #write({ u8, u32 }: SampleMemory, at: number): void {
    const word = (offset: number) => u32[(at + offset) >>> 2];
    const skip = Math.min(word(PACKET_SAMPLE.skip), word(PACKET_SAMPLE.length));
    const start = at + PACKET_SAMPLE.bytes;
    const packet = u8.subarray(start + skip, start + word(PACKET_SAMPLE.length));
    const { bootNs, unixNs } = this.#clocks();
    const time = intFromWords(word(PACKET_SAMPLE.timeNs), word(PACKET_SAMPLE.timeNs + 4), false);
    this.#files[word(PACKET_SAMPLE.file)]?.write(BigInt(time) + unixNs - bootNs, packet);
  }

  [Symbol.dispose](): void {
    this.#buffer[Symbol.dispose]();
    for (const file of this.#files) file[Symbol.dispose]();
  }
}
