import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BootCache } from "./boot-cache.ts";
import { decodeKernelSymbols, encodeKernelSymbols } from "./kernel-symbol-file.ts";
import { parseKallsyms } from "./kernel-symbol-table.ts";
import { KernelSymbols, KernelSymbolsError } from "./kernel-symbols.ts";

const TEXT = [
  "0000000000000000 A fixed_percpu_data",
  "ffffffff81000000 T _stext",
  "ffffffff81000000 T _text",
  "ffffffff81000100 t helper",
  "ffffffff81000200 W weak_one",
  "ffffffff81000300 t helper",
  "ffffffff82000000 D table",
  "ffffffffc0200000 t nf_hook\t[nf_tables]",
  "ffffffffc0100000 t kvm_init\t[kvm]",
  "ffffffffc0100040 t helper\t[kvm]",
  "ffffffffc0300000 t bpf_prog_6deef7357e7b4530\t[bpf]",
  "",
].join("\n");

const symbols = () => KernelSymbols.parse(Buffer.from(TEXT, "latin1"));

describe("KernelSymbols", () => {
  it("finds addresses by name", () => {
    expect(symbols().addressOf("weak_one")).toBe(0xffffffff81000200n);
    expect(symbols().addressOf("table")).toBe(0xffffffff82000000n);
    expect(symbols().addressOf("absent")).toBeUndefined();
  });

  it("tells symbols of one name apart by module", () => {
    expect(symbols().findAll("helper")).toEqual([
      { name: "helper", address: 0xffffffff81000100n, isCode: true, module: undefined },
      { name: "helper", address: 0xffffffff81000300n, isCode: true, module: undefined },
      { name: "helper", address: 0xffffffffc0100040n, isCode: true, module: "kvm" },
    ]);
    expect(symbols().addressOf("helper", "kvm")).toBe(0xffffffffc0100040n);
    expect(symbols().addressOf("helper", "vmlinux")).toBe(0xffffffff81000100n);
    expect(symbols().addressOf("nf_hook", "vmlinux")).toBeUndefined();
  });

  it.each([
    [0xffffffff81000000n, "_stext", 0, undefined],
    [0xffffffff810000ffn, "_stext", 0xff, undefined],
    [0xffffffff81000301n, "helper", 1, undefined],
    [0xffffffff82000010n, "table", 16, undefined],
    [0xffffffffc0100041n, "helper", 1, "kvm"],
    [0xffffffffc0200004n, "nf_hook", 4, "nf_tables"],
    [-1n << 12n, undefined, 0, undefined],
    [0xffffffff80ffffffn, undefined, 0, undefined],
    [0x1000n, undefined, 0, undefined],
  ])("names %d", (address, name, offset, module) => {
    const found = symbols().lookup(address);
    expect(found).toEqual(name === undefined ? undefined : { name, offset, module });
  });

  it("lists code only", () => {
    expect([...symbols().functionNames()]).toEqual([
      "_stext",
      "_text",
      "helper",
      "weak_one",
      "helper",
      "kvm_init",
      "helper",
      "nf_hook",
      "bpf_prog_6deef7357e7b4530",
    ]);
  });

  it("skips lines that are none", () => {
    const text = "rubbish\nffffffff81000000 T a\nffffffff8100000g T b\nffffffff81000010 T \n\nffffffff81000020 T c";
    expect([...KernelSymbols.parse(Buffer.from(text)).functionNames()]).toEqual(["a", "c"]);
  });

  it("grows beyond its first guess", () => {
    const lines = Array.from(
      { length: 300 },
      (_, index) => `${(0xffffffff81000000n + BigInt(index)).toString(16)} t f`,
    );
    expect(KernelSymbols.parse(Buffer.from(lines.join("\n"))).findAll("f")).toHaveLength(300);
  });
});

describe("the table on disk", () => {
  it("comes back equal", () => {
    const table = parseKallsyms(Buffer.from(TEXT, "latin1"));
    expect(decodeKernelSymbols(encodeKernelSymbols(table))).toEqual(table);
    const shifted = Buffer.concat([Buffer.alloc(3), encodeKernelSymbols(table)]).subarray(3);
    expect(decodeKernelSymbols(shifted)).toEqual(table);
  });

  it("is refused when damaged", () => {
    const bytes = encodeKernelSymbols(parseKallsyms(Buffer.from(TEXT, "latin1")));
    expect(decodeKernelSymbols(bytes.subarray(0, bytes.length - 1))).toBeUndefined();
    expect(decodeKernelSymbols(bytes.subarray(0, 10))).toBeUndefined();
    expect(decodeKernelSymbols(Buffer.concat([Buffer.from([1]), bytes.subarray(1)]))).toBeUndefined();
  });
});

describe("KernelSymbols.load", () => {
  let directory: string;
  let kept: Map<string, Uint8Array>;
  let cache: BootCache;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kallsyms-"));
    kept = new Map();
    cache = {
      read: (kind, key) => kept.get(`${kind} ${key}`),
      write: (kind, key, bytes) => void kept.set(`${kind} ${key}`, bytes),
    };
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const load = (text: string, modules = "") => {
    const options = { path: join(directory, "kallsyms"), modulesPath: join(directory, "modules"), cache };
    writeFileSync(options.path, text);
    writeFileSync(options.modulesPath, modules);
    return KernelSymbols.load(options);
  };

  it("uses what was kept for the same modules", () => {
    load(TEXT, "kvm 4096 1 - Live 0xffffffffc0100000\n");
    const again = load("", "kvm 4096 7 - Live 0xffffffffc0100000\n");
    expect(again.addressOf("weak_one")).toBe(0xffffffff81000200n);
    expect(kept.size).toBe(1);
    expect(() => load("", "xfs 4096 7 - Live 0xffffffffc0200000\n")).toThrow(KernelSymbolsError);
  });

  it("reads again when an address is far from what was kept", () => {
    load(TEXT);
    const later = load(`${TEXT}ffffffffc0700000 t bpf_prog_new\t[bpf]\n`);
    expect(later.addressOf("bpf_prog_new")).toBeUndefined();
    expect(later.lookup(0xffffffffc0700004n)).toEqual({ name: "bpf_prog_new", offset: 4, module: "bpf" });
  });

  it("says what to do about hidden addresses", () => {
    const hidden = () => load("0000000000000000 T _stext\n0000000000000000 T vfs_read\n");
    expect(hidden).toThrow(/hides the kernel's addresses/);
    expect(kept.size).toBe(0);
    try {
      hidden();
    } catch (error) {
      expect(error).toHaveProperty("remedy", expect.stringContaining("kernel.kptr_restrict"));
    }
  });

  it("says when there is no kallsyms", () => {
    expect(() => KernelSymbols.load({ path: join(directory, "none"), cache })).toThrow(KernelSymbolsError);
  });
});
