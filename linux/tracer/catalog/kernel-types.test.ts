import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BtfWriter } from "@beetrace/bytecode";
import { CatalogError } from "@beetrace/compiler/target";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KernelTypes } from "./kernel-types.ts";

describe("types of a file, in place of the kernel's", () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const typesOf = (name: string) => new KernelTypes(undefined, file(name));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "beetrace-types-"));
    const writer = new BtfWriter();
    const int = writer.add({ kind: "int", name: "int", size: 4, bits: 32, signed: true, bool: false, char: false });
    writer.add({ kind: "struct", name: "only_here", size: 4, members: [{ name: "a", type: int, bitOffset: 0 }] });
    writeFileSync(file("raw.btf"), writer.encode());
    writeFileSync(file("text"), "no types at all");
    execFileSync("objcopy", ["--add-section", `.BTF=${file("raw.btf")}`, "/bin/true", file("with-section")]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(["raw.btf", "with-section"])("%s", (name) => {
    const types = typesOf(name);
    expect([...types.names("struct")]).toEqual([{ name: "only_here", module: "vmlinux" }]);
    expect(types.vmlinux?.findType("struct", "only_here")).toBe(2);
    expect(types.of("ext4")).toBeUndefined();
    expect(types.modules).toEqual([]);
  });

  test.each([
    ["text", /^BPFTRACE_BTF: no types can be read from \S+text: BTF: /],
    ["missing", /^BPFTRACE_BTF: no types can be read from \S+missing: ENOENT/],
  ])("%s is refused", (name, message) => {
    expect(() => typesOf(name).vmlinux).toThrow(CatalogError);
    expect(() => typesOf(name).vmlinux).toThrow(message);
  });

  test("a program without types is refused", () => {
    expect(() => new KernelTypes(undefined, "/bin/true").vmlinux).toThrow(
      "BPFTRACE_BTF: /bin/true has no section .BTF",
    );
  });
});
