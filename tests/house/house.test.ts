import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withRepository } from "../../scripts/house/repository.mjs";
import { RULES } from "../../scripts/house/rules.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const violationsUnder = (root: string): Map<string, readonly string[]> =>
  withRepository(
    root,
    (repository) => new Map(Object.entries(RULES).map(([name, rule]) => [name, [...rule(repository)]])),
  );

describe("this repository", () => {
  let violations: Map<string, readonly string[]>;
  beforeAll(() => {
    violations = violationsUnder(ROOT);
  }, 30_000);
  test.each(Object.keys(RULES))("%s", (rule) => {
    expect(violations.get(rule)).toEqual([]);
  });
});

const LONG_FUNCTION = `function long(): void {\n${"  long();\n".repeat(70)}}\n`;
const PLANTED: Readonly<Record<string, string>> = {
  "pure/std/upward.ts": 'import { disassemble } from "@beetrace/bytecode";\ndisassemble([]);\n',
  "pure/std/sideways.ts": 'import type { Link } from "../../linux/ebpf/link/link.ts";\ntype Kept = Link;\n',
  "pure/std/clock.ts": 'import { hrtime } from "node:process";\nhrtime();\n',
  "linux/ebpf/unknown.ts": 'await import("left-pad");\n',
  "linux/tracer/native.ts": 'import { createRequire } from "node:module";\ncreateRequire("/")("koffi");\n',
  "linux/ebpf/open.ts": 'process.dlopen(module, "x.node");\n',
  "pure/std/cycle-a.ts": 'export type { B } from "./cycle-b.ts";\n',
  "pure/std/cycle-b.ts": 'type A = import("./cycle-a.ts").B;\n',
  "pure/std/long-function.ts": LONG_FUNCTION,
  "pure/std/long-file.ts": "// a line\n".repeat(501),
  "pure/std/undocumented.ts": "/** Said. */\nexport const said = 1;\nexport const unsaid = 1;\n",
  "pure/std/string-utils.ts": "",
  "pure/std/common/bytes.ts": "class MapManager {}\n",
  "pure/std/CamelCase.ts": "",
  "pure/std/alone.test.ts": 'test.only("x", () => {});\n',
};

/** What the rules must say of what was planted. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  "packages hold to the layer table": ["pure/std/package.json: @beetrace/std may not import @beetrace/object"],
  "sources hold to their package.json": [
    "linux/ebpf/unknown.ts:1: linux/ebpf/package.json does not name left-pad",
    "pure/std/clock.ts:1: node:process: pure/ runs anywhere, without node",
    "pure/std/sideways.ts:1: ../../linux/ebpf/link/link.ts leaves the package: import it by its name",
    "pure/std/upward.ts:1: pure/std/package.json does not name @beetrace/bytecode",
  ],
  "native code has one door": [
    "linux/ebpf/open.ts:1: only linux/ebpf/ffi.ts loads native code",
    "linux/tracer/native.ts:2: only linux/ebpf/ffi.ts loads native code",
  ],
  "no import cycles": [
    "pure/std/cycle-a.ts: imports itself by way of others",
    "pure/std/cycle-b.ts: imports itself by way of others",
  ],
  "functions and files are short": [
    "pure/std/long-file.ts: 501 lines, more than 500",
    "pure/std/long-function.ts#long: 72 lines, more than 70",
  ],
  "exports have doc comments": [
    "pure/std/undocumented.ts#unsaid: no doc comment",
    "exceptions.json: pure/std/bytes.ts#gone is no exception any more: take it out",
  ],
  "names say something": [
    'pure/std/common/bytes.ts: "MapManager" does not say what it is',
    'pure/std/string-utils.ts: "utils" does not say what is in it',
    "pure/std/common/: does not say what is in it",
  ],
  "files are kebab-case": ["pure/std/CamelCase.ts: file names are kebab-case"],
  "no test runs alone": ["pure/std/alone.test.ts:1: .only hides the other tests"],
};

describe("a copy with violations planted", () => {
  let copy: string;
  let violations: Map<string, readonly string[]>;
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "beetrace-house-"));
    const isSource = (path: string) => !/(^|\/)(node_modules|dist|\.cache)$/.test(relative(ROOT, path));
    for (const part of ["pure", "linux", "tools", "cli", "scripts", "ARCHITECTURE.md"]) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true, filter: isSource });
    }
    for (const [path, text] of Object.entries(PLANTED)) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    edit("pure/std/package.json", (manifest) => ({ ...manifest, dependencies: { "@beetrace/object": "0.1.0" } }));
    edit("scripts/house/exceptions.json", (lists) => ({
      ...lists,
      undocumented: { ...lists.undocumented, "pure/std/bytes.ts#gone": 1 },
    }));
    violations = violationsUnder(copy);
  }, 30_000);
  afterAll(() => rmSync(copy, { recursive: true }));

  function edit(path: string, change: (value: Record<string, object>) => object): void {
    const text = readFileSync(join(copy, path), "utf8");
    writeFileSync(join(copy, path), JSON.stringify(change(JSON.parse(text))));
  }

  test.each(Object.keys(RULES))("%s", (rule) => {
    expect(FOUND[rule]?.length).toBeGreaterThan(0);
    expect(violations.get(rule)).toEqual(expect.arrayContaining([...(FOUND[rule] ?? [])]));
  });
});
