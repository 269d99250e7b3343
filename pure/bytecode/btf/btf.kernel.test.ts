import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Btf } from "./btf.ts";
import { decodeBtfIndex, encodeBtfIndex } from "./btf-index.ts";
import { printCType } from "./print-c.ts";
import type { BtfNamedKind } from "./type.ts";

const bytes = readFileSync("/sys/kernel/btf/vmlinux");
const btf = Btf.parse(bytes);
const bpftool = ["/usr/sbin/bpftool", "/usr/bin/bpftool"].find((path) => existsSync(path));

test("the running kernel's types can all be read", () => {
  expect(btf.typeCount).toBeGreaterThan(50_000);
  const kinds = new Map<string, number>();
  for (let id = 1; id < btf.typeCount; id++) {
    const { kind } = btf.type(id);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    btf.sizeOf(id);
  }
  for (const kind of ["struct", "union", "enum", "typedef", "func", "func_proto", "ptr", "array", "int", "const"]) {
    expect(kinds.get(kind), kind).toBeGreaterThan(0);
  }
});

test("what every kernel has is found", () => {
  const task = btf.findType("struct", "task_struct");
  expect(task).toBeGreaterThan(0);
  const type = btf.type(task!);
  expect(type.kind === "struct" && type.members.some((member) => member.name === "comm")).toBe(true);
  expect(btf.findEnumConstant("BPF_PROG_TYPE_KPROBE")?.value).toBe(2n);
  expect(btf.findEnumConstant("TCP_ESTABLISHED")?.value).toBe(1n);
  expect(btf.findType("func", "vfs_read")).toBeGreaterThan(0);
});

test("each name in a listing is found, also by an index that was kept", () => {
  const again = Btf.parse(bytes, { index: decodeBtfIndex(encodeBtfIndex(btf.index)) });
  for (const kind of ["struct", "union", "enum", "typedef", "int", "func"] as const) {
    for (const name of again.names(kind)) {
      const id = again.findType(kind, name);
      const type = id === undefined ? undefined : again.type(id);
      if (type === undefined || type.kind !== kind || type.name !== name) expect.fail(`${kind} ${name} is not found`);
    }
  }
});

/** Whole definitions in bpftool's output, without those whose names it had to make unique (`x___2`). */
function* definitions(text: string): Generator<{ kind: BtfNamedKind; name: string; text: string }> {
  const pattern = /^(struct|union|enum) (\w+) \{(?:\n[\s\S]*?^)?\}.*;$|^typedef [^;{]*?(\w+)(?:\)\(.*\)|\[\d+\])*;$/gm;
  for (const [whole, kind, name, typedef] of text.matchAll(pattern)) {
    if (/___\d/.test(whole)) continue;
    yield { kind: (kind ?? "typedef") as BtfNamedKind, name: name ?? typedef, text: whole };
  }
}

test.skipIf(bpftool === undefined)("definitions are printed as bpftool prints them", () => {
  const args = ["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "c"];
  const text = execFileSync(bpftool!, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  let compared = 0;
  for (const definition of definitions(text)) {
    const id = btf.findType(definition.kind, definition.name);
    if (id === undefined) continue;
    expect(printCType(btf, id)).toBe(definition.text);
    compared++;
  }
  expect(compared).toBeGreaterThan(5000);
});
