import { expect, test } from "vitest";
import { type Assembler, assembleProgram, R0, R1, R2, R3, R4, R5, R6 } from "../asm.ts";
import type { MapSpec } from "../spec.ts";
import { indexKey } from "./keyed-map.ts";
import { Vm, type VmOptions } from "./vm.ts";

const FP = 10;
const HASH: MapSpec = { name: "hash", type: "BPF_MAP_TYPE_HASH", keySize: 8, valueSize: 8, maxEntries: 3 };
const RING: MapSpec = { name: "ring", type: "BPF_MAP_TYPE_RINGBUF", keySize: 0, valueSize: 0, maxEntries: 4096 };

function program(write: (a: Assembler) => void) {
  return assembleProgram({ name: "test", type: "BPF_PROG_TYPE_RAW_TRACEPOINT" }, write);
}

function run(write: (a: Assembler) => void, options?: VmOptions): bigint {
  return new Vm(options).run(program(write)).value;
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/** `register = r10 + offset` */
function pointer(a: Assembler, register: number, offset: number): void {
  a.mov(register, FP);
  a.aluImm("+", register, offset);
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

function keyed(vm: Vm, name: string) {
  const map = vm.map(name);
  return map.kind === "keyed" ? map : expect.fail(`${name} has no keys`);
}

/** hash[key] = value; r0 is what the helper returns. */
function update(a: Assembler, map: string, key: number, value: number, flags = 0): void {
  a.storeImm("u64", FP, -8, key);
  a.storeImm("u64", FP, -16, value);
  a.loadMap(R1, map);
  pointer(a, R2, -8);
  pointer(a, R3, -16);
  a.movImm(R4, flags);
  a.call("bpf_map_update_elem");
}

test("hash maps keep, find and lose entries", () => {
  const vm = new Vm({ maps: [HASH] });
  const step = (write: (a: Assembler) => void) =>
    signed(
      vm.run(
        program((a) => {
          write(a);
          a.exit();
        }),
      ).value,
    );
  expect(step((a) => update(a, "hash", 1, 11))).toBe(0n);
  expect(step((a) => update(a, "hash", 1, 12, 1))).toBe(-17n);
  expect(step((a) => update(a, "hash", 2, 12, 2))).toBe(-2n);
  expect(step((a) => update(a, "hash", 2, 12, 9))).toBe(-22n);
  expect(step((a) => update(a, "hash", 2, 22))).toBe(0n);
  expect(step((a) => update(a, "hash", 3, 33))).toBe(0n);
  expect(step((a) => update(a, "hash", 4, 44))).toBe(-7n);
  expect(step((a) => update(a, "hash", 3, 34, 2))).toBe(0n);
  const remove = (a: Assembler) => {
    a.storeImm("u64", FP, -8, 1);
    a.loadMap(R1, "hash");
    pointer(a, R2, -8);
    a.call("bpf_map_delete_elem");
  };
  expect(step(remove)).toBe(0n);
  expect(step(remove)).toBe(-2n);
  expect([...keyed(vm, "hash").entries()]).toEqual([
    [u64(2n), u64(22n)],
    [u64(3n), u64(34n)],
  ]);
});

/** r0 = address of map[key] */
function lookup(a: Assembler, map: string, key: number): void {
  a.storeImm("u64", FP, -8, key);
  a.loadMap(R1, map);
  pointer(a, R2, -8);
  a.call("bpf_map_lookup_elem");
}

test("a lookup gives the value itself", () => {
  const vm = new Vm({ maps: [HASH] });
  keyed(vm, "hash").set(u64(5n), u64(50n));
  const increment = program((a) => {
    lookup(a, "hash", 5);
    a.movImm(R1, 1);
    a.atomic("add", "u64", R0, 0, R1);
    lookup(a, "hash", 6);
    a.exit();
  });
  expect(vm.run(increment).value).toBe(0n);
  expect(keyed(vm, "hash").get(u64(5n))).toEqual(u64(51n));
});

test("a deleted value lives to the end of the run, and no longer", () => {
  const vm = new Vm({ maps: [HASH] });
  keyed(vm, "hash").set(u64(5n), u64(50n));
  const before = vm.run(
    program((a) => {
      lookup(a, "hash", 5);
      a.mov(R6, R0);
      a.loadMap(R1, "hash");
      pointer(a, R2, -8);
      a.call("bpf_map_delete_elem");
      a.load("u64", R0, R6, 0);
      a.jumpIfImm("!=", R0, 50, "end");
      a.mov(R0, R6);
      a.label("end");
      a.exit();
    }),
  ).value;
  expect(() => vm.memory.read(before, 8)).toThrow("out of bounds");
});

test("per-CPU values are apart, and padded for user space", () => {
  const spec: MapSpec = { name: "percpu", type: "BPF_MAP_TYPE_PERCPU_HASH", keySize: 8, valueSize: 4, maxEntries: 2 };
  const vm = new Vm({ maps: [spec], cpus: 3 });
  const set = (value: number) =>
    program((a) => {
      update(a, "percpu", 1, value);
      a.exit();
    });
  vm.run(set(7), undefined, { cpu: 0 });
  vm.run(set(9), undefined, { cpu: 2 });
  const value = keyed(vm, "percpu").get(u64(1n));
  expect(value).toEqual(Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0));
  const onCpu = (cpu: number) =>
    vm.run(
      program((a) => {
        a.storeImm("u64", FP, -8, 1);
        a.loadMap(R1, "percpu");
        pointer(a, R2, -8);
        a.movImm(R3, cpu);
        a.call("bpf_map_lookup_percpu_elem");
        a.jumpIfImm("==", R0, 0, "end");
        a.load("u32", R0, R0, 0);
        a.label("end");
        a.exit();
      }),
    ).value;
  expect([onCpu(0), onCpu(1), onCpu(2), onCpu(3)]).toEqual([7n, 0n, 9n, 0n]);
});

test("arrays have all their elements from the start", () => {
  const spec: MapSpec = { name: "array", type: "BPF_MAP_TYPE_PERCPU_ARRAY", keySize: 4, valueSize: 8, maxEntries: 2 };
  const vm = new Vm({ maps: [spec], cpus: 2 });
  const array = keyed(vm, "array");
  expect([...array.entries()].map(([, value]) => value.length)).toEqual([16, 16]);
  expect(array.get(indexKey(2))).toBeUndefined();
  expect(array.set(indexKey(2), new Uint8Array(16))).toBe(-7);
  expect(array.delete(indexKey(0))).toBe(-22);
});

test("the least recently used entry makes room", () => {
  const vm = new Vm({ maps: [{ ...HASH, type: "BPF_MAP_TYPE_LRU_HASH" }] });
  const map = keyed(vm, "hash");
  for (const key of [1n, 2n, 3n]) expect(map.set(u64(key), u64(key))).toBe(0);
  map.get(u64(1n));
  expect(map.set(u64(4n), u64(4n))).toBe(0);
  expect(map.keys()).toEqual([u64(3n), u64(1n), u64(4n)]);
});

test("for_each_map_elem calls back for each entry until it is told to stop", () => {
  const vm = new Vm({ maps: [HASH] });
  for (const key of [1n, 2n, 3n]) keyed(vm, "hash").set(u64(key), u64(key * 10n));
  const sumUntil = (last: number) =>
    vm.run(
      program((a) => {
        a.storeImm("u64", FP, -8, 0);
        a.loadMap(R1, "hash");
        a.loadFunction(R2, "visit");
        pointer(a, R3, -8);
        a.movImm(R4, 0);
        a.call("bpf_for_each_map_elem");
        a.load("u64", R1, FP, -8);
        a.aluImm("*", R0, 1000);
        a.alu("+", R0, R1);
        a.exit();
        a.subprogram("visit", ["map", "key", "value", "context"]);
        a.load("u64", R5, R4, 0);
        a.load("u64", R3, R3, 0);
        a.alu("+", R5, R3);
        a.store("u64", R4, 0, R5);
        a.movImm(R0, 0);
        a.load("u64", R2, R2, 0);
        a.jumpIfImm("!=", R2, last, "end");
        a.movImm(R0, 1);
        a.label("end");
        a.exit();
      }),
    ).value;
  expect(sumUntil(0)).toBe(3060n);
  expect(sumUntil(2)).toBe(2030n);
});

test("samples are collected in the order of their submission", () => {
  const vm = new Vm({ maps: [RING] });
  const spec = program((a) => {
    for (const [value, helper] of [
      [1, "bpf_ringbuf_submit"],
      [2, "bpf_ringbuf_discard"],
      [3, "bpf_ringbuf_submit"],
    ] as const) {
      a.loadMap(R1, "ring");
      a.movImm(R2, 16);
      a.movImm(R3, 0);
      a.call("bpf_ringbuf_reserve");
      a.storeImm("u64", R0, 0, value);
      a.storeImm("u64", R0, 8, -1);
      a.mov(R1, R0);
      a.movImm(R2, 0);
      a.call(helper);
    }
    a.storeImm("u32", FP, -4, 5);
    a.loadMap(R1, "ring");
    pointer(a, R2, -4);
    a.movImm(R3, 4);
    a.movImm(R4, 0);
    a.call("bpf_ringbuf_output");
    a.loadMap(R1, "ring");
    a.movImm(R2, 0);
    a.call("bpf_ringbuf_query");
    a.exit();
  });
  // Three of 16 and one of 4 bytes, each with a header of 8.
  expect(vm.run(spec).value).toBe(3n * 24n + 16n);
  const ring = vm.map("ring");
  if (ring.kind !== "ring") return expect.fail("no ring");
  const samples = ring.drain();
  expect(samples.map((sample) => [sample.length, sample[0], sample[15]])).toEqual([
    [16, 1, 255],
    [16, 3, 255],
    [4, 5, undefined],
  ]);
  expect(ring.drain()).toEqual([]);
});

test("a full ring drops, and a sample must not be left or used again", () => {
  const reserve = (size: number, then: (a: Assembler) => void) => (a: Assembler) => {
    a.loadMap(R1, "ring");
    a.movImm(R2, size);
    a.movImm(R3, 0);
    a.call("bpf_ringbuf_reserve");
    then(a);
    a.exit();
  };
  expect(
    run(
      reserve(4089, () => {}),
      { maps: [RING] },
    ),
  ).toBe(0n);
  expect(() =>
    run(
      reserve(8, () => {}),
      { maps: [RING] },
    ),
  ).toThrow("a sample of ring is left reserved");
  const useAfterSubmit = reserve(8, (a) => {
    a.mov(R6, R0);
    a.mov(R1, R0);
    a.movImm(R2, 0);
    a.call("bpf_ringbuf_submit");
    a.load("u64", R0, R6, 0);
  });
  expect(() => run(useAfterSubmit, { maps: [RING] })).toThrow("test: instruction 8: read of 8 bytes at 0x");
});

test("probe_read copies, or clears and fails", () => {
  const vm = new Vm();
  vm.memory.place("inode", 0xffff_8880_0000_1000n, u64(0x1234n));
  vm.memory.place("buffer", 0x7fff_0000_1000n, u64(0x5678n), { space: "user" });
  const read = (helper: string, address: bigint) =>
    vm.run(
      program((a) => {
        a.storeImm("u64", FP, -8, -1);
        pointer(a, R1, -8);
        a.movImm(R2, 8);
        a.loadImm64(R3, address);
        a.call(helper);
        a.load("u64", R1, FP, -8);
        a.alu("+", R0, R1);
        a.exit();
      }),
    ).value;
  expect(read("bpf_probe_read_kernel", 0xffff_8880_0000_1000n)).toBe(0x1234n);
  expect(read("bpf_probe_read_user", 0x7fff_0000_1000n)).toBe(0x5678n);
  expect(read("bpf_probe_read", 0x7fff_0000_1000n)).toBe(0x5678n);
  for (const [helper, address, error] of [
    ["bpf_probe_read_kernel", 0x7fff_0000_1000n, -34n],
    ["bpf_probe_read_user", 0xffff_8880_0000_1000n, -14n],
    ["bpf_probe_read_kernel", 0xffff_8880_0000_1001n, -14n],
    ["bpf_probe_read_kernel", 0n, -34n],
    ["bpf_probe_read", 0n, -14n],
  ] as const) {
    expect(signed(read(helper, address))).toBe(error);
  }
});

test("kernel memory can be loaded from, user memory cannot", () => {
  const load = (address: bigint) => {
    const vm = new Vm();
    vm.memory.place("inode", 0xffff_8880_0000_1000n, u64(0x1234n));
    vm.memory.place("buffer", 0x7fff_0000_1000n, u64(0x5678n), { space: "user" });
    const spec = program((a) => {
      a.loadImm64(R1, address);
      a.load("u64", R0, R1, 0);
      a.exit();
    });
    return () => vm.run(spec).value;
  };
  expect(load(0xffff_8880_0000_1000n)()).toBe(0x1234n);
  expect(load(0x7fff_0000_1000n)).toThrow("read of 8 bytes at buffer+0 is out of bounds");
});

test("strings are read up to their end or the room there is", () => {
  const vm = new Vm();
  const text = Uint8Array.from("hello\0x", (char) => char.charCodeAt(0));
  vm.memory.place("text", 0x1000n, text, { space: "user" });
  const read = (address: bigint, size: number) => {
    const { value } = vm.run(
      program((a) => {
        a.storeImm("u64", FP, -8, -1);
        pointer(a, R1, -8);
        a.movImm(R2, size);
        a.loadImm64(R3, address);
        a.call("bpf_probe_read_user_str");
        a.mov(R6, R0);
        a.storeImm("u64", FP, -16, 0);
        a.load("u64", R0, FP, -8);
        a.aluImm("<<", R6, 56);
        a.jumpIfImm("s<", R6, 0, "end");
        a.loadImm64(R1, 0x00ff_ffff_ffff_ffffn);
        a.alu("&", R0, R1);
        a.alu("|", R0, R6);
        a.label("end");
        a.exit();
      }),
    );
    return value;
  };
  // The top byte is the length, the lower seven the buffer.
  expect(read(0x1000n, 8)).toBe(0x06_ff00_6f6c_6c65_68n);
  expect(read(0x1000n, 3)).toBe(0x03_ffff_ffff_00_6568n);
  expect(read(0x1005n, 8)).toBe(0x01_ffff_ffff_ffff00n);
  // No NUL before the end of what is there.
  expect(read(0x1006n, 8)).toBe(0n);
});

test("strncmp has the sign of the first difference", () => {
  const compare = (left: string, right: string) => {
    const vm = new Vm();
    vm.memory.place(
      "left",
      0xffff_0000_0000_1000n,
      Uint8Array.from(left, (char) => char.charCodeAt(0)),
    );
    vm.memory.place(
      "right",
      0xffff_0000_0000_2000n,
      Uint8Array.from(`${right}\0`, (char) => char.charCodeAt(0)),
    );
    const spec = program((a) => {
      a.loadImm64(R1, 0xffff_0000_0000_1000n);
      a.movImm(R2, left.length);
      a.loadImm64(R3, 0xffff_0000_0000_2000n);
      a.call("bpf_strncmp");
      a.exit();
    });
    return Math.sign(Number(signed(vm.run(spec).value)));
  };
  expect(compare("abc", "abc")).toBe(0);
  expect(compare("abc", "abcdef")).toBe(0);
  expect(compare("abd", "abc")).toBe(1);
  expect(compare("ab", "b")).toBe(-1);
  expect(compare("abc", "ab")).toBe(1);
});

test("the environment is what a program sees of the world", () => {
  const environment = {
    pid: 10,
    tid: 12,
    uid: 1000,
    gid: 100,
    comm: "a-rather-long-command",
    cpu: 3,
    cgroupId: 77n,
    attachCookie: 88n,
    functionAddress: 99n,
    monotonicNs: () => 5n,
    boottimeNs: () => 6n,
    random: () => 7,
  };
  const ask = (helper: string) =>
    run(
      (a) => {
        a.call(helper);
        a.exit();
      },
      { environment },
    );
  expect(ask("bpf_get_current_pid_tgid")).toBe((10n << 32n) | 12n);
  expect(ask("bpf_get_current_uid_gid")).toBe((100n << 32n) | 1000n);
  expect(ask("bpf_get_smp_processor_id")).toBe(3n);
  expect(ask("bpf_get_current_cgroup_id")).toBe(77n);
  expect(ask("bpf_get_attach_cookie")).toBe(88n);
  expect(ask("bpf_get_func_ip")).toBe(99n);
  expect(ask("bpf_ktime_get_ns")).toBe(5n);
  expect(ask("bpf_ktime_get_boot_ns")).toBe(6n);
  expect(ask("bpf_get_prandom_u32")).toBe(7n);
  const comm = run(
    (a) => {
      pointer(a, R1, -16);
      a.movImm(R2, 16);
      a.call("bpf_get_current_comm");
      a.load("u64", R0, FP, -8);
      a.exit();
    },
    { environment },
  );
  // "a-rather" "-long-c\0"
  expect(comm).toBe(0x00_63_2d_67_6e_6f_6c_2dn);
});

test("runs repeat themselves", () => {
  const write = (a: Assembler) => {
    a.call("bpf_get_prandom_u32");
    a.mov(R6, R0);
    a.call("bpf_ktime_get_ns");
    a.alu("*", R0, R6);
    a.exit();
  };
  expect(run(write)).toBe(run(write));
});

test("stacks get ids", () => {
  const stacks: MapSpec = {
    name: "stacks",
    type: "BPF_MAP_TYPE_STACK_TRACE",
    keySize: 4,
    valueSize: 24,
    maxEntries: 2,
  };
  const vm = new Vm({ maps: [stacks], environment: { kernelStack: [1n, 2n, 3n, 4n], userStack: [5n] } });
  const idOf = (flags: number) =>
    signed(
      vm.run(
        program((a) => {
          a.loadMap(R2, "stacks");
          a.movImm(R3, flags);
          a.call("bpf_get_stackid");
          a.exit();
        }),
      ).value,
    );
  expect([idOf(0), idOf(256), idOf(0), idOf(1), idOf(257)]).toEqual([0n, 1n, 0n, -17n, -14n]);
  const map = vm.map("stacks");
  expect(map.kind === "stacks" && [map.stack(0), map.stack(1)]).toEqual([[1n, 2n, 3n], [5n]]);
});

test("perf events are collected with their CPU", () => {
  const spec: MapSpec = {
    name: "perf",
    type: "BPF_MAP_TYPE_PERF_EVENT_ARRAY",
    keySize: 4,
    valueSize: 4,
    maxEntries: 4,
  };
  const vm = new Vm({ maps: [spec] });
  const output = program((a) => {
    a.storeImm("u32", FP, -4, 9);
    a.loadMap(R2, "perf");
    a.movImm(R3, -1, 32);
    pointer(a, R4, -4);
    a.movImm(R5, 4);
    a.call("bpf_perf_event_output");
    a.exit();
  });
  expect(vm.run(output, undefined, { cpu: 2 }).value).toBe(0n);
  const map = vm.map("perf");
  expect(map.kind === "perf" && map.drain()).toEqual([{ cpu: 2, bytes: Uint8Array.of(9, 0, 0, 0) }]);
});

test("lines go to the trace pipe", () => {
  const vm = new Vm();
  const format = Uint8Array.from("%d %x %s\0", (char) => char.charCodeAt(0));
  vm.memory.place("format", 0xffff_0000_0000_1000n, format);
  vm.memory.place(
    "text",
    0xffff_0000_0000_2000n,
    Uint8Array.from("done\0", (char) => char.charCodeAt(0)),
  );
  vm.run(
    program((a) => {
      a.loadImm64(R1, 0xffff_0000_0000_1000n);
      a.movImm(R2, format.length);
      a.movImm(R3, -1);
      a.movImm(R4, 255);
      a.loadImm64(R5, 0xffff_0000_0000_2000n);
      a.call("bpf_trace_printk");
      a.exit();
    }),
  );
  expect(vm.traceLines).toEqual(["-1 ff done"]);
});
