/** A kernel's types, small enough to read: what tests of the compiler need of a vmlinux. */
import { Btf, type BtfMember, type BtfParam, BtfWriter } from "@beetrace/bytecode";

/** The ids of types that others are made from. */
interface Scalars {
  readonly char: number;
  readonly bool: number;
  readonly int: number;
  readonly uint: number;
  readonly long: number;
  readonly ulong: number;
}

/** Members one after the other at their natural alignment; sizes in bytes. */
type Sketch = readonly (readonly [name: string, type: number, sizeBytes: number, alignBytes?: number])[];

class TypesOfTests {
  readonly writer = new BtfWriter();
  readonly scalars: Scalars;

  constructor() {
    const int = (name: string, size: number, signed: boolean, extra: { bool?: boolean; char?: boolean } = {}) =>
      this.writer.add({
        kind: "int",
        name,
        size,
        bits: size * 8,
        signed,
        bool: extra.bool ?? false,
        char: extra.char ?? false,
      });
    this.scalars = {
      char: int("char", 1, true, { char: true }),
      bool: int("_Bool", 1, false, { bool: true }),
      int: int("int", 4, true),
      uint: int("unsigned int", 4, false),
      long: int("long int", 8, true),
      ulong: int("long unsigned int", 8, false),
    };
  }

  pointer(to: number): number {
    return this.writer.add({ kind: "ptr", to });
  }

  array(element: number, count: number): number {
    return this.writer.add({ kind: "array", element, index: this.scalars.uint, count });
  }

  typedef(name: string, type: number): number {
    return this.writer.add({ kind: "typedef", name, type });
  }

  struct(name: string, sketch: Sketch, bitfields: readonly BtfMember[] = []): number {
    let at = 0;
    const members = sketch.map(([member, type, sizeBytes, alignBytes = sizeBytes]): BtfMember => {
      const offset = Math.ceil(at / alignBytes) * alignBytes;
      at = offset + sizeBytes;
      return { name: member, type, bitOffset: offset * 8 };
    });
    const size = Math.ceil((at + (bitfields.length > 0 ? 4 : 0)) / 8) * 8;
    return this.writer.add({ kind: "struct", name, size, members: [...members, ...bitfields] });
  }

  function(name: string, params: readonly BtfParam[], result: number): void {
    const proto = this.writer.add({ kind: "func_proto", result, params, variadic: false });
    this.writer.add({ kind: "func", name, proto, linkage: "static" });
  }
}

/**
 * struct task_struct and its like, a few functions (`vfs_read`, `do_exit`, one with seven arguments, one that takes a
 * struct by value, and four that programs may call), enum tcp_state, the raw tracepoint sched_switch, the iterator over tasks.
 */
export function testKernelTypes(): Btf {
  const t = new TypesOfTests();
  const task = addTasks(t);
  addFunctions(t, task);
  addTracepoints(t, task);
  const constants = [
    ["TCP_ESTABLISHED", 1n],
    ["TCP_SYN_SENT", 2n],
    ["TCP_CLOSE", 7n],
  ] as const;
  t.writer.add({
    kind: "enum",
    name: "tcp_state",
    size: 4,
    signed: false,
    constants: constants.map(([name, value]) => ({ name, value })),
  });
  return Btf.parse(t.writer.encode());
}

/** struct task_struct points to itself: its pointer comes first, to an id that is known beforehand. */
function addTasks(t: TypesOfTests): number {
  const { char, int, uint, ulong } = t.scalars;
  const threadInfo = t.struct("thread_info", [
    ["flags", ulong, 8],
    ["syscall_work", ulong, 8],
    ["status", uint, 4],
    ["cpu", uint, 4],
  ]);
  const pid = t.typedef("pid_t", int);
  const comm = t.array(char, 16);
  const counts = t.array(ulong, 4);
  const pointer = t.pointer(t.writer.nextId + 1);
  const task = t.struct(
    "task_struct",
    [
      ["thread_info", threadInfo, 24, 8],
      ["__state", uint, 4],
      ["pid", pid, 4],
      ["tgid", pid, 4],
      ["real_parent", pointer, 8],
      ["parent", pointer, 8],
      ["group_leader", pointer, 8],
      ["comm", comm, 16, 1],
      ["counts", counts, 32, 8],
    ],
    [
      { name: "sched_reset", type: uint, bitOffset: 128 * 8, bitfieldSize: 1 },
      { name: "sched_class", type: uint, bitOffset: 128 * 8 + 1, bitfieldSize: 3 },
    ],
  );
  t.struct("bpf_iter__task", [
    ["meta", pointer, 8],
    ["task", pointer, 8],
  ]);
  return task;
}

function addFunctions(t: TypesOfTests, task: number): void {
  const { bool, char, int, long, ulong } = t.scalars;
  const size = t.typedef("size_t", ulong);
  const offset = t.typedef("loff_t", long);
  const user = t.pointer(t.writer.add({ kind: "type_tag", name: "user", type: char }));
  const path = t.struct("path", [
    ["mnt", t.pointer(0), 8],
    ["dentry", t.pointer(0), 8],
  ]);
  const inode = t.pointer(
    t.struct("inode", [
      ["i_ino", ulong, 8],
      ["i_size", offset, 8],
    ]),
  );
  const file = t.pointer(
    t.struct("file", [
      ["f_pos", offset, 8],
      ["f_path", path, 16, 8],
      ["f_inode", inode, 8],
    ]),
  );
  t.struct("vm_area_struct", [
    ["vm_start", ulong, 8],
    ["vm_end", ulong, 8],
    ["vm_pgoff", ulong, 8],
    ["vm_file", file, 8],
  ]);
  const read = [
    ["file", file],
    ["buf", user],
    ["count", size],
    ["pos", t.pointer(offset)],
  ] as const;
  t.function(
    "vfs_read",
    read.map(([name, type]) => ({ name, type })),
    t.typedef("ssize_t", long),
  );
  t.function("do_exit", [{ name: "code", type: long }], 0);
  t.function("wake_up_new_task", [{ name: "p", type: t.pointer(task) }], 0);
  t.function("takes_struct", [{ name: "path", type: path }], int);
  t.function(
    "takes_seven",
    Array.from({ length: 7 }, (_, index) => ({ name: `a${index}`, type: int })),
    int,
  );
  t.function("bpf_task_from_pid", [{ name: "pid", type: int }], t.pointer(task));
  t.function("bpf_task_release", [{ name: "p", type: t.pointer(task) }], 0);
  t.function("bpf_strlen", [{ name: "s__ign", type: t.pointer(char) }], int);
  t.function("bpf_task_under_cgroup", [{ name: "task", type: t.pointer(task) }], bool);
}

/** A tracepoint's type names no parameters; the stub does. The first is the kernel's own. */
function addTracepoints(t: TypesOfTests, task: number): void {
  const { bool, uint } = t.scalars;
  const pointer = t.pointer(task);
  const data = t.pointer(0);
  const types = [data, bool, pointer, pointer, uint];
  const names = ["__data", "preempt", "prev", "next", "prev_state"];
  const proto = t.writer.add({
    kind: "func_proto",
    result: 0,
    params: types.map((type) => ({ name: "", type })),
    variadic: false,
  });
  t.typedef("btf_trace_sched_switch", t.pointer(proto));
  t.function(
    "__probestub_sched_switch",
    types.map((type, index) => ({ name: names[index], type })),
    0,
  );
}
