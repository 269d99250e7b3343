import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { headerReader } from "./header-files.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "headers-"));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("scripts/own.h", "own");
  write("first/x.h", "first x");
  write("second/x.h", "second x");
  write("second/sub/y.h", "y");
  write("second/sub/own.h", "the second's own");
  write("tree/arch/x86/include/asm/z.h", "asm");
  write("tree/include/linux/kconfig.h", "config");
});
afterAll(() => rmSync(root, { recursive: true }));

function reader() {
  return headerReader({
    arch: "x86_64",
    includeDirs: [join(root, "first"), join(root, "second")],
    scriptPath: join(root, "scripts/s.bt"),
    environment: { BPFTRACE_KERNEL_SOURCE: join(root, "tree"), BPFTRACE_KERNEL_BUILD: join(root, "none") },
  });
}

it("looks beside the file that includes, then in the folders of -I in their order", () => {
  const read = reader();
  expect(read("own.h", false, undefined)?.text).toBe("own");
  expect(read("own.h", true, undefined)).toBeUndefined();
  expect(read("x.h", true, undefined)?.text).toBe("first x");
  expect(read("own.h", false, join(root, "second/sub/y.h"))?.text).toBe("the second's own");
  expect(read(join(root, "second/x.h"), false, undefined)?.text).toBe("second x");
});

it("looks in the tree of a kernel that the environment names", () => {
  const read = reader();
  expect(read("asm/z.h", true, undefined)).toEqual({ path: join(root, "tree/arch/x86/include/asm/z.h"), text: "asm" });
  expect(read("linux/kconfig.h", true, undefined)?.text).toBe("config");
});

it("takes a folder for no header", () => expect(reader()("sub", true, undefined)).toBeUndefined());
