import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelSymbols } from "@beetrace/ebpf/symbols";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KernelFunctions, parseBlacklist, parseFilterFunctions, parseReplaceable } from "./kernel-functions.ts";

const FILTER = [
  "vfs_read",
  "vfs_write",
  "rcu_read",
  "default_idle",
  "cut.part.0",
  "kvm_init [kvm]",
  "vfs_read [weird]",
  "",
].join("\n");
const KALLSYMS = [
  "ffffffff81000000 T vfs_read",
  "ffffffff81000010 t vfs_only_symbol",
  "ffffffff81000020 D vfs_table",
  "ffffffff81000030 T rcu_read",
  "ffffffff81000040 T vfs_forbidden",
  "ffffffff81000050 T vfs_read",
  "ffffffffc0100000 t vfs_in_module\t[kvm]",
  "ffffffffc0200000 t vfs_bpf_prog\t[bpf]",
].join("\n");

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kernel-functions-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const names = (found: readonly { name: string; module: string }[]) =>
  found.map((entry) => `${entry.module}:${entry.name}`);
const unread = () => {
  throw new Error("not needed");
};

describe("with available_filter_functions", () => {
  const catalog = () => {
    writeFileSync(join(directory, "available_filter_functions"), FILTER);
    return new KernelFunctions({ tracefsRoot: () => directory, symbols: unread, hasBtf: unread });
  };

  it("matches names and modules, sorted, without what must not be traced", () => {
    expect(names(catalog().matching("*"))).toEqual([
      "kvm:kvm_init",
      "vmlinux:vfs_read",
      "weird:vfs_read",
      "vmlinux:vfs_write",
    ]);
    expect(names(catalog().matching("vfs_*", "vmlinux"))).toEqual(["vmlinux:vfs_read", "vmlinux:vfs_write"]);
    expect(names(catalog().matching("*", "kv*"))).toEqual(["kvm:kvm_init"]);
    expect(catalog().matching("nothing*")).toEqual([]);
  });
});

describe("without it", () => {
  const catalog = (described?: readonly string[]) => {
    mkdirSync(join(directory, "kprobes"), { recursive: true });
    const blacklistPath = join(directory, "kprobes", "blacklist");
    writeFileSync(blacklistPath, "0xffffffff81000040-0xffffffff81000050\tvfs_forbidden\n");
    return new KernelFunctions({
      tracefsRoot: () => directory,
      symbols: () => KernelSymbols.parse(Buffer.from(KALLSYMS)),
      hasBtf: () => described && ((name) => described.includes(name)),
      blacklistPath,
    });
  };

  it("takes code that BTF describes, and that of modules", () => {
    expect(names(catalog(["vfs_read", "vfs_forbidden", "rcu_read"]).matching("vfs_*"))).toEqual([
      "kvm:vfs_in_module",
      "vmlinux:vfs_read",
    ]);
  });

  it("takes all code where there is no BTF", () => {
    expect(names(catalog().matching("vfs_*"))).toEqual([
      "kvm:vfs_in_module",
      "vmlinux:vfs_only_symbol",
      "vmlinux:vfs_read",
    ]);
  });

  it("finds one name by the symbols alone", () => {
    expect(names(catalog([]).named("vfs_read"))).toEqual(["vmlinux:vfs_read"]);
    expect(names(catalog([]).named("rcu_read"))).toEqual(["vmlinux:rcu_read"]);
    expect(names(catalog([]).named("vfs_in_module", "kvm"))).toEqual(["kvm:vfs_in_module"]);
    expect(catalog([]).named("vfs_in_module", "vmlinux")).toEqual([]);
    expect(catalog([]).named("vfs_table")).toEqual([]);
    expect(catalog([]).named("vfs_forbidden")).toEqual([]);
    expect(catalog([]).isBlacklisted("vfs_forbidden")).toBe(true);
  });
});

it("parses the kernel's lists", () => {
  expect(parseFilterFunctions("a\nb [m]\n")).toEqual([
    { name: "a", module: "vmlinux" },
    { name: "b", module: "m" },
  ]);
  expect([...parseBlacklist("0x1-0x2\ta\n0x3-0x4\tb\nodd\n")]).toEqual(["a", "b"]);
  const replaceable = "should_failslab+0x0/0x30\tERRNO\nopen_ctree+0x0/0x1bd0 [btrfs]\tERRNO\n";
  expect([...parseReplaceable(replaceable)]).toEqual(["should_failslab", "open_ctree"]);
});
