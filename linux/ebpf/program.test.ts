import { assembleProgram, decodeInstructions, R0, R1, R2 } from "@beetrace/bytecode";
import { InvariantError } from "@beetrace/std";
import { afterEach, expect, test } from "vitest";
import { openHandles } from "./handle.ts";
import { BpfMap } from "./map.ts";
import { BpfProgram } from "./program.ts";
import { EACCES, EAGAIN, EINVAL, ENOSPC, SyscallError } from "./sys/error.ts";
import { fakeSys } from "./sys/fake.ts";
import type { ProgLoadOptions } from "./sys/sys.ts";
import { UnsupportedError } from "./unsupported-error.ts";
import { LogTooSmallError, VerifierError } from "./verifier-error.ts";

afterEach(() => expect(openHandles()).toEqual([]));

const raw = { name: "raw", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" } as const;
const empty = assembleProgram(raw, (a) => a.exit());

/** A verifier that refuses, with a log of `log`. */
function refusing(log: string, errno = EACCES) {
  const asked: number[] = [];
  const sys = fakeSys({
    progLoad: (options) => {
      asked.push(options.log?.buffer.bytes.length ?? 0);
      if (options.log === undefined) return { errno, logSizeBytes: 0 };
      const { bytes } = options.log.buffer;
      bytes.set(Buffer.from(log).subarray(0, bytes.length - 1));
      return { errno: log.length < bytes.length ? errno : ENOSPC, logSizeBytes: 0 };
    },
  });
  return { sys, asked };
}

test("maps and values are filled in, in the instruction they belong to", () => {
  let request: ProgLoadOptions | undefined;
  const sys = fakeSys({
    progLoad: (options) => {
      request = options;
      return { errno: EINVAL, logSizeBytes: 0 };
    },
  });
  using map = BpfMap.create(
    { name: "m", type: "BPF_MAP_TYPE_ARRAY", keySize: 4, valueSize: 64, maxEntries: 1 },
    { sys },
  );
  const spec = assembleProgram(raw, (a) => {
    a.loadImm64(R0, 1n);
    a.loadMap(R1, "m");
    a.loadMapValue(R2, "m", 24);
    a.exit();
  });
  expect(() => BpfProgram.load(spec, { sys, maps: new Map([["m", map]]) })).toThrow(SyscallError);
  const insns = decodeInstructions(request?.code ?? new Uint8Array(0));
  expect(insns[1]).toMatchObject({ dst: R1, src: 1, imm: map.fd, immHigh: 0 });
  expect(insns[2]).toMatchObject({ dst: R2, src: 2, imm: map.fd, immHigh: 24 });
  expect([...sys.open]).toEqual([map.fd]); // the program's BTF is closed
  expect(() => BpfProgram.load(spec, { sys })).toThrow(InvariantError);
});

test("kernel functions and attach targets come from the kernel's types", () => {
  const types = { findType: (kind: string, name: string) => (`${kind} ${name}` === "func bpf_x" ? 77 : undefined) };
  let code = new Uint8Array(0);
  const sys = fakeSys({
    progLoad: (options) => {
      code = new Uint8Array(options.code);
      return { errno: EINVAL, logSizeBytes: 0 };
    },
  });
  const calling = (name: string) => assembleProgram(raw, (a) => a.callKfunc(name));
  expect(() => BpfProgram.load(calling("bpf_x"), { sys, kernelTypes: types })).toThrow(SyscallError);
  expect(decodeInstructions(code)[0]).toMatchObject({ src: 2, imm: 77, offset: 0 });
  expect(() => BpfProgram.load(calling("bpf_y"), { sys, kernelTypes: types })).toThrow(UnsupportedError);
});

test("the log is asked for after the refusal, in growing buffers", () => {
  const { sys, asked } = refusing(`${"0: (b7) r0 = 0\n".repeat(20_000)}R1 !read_ok\n`);
  expect(() => BpfProgram.load(empty, { sys })).toThrow(/^program raw: R1 !read_ok: bpf\(BPF_PROG_LOAD\): EACCES/);
  expect(asked).toEqual([0, 1 << 16, 1 << 18, 1 << 20]);
  expect(sys.open.size).toBe(0);
});

test("a log beyond 16 MB is cut", () => {
  const { sys, asked } = refusing("x".repeat(17 << 20));
  expect(() => BpfProgram.load(empty, { sys })).toThrow(VerifierError);
  expect(asked.at(-1)).toBe(16 << 20);
});

test("no log: a system call's error", () => {
  const { sys } = refusing("", EINVAL);
  expect(() => BpfProgram.load(empty, { sys })).toThrow("program raw: bpf(BPF_PROG_LOAD): EINVAL");
});

test("what signals interrupt is no refusal", () => {
  const { sys } = refusing("0: (b7) r0 = 0\n", EAGAIN);
  const message = /^program raw: bpf\(BPF_PROG_LOAD\): EAGAIN \(signals interrupt/;
  expect(() => BpfProgram.load(empty, { sys })).toThrow(message);
  expect(() => BpfProgram.load(empty, { sys, logSizeBytes: 512 })).toThrow(message);
});

test("a log of a given size is asked for with the load itself", () => {
  const { sys, asked } = refusing(`R1 invalid mem access 'scalar'\n${"x".repeat(200)}`);
  expect(() => BpfProgram.load(empty, { sys, logSizeBytes: 512 })).toThrow(VerifierError);
  expect(() => BpfProgram.load(empty, { sys, logSizeBytes: 2 })).toThrow(LogTooSmallError);
  expect(asked).toEqual([512, 128]);
});
