import { Vm, type VmMachine } from "@beetrace/bytecode";
import { ByteReader } from "@beetrace/std";
import { expect, it } from "vitest";
import { compiled, errorsOf } from "../testing/index.ts";

const errors = (body: string) => errorsOf(`rawtracepoint:sched_switch { ${body} }`, { unsafe: true });

it("what it takes and gives is what the kernel's BTF says", () => {
  expect(errors("$t = bpf_task_from_pid(7); if ($t != 0) { print($t.comm); bpf_task_release($t); }")).toEqual([]);
  expect(errors("bpf_task_from_pid();")).toEqual(["bpf_task_from_pid() takes (pid: int32): 0 given"]);
  expect(errors('bpf_task_from_pid("7");')).toEqual(["bpf_task_from_pid(): pid is 'int32', not 'string[2]'"]);
  expect(errors("bpf_task_from_pid(curtask);")).toEqual([
    "bpf_task_from_pid(): pid is 'int32', not 'struct task_struct *'",
  ]);
  expect(errors("$x = bpf_task_release(curtask);")).toEqual(["Value 'none' cannot be assigned to a scratch variable"]);
});

it("a name that nobody has is nobody's", () => {
  expect(errors("bpf_task_from_pd(7);")).toEqual(["Unknown function: 'bpf_task_from_pd'"]);
});

it("what it changes is its own affair", () => {
  expect(errorsOf("begin { bpf_task_from_pid(7); }")).toEqual([
    "bpf_task_from_pid() is unsafe. To use you need the --unsafe flag",
  ]);
});

it("a probe whose programs may not call it is told", () => {
  const features = { kfunc: (_name: string, type?: string) => type !== "BPF_PROG_TYPE_KPROBE" } as never;
  const said = errorsOf("kprobe:vfs_read { bpf_strlen(comm); }", { unsafe: true, target: { features } });
  expect(said).toContain("bpf_strlen is a function of the kernel that kprobe probes cannot call");
});

it("numbers go by value, what is in memory by its address; a narrow result is cut", () => {
  const script = compiled('begin { @a = (int64)bpf_strlen("abc"); @b = (int64)bpf_task_under_cgroup(curtask); }', {
    unsafe: true,
  });
  const texts: string[] = [];
  const kfuncs = {
    bpf_strlen: ({ memory }: VmMachine, text: bigint) => {
      texts.push(Buffer.from(memory.read(text, 4)).toString());
      return 0x1234_5678_ffff_fffen;
    },
    bpf_task_under_cgroup: () => 0xabcd_ef01n,
  };
  const vm = new Vm({ maps: script.collection.maps, cpus: 1, kfuncs });
  vm.run(script.collection.programs[0]);
  const value = (name: string) => {
    const kernel = vm.map(script.maps.find(({ layout }) => layout.name === name)!.map);
    const bytes = kernel.kind === "keyed" ? kernel.get(new Uint8Array(4)) : undefined;
    return BigInt.asIntN(64, new ByteReader(bytes!, true, 0).u64());
  };
  expect(texts).toEqual(["abc\0"]);
  expect(value("@a")).toBe(-2n);
  expect(value("@b")).toBe(1n);
});
