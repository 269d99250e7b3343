/**
 * The address space of the interpreter: segments with exact bounds, far from each other, so that a pointer that runs
 * out of what it points to hits nothing. Segments get addresses of their own (0x8000_0000_0000_0000 + n * 2^32);
 * tests may also put memory at a kernel or user address of their choice.
 */
import { VmFault } from "./error.ts";

/** A piece of memory. `owner` is what a pointer to the start of it stands for, such as a map. */
export interface Segment {
  readonly name: string;
  readonly base: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly writable: boolean;
  /** User memory is reached by probe_read_user alone, kernel memory by loads and probe_read_kernel. */
  readonly space: "kernel" | "user";
  /** Accesses must be aligned, as the verifier demands it of the stack. */
  readonly aligned: boolean;
  readonly owner: object | undefined;
}

/** What a new segment is like, where it differs from a writable piece of kernel memory. */
export type SegmentOptions = Partial<Pick<Segment, "writable" | "space" | "aligned" | "owner">>;

/** Bytes that one instruction can load or store. */
export type AccessBytes = 1 | 2 | 4 | 8;

const OWN_BASE = 0x80000000;

/** A place in a segment. */
interface Place {
  readonly segment: Segment;
  readonly offset: number;
}

/**
 * Everything that a program can reach. Accesses throw {@link VmFault} where the kernel's verifier would have refused
 * them; the `probe` functions give `undefined` instead.
 */
export class Memory {
  readonly #own: (Segment | undefined)[] = [];
  readonly #fixed: Segment[] = [];
  readonly #retired: Segment[] = [];

