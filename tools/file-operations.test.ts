import { expect, test } from "vitest";
import { operationScript } from "./file-operations.ts";
import { FILE_SYSTEMS } from "./file-systems.ts";
import type { Machine } from "./tool.ts";

const EXT4 = { ...FILE_SYSTEMS.ext4, types: ["proc"] };

/** A machine whose functions can be traced in one of these ways. */
function machine(kprobes: readonly string[], fentry: readonly string[]): Machine {
  const answers: Partial<Machine> = {
    hasKprobe: (name) => kprobes.includes(name),
    hasFentry: (name) => fentry.includes(name),
    parameters: (name) => (name === "ext4_file_open" ? ["inode", "filp"] : ["iocb", "to"]),
  };
  return answers as Machine;
}

const probes = (on: Machine) =>
  operationScript("file-latency.bt", "@begun, @latency", EXT4, ["read", "open"], on)
    .script.split("\n")
    .filter((line) => /^(kret)?(kprobe|probe|fentry|fexit|tracepoint):|^ {2}begins_|^ {2}ends\(/.test(line));

test("functions by BTF, their parameters by name", () => {
  expect(probes(machine([], ["ext4_file_read_iter", "ext4_file_open"]))).toEqual([
    "fentry:ext4_file_read_iter",
    "  begins_io(@begun, 0, args.iocb);",
    "fexit:ext4_file_read_iter",
    "  ends(@begun, @latency, 0, retval);",
    "fentry:ext4_file_open",
    "  begins_file(@begun, 2, args.filp);",
    "fexit:ext4_file_open",
    "  ends(@begun, @latency, 2, retval);",
  ]);
});

test("else by breakpoints, also where BTF has only some of them", () => {
  const both = ["ext4_file_read_iter", "ext4_file_open"];
  expect(probes(machine(both, ["ext4_file_open"]))).toEqual([
    "kprobe:ext4_file_read_iter",
    "  begins_io(@begun, 0, (struct kiocb *)arg0);",
    "kretprobe:ext4_file_read_iter",
    "  ends(@begun, @latency, 0, retval);",
    "kprobe:ext4_file_open",
    "  begins_file(@begun, 2, (struct file *)arg1);",
    "kretprobe:ext4_file_open",
    "  ends(@begun, @latency, 2, retval);",
  ]);
});

test("else system calls, which it says", () => {
  const plan = operationScript("file-latency.bt", "@begun, @latency", EXT4, ["read"], machine([], []));
  expect(plan.script).toContain("tracepoint:syscalls:sys_enter_pread64");
  expect(plan.script).not.toContain("@MAPS");
  expect(plan.params).toEqual({ magic: 0xef53 });
  expect(plan.notice).toBe(
    "Neither fentry nor kprobes here: timing system calls on files of ext4, see the tool's README.",
  );
});

test("a file system that the kernel does not know", () => {
  const none = { ...FILE_SYSTEMS.zfs, types: ["no_such_type"] };
  expect(() => operationScript("file-latency.bt", "@begun", none, ["read"], machine([], []))).toThrow(
    "the kernel has no ZFS now",
  );
});
