/**
 * The only module that loads native code: koffi, and through it the C library's `syscall` and a handful of others.
 * koffi is loaded on the first call, so that importing this package costs nothing.
 */
import { createRequire } from "node:module";
import { invariant } from "@beetrace/std";
import type koffiModule from "koffi";

/** Bytes that stay at one address, so that the kernel can be told where they are. */
export interface Memory {
  readonly bytes: Uint8Array;
  /** User-space address; always below 2^53. */
  readonly address: number;
}

/** A piece of mapped memory. Its buffer must not be touched once it is unmapped: that is a segmentation fault. */
export interface Mapping {
  readonly buffer: ArrayBuffer;
  readonly address: number;
  readonly sizeBytes: number;
}

/** Watches one file descriptor for readability from the event loop. */
export interface Poller {
  /** Starts again after `stop`; level-triggered, so it fires at once if there is something to read. */
  start(): void;
  stop(): void;
  /** Must be called before the file descriptor is closed. */
  close(): void;
}

type Koffi = typeof koffiModule;
type Words = [a?: number, b?: number, c?: number, d?: number, e?: number, f?: number];

interface Native {
  readonly koffi: Koffi;
  readonly syscall: (nr: number, a: number, b: number, c: number, d: number, e: number, f: number) => number;
  readonly pageSizeBytes: number;
}

// arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
const SYSCALL_NUMBERS = {
  x64: {
    bpf: 321,
    perf_event_open: 298,
    ioctl: 16,
    close: 3,
    mmap: 9,
    munmap: 11,
    prlimit64: 302,
    dup3: 292,
    socket: 41,
    connect: 42,
  },
  arm64: {
    bpf: 280,
    perf_event_open: 241,
    ioctl: 29,
    close: 57,
    mmap: 222,
    munmap: 215,
    prlimit64: 261,
    dup3: 24,
    socket: 198,
    connect: 203,
  },
} as const;
/** The system calls that this package makes. */
export type SyscallName = keyof (typeof SYSCALL_NUMBERS)["x64"];

let loaded: Native | undefined;

function native(): Native {
  loaded ??= loadNative();
  return loaded;
}

function loadNative(): Native {
  const koffi = createRequire(import.meta.url)("koffi") as Koffi;
  const libc = koffi.load(null);
  // A fixed signature: 200 ns faster per call than koffi's variadic one, and the same calling convention for integers.
  const int64x7 = ["int64", "int64", "int64", "int64", "int64", "int64", "int64"];
  return {
    koffi,
    syscall: libc.func("syscall", "int64", int64x7),
    pageSizeBytes: libc.func("getpagesize", "int", [])() as number,
  };
}

function numbersHere(): Record<SyscallName, number> {
  const { arch, platform } = process;
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) {
    throw new Error(`beetrace runs on Linux on x64 and arm64, not on ${platform} ${arch}`);
  }
  return SYSCALL_NUMBERS[arch];
}

let numbers: Record<SyscallName, number> | undefined;

/** Makes a system call; gives its result, or the negated errno. */
export function syscall(name: SyscallName, ...[a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: Words): number {
  numbers ??= numbersHere();
  const result = native().syscall(numbers[name], a, b, c, d, e, f);
  return result === -1 ? -native().koffi.errno() : result;
}

/** `bpf(2)`: its own function, because a map lookup takes 1.1 µs and rest arguments would be felt. */
export function syscallBpf(command: number, attrAddress: number, attrSizeBytes: number): number {
  numbers ??= numbersHere();
  const here = native();
  const result = here.syscall(numbers.bpf, command, attrAddress, attrSizeBytes, 0, 0, 0);
  return result === -1 ? -here.koffi.errno() : result;
}

/** The size of a memory page of this machine, in bytes. */
export function pageSizeBytes(): number {
  return native().pageSizeBytes;
}

/** Zeroed memory at a fixed address, freed by the garbage collector once the `Memory` is unreachable. */
export function allocate(sizeBytes: number): Memory {
  // Small typed arrays live in V8's moving heap; one over an ArrayBuffer of its own never does.
  const bytes = new Uint8Array(new ArrayBuffer(Math.max(sizeBytes, 8)), 0, sizeBytes);
  return { bytes, address: Number(native().koffi.address(bytes.buffer)) };
}

/** The memory at an address as an ArrayBuffer that shares it. */
export function viewAt(address: number, sizeBytes: number): ArrayBuffer {
  invariant(address > 0 && Number.isSafeInteger(address), `${address} is no address`);
  return native().koffi.view(BigInt(address), sizeBytes);
}

/** Watches `fd` with libuv's poll. Started at once. */
export function poll(fd: number, onReadable: () => void): Poller {
  const handle = native().koffi.node.poll(fd, { readable: true }, onReadable);
  return {
    start: () => handle.start({ readable: true }, onReadable),
    stop: () => handle.stop(),
    close: () => handle.close(),
  };
}

/**
 * Closes file descriptors at the same time, a POSIX thread each, and resolves when all are closed.
 * The closing of a BPF attachment waits for RCU grace periods, which concurrent closers share. libuv's pool would do,
 * but has four threads that file reads need too. The thread's start routine is `close` itself: it takes its argument
 * from the first argument register, as `void *(*)(void *)` does.
 */
export async function closeConcurrently(fds: readonly number[]): Promise<void> {
  const { koffi } = native();
  const libc = koffi.load(null);
  const create = libc.func("pthread_create", "int", ["int64", "int64", "int64", "int64"]);
  const join = libc.func("pthread_join", "int", ["int64", "int64"]);
  const closeAddress = Number(libc.symbol("close"));
  const handle = allocate(8);
  const threads: number[] = [];
  for (const fd of fds) {
    if (create(handle.address, 0, closeAddress, fd) === 0) threads.push(readAddress(handle.bytes));
    else syscall("close", fd);
  }
  for (const thread of threads) await new Promise((resolve) => join.async(thread, 0, resolve));
}

function readAddress(bytes: Uint8Array): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}