  /** Adds a segment at an address that nothing else has. The bytes are used, not copied. */
  allocate(name: string, bytes: Uint8Array, options: SegmentOptions = {}): Segment {
    const base = BigInt(OWN_BASE + this.#own.length) << 32n;
    const segment = segmentOf(name, base, bytes, options);
    this.#own.push(segment);
    return segment;
  }

  /** Adds memory at a given address, for programs that read kernel or user memory. Requires that nothing else is there. */
  place(name: string, base: bigint, bytes: Uint8Array, options: SegmentOptions = {}): Segment {
    const segment = segmentOf(name, base, bytes, { writable: false, ...options });
    this.#fixed.push(segment);
    return segment;
  }

  /** Takes a segment away: its address is valid no more, and not given out again. */
  free(segment: Segment): void {
    this.#own[indexOf(segment.base)] = undefined;
  }

  /** Frees a segment at the next {@link reclaim}: the running program may still use it, as under RCU. */
  retire(segment: Segment): void {
    this.#retired.push(segment);
  }

  reclaim(): void {
    for (const segment of this.#retired) this.free(segment);
    this.#retired.length = 0;
  }

  /** What the pointer stands for, if it points to the very start of something owned. */
  ownerAt(address: bigint): object | undefined {
    const place = this.#find(address, 0);
    return place?.offset === 0 ? place.segment.owner : undefined;
  }

  /** The segment that starts at `address`. */
  segmentAt(address: bigint): Segment | undefined {
    const place = this.#find(address, 0);
    return place?.offset === 0 ? place.segment : undefined;
  }

  /** `sizeBytes` bytes of kernel memory, as a view. Throws {@link VmFault} when not all of them may be read. */
  read(address: bigint, sizeBytes: number): Uint8Array {
    const { segment, offset } = this.#accessible(address, sizeBytes, "read");
    return segment.bytes.subarray(offset, offset + sizeBytes);
  }

  /** `sizeBytes` bytes of kernel memory to write to, as a view. Throws {@link VmFault} unless all may be written. */
  write(address: bigint, sizeBytes: number): Uint8Array {
    const { segment, offset } = this.#accessible(address, sizeBytes, "write");
    return segment.bytes.subarray(offset, offset + sizeBytes);
  }

  /** Bytes as probe_read sees them: undefined where the kernel would answer -EFAULT. */
  probe(address: bigint, sizeBytes: number, space?: "kernel" | "user"): Uint8Array | undefined {
    const place = this.#find(address, sizeBytes);
    if (place === undefined || (space !== undefined && place.segment.space !== space)) return undefined;
    return place.segment.bytes.subarray(place.offset, place.offset + sizeBytes);
  }

  /** Bytes from `address` up to the end of what is there, at most `sizeBytes`. */
  probeUpTo(address: bigint, sizeBytes: number, space?: "kernel" | "user"): Uint8Array | undefined {
    const place = this.#find(address, 0);
    if (place === undefined || (space !== undefined && place.segment.space !== space)) return undefined;
    return place.segment.bytes.subarray(place.offset, Math.min(place.offset + sizeBytes, place.segment.bytes.length));
  }

  load(address: bigint, sizeBytes: AccessBytes): bigint {
    const { segment, offset } = this.#checked(address, sizeBytes, "read");
    switch (sizeBytes) {
      case 1:
        return BigInt(segment.view.getUint8(offset));
      case 2:
        return BigInt(segment.view.getUint16(offset, true));
      case 4:
        return BigInt(segment.view.getUint32(offset, true));
      case 8:
        return segment.view.getBigUint64(offset, true);
    }
  }

  /** Stores the lower `sizeBytes` bytes of `value`. */
  store(address: bigint, sizeBytes: AccessBytes, value: bigint): void {
    const { segment, offset } = this.#checked(address, sizeBytes, "write");
    switch (sizeBytes) {
      case 1:
        segment.view.setUint8(offset, Number(value & 0xffn));
        break;
      case 2:
        segment.view.setUint16(offset, Number(value & 0xffffn), true);
        break;
      case 4:
        segment.view.setUint32(offset, Number(value & 0xffffffffn), true);
        break;
      case 8:
        segment.view.setBigUint64(offset, BigInt.asUintN(64, value), true);
        break;
    }
  }

  #checked(address: bigint, sizeBytes: AccessBytes, how: "read" | "write"): Place {
    const place = this.#accessible(address, sizeBytes, how);
    if (place.segment.aligned && place.offset % sizeBytes !== 0) {
      throw new VmFault(`misaligned ${how} of ${sizeBytes} bytes at ${this.describe(address)}`);
    }
    return place;
  }

  #accessible(address: bigint, sizeBytes: number, how: "read" | "write"): Place {
    const place = this.#find(address, sizeBytes);
    if (place === undefined || place.segment.space === "user") {
      throw new VmFault(`${how} of ${sizeBytes} bytes at ${this.describe(address)} is out of bounds`);
    }
    if (how === "write" && !place.segment.writable) {
      throw new VmFault(`write to read-only memory at ${this.describe(address)}`);
    }
    return place;
  }

  #find(address: bigint, sizeBytes: number): Place | undefined {
    const own = this.#own[indexOf(address)];
    if (own !== undefined) return within(own, address, sizeBytes);
    for (const segment of this.#fixed) {
      const place = within(segment, address, sizeBytes);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /** An address as people understand it: `stack+504`, or hexadecimal where nothing is near. */
  describe(address: bigint): string {
    const own = this.#own[indexOf(address)];
    const near =
      own ?? this.#fixed.find(({ base, bytes }) => address >= base && address <= base + BigInt(bytes.length));
    if (near !== undefined) return `${near.name}+${address - near.base}`;
    // A little before a segment is in the range of the one before it.
    const next = this.#own[indexOf(address) + 1];
    return next === undefined ? `0x${address.toString(16)}` : `${next.name}${address - next.base}`;
  }
}

function segmentOf(name: string, base: bigint, bytes: Uint8Array, options: SegmentOptions): Segment {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { name, base, bytes, view, writable: true, space: "kernel", aligned: false, owner: undefined, ...options };
}

function indexOf(address: bigint): number {
  return Number(address >> 32n) - OWN_BASE;
}

function within(segment: Segment, address: bigint, sizeBytes: number): Place | undefined {
  const offset = Number(address - segment.base);
  return offset >= 0 && offset + sizeBytes <= segment.bytes.length ? { segment, offset } : undefined;
}
