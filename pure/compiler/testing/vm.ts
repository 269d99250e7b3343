import { Vm, type VmOptions } from "@beetrace/bytecode";
import { invariant } from "@beetrace/std";
import { testKernelTypes } from "./kernel-types.ts";

const TASK = 0xffff_8880_0000_0000n;

/** A VM whose current task is a struct task_struct of {@link testKernelTypes}, with the name that the environment has. */
export function testVm(options: VmOptions): Vm {
  const vm = new Vm({ ...options, environment: { ...options.environment, currentTask: TASK } });
  const types = testKernelTypes();
  const struct = types.type(types.findType("struct", "task_struct") ?? 0);
  invariant(struct.kind === "struct", "the types of tests have a task");
  const comm = struct.members.find(({ name }) => name === "comm");
  const bytes = new Uint8Array(struct.size);
  const name = Uint8Array.from(vm.environment.comm, (character) => character.charCodeAt(0));
  bytes.set(name, (comm?.bitOffset ?? 0) / 8);
  vm.memory.place("task", TASK, bytes);
  return vm;
}
