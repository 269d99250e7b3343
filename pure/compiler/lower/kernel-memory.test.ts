import { expect, it } from "vitest";
import { Facts } from "../facts.ts";
import { irOf, type TestOptions, testTarget } from "../testing/index.ts";

const CHAIN = "kprobe:vfs_read { @ = ((struct file *)arg0).f_inode.i_ino; }";

/** How often the IR of a script casts and copies. */
function reads(script: string, options: TestOptions = {}) {
  const ir = irOf(script, options);
  const count = (name: string) => ir.split(name).length - 1;
  return { casts: count("bpf_rdonly_cast"), copies: count("probe_read_kernel") };
}

it("what a pointer points to is loaded once its type is said", () => {
  expect(reads(CHAIN)).toEqual({ casts: 2, copies: 0 });
  expect(irOf(CHAIN)).toContain("id of struct inode");
});

it("a pointer is cast once, however many fields are read", () => {
  const script =
    "kprobe:vfs_read { $f = (struct file *)arg0; @ = $f.f_pos; @b = $f.f_inode.i_ino; @c = $f.f_inode.i_size; }";
  expect(reads(script)).toEqual({ casts: 3, copies: 0 }); // the inode is asked for twice
});

it("without the function of the kernel it is copied", () => {
  const features = { ...testTarget().features, kfunc: () => false };
  expect(reads(CHAIN, { target: { features } })).toEqual({ casts: 0, copies: 2 });
});

it.each<[string, TestOptions]>([
  ["reads that fail are counted", { countFailedReads: true }],
  ["the programs are for other machines too", { facts: new Facts() }],
  ["the verifier has refused it", { kernelReads: "helper" }],
])("and where %s", (_why, options) => {
  expect(reads(CHAIN, options)).toEqual({ casts: 0, copies: 2 });
});

it("a struct of the script is not the kernel's", () => {
  const script = `struct file { uint64 x; } kprobe:vfs_read { @ = ((struct file *)arg0).x; }`;
  expect(reads(script)).toEqual({ casts: 0, copies: 1 });
});

it("arguments whose type the verifier knows are loaded, unless it has refused that", () => {
  const script = "fentry:vfs_read { @ = args.file.f_inode.i_ino; @b = (uint64)args.file & 7; }";
  expect(reads(script)).toEqual({ casts: 0, copies: 0 });
  expect(reads(script, { kernelReads: "helper" })).toEqual({ casts: 0, copies: 3 });
});
