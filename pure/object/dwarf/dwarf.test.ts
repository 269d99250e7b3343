import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import {
  bareType,
  bytesSource,
  type DebugInfo,
  type DebugStruct,
  debugTypeName,
  type Elf,
  parseElf,
  readDebugInfo,
} from "../index.ts";
import { joinPath, pathEndsWith } from "./source-path.ts";

// What a compiler wrote, read back: the same program in every form that DWARF has had.

const SOURCE = `enum color { RED, GREEN = 5, BLUE = -1 };
union word { int whole; unsigned char bytes[4]; };
struct node {
  char name[12];
  unsigned int low : 3, high : 7;
  struct node *next;
  const struct hidden *opaque;
  union { long number; double fraction; };
  union word words[2][3];
  enum color color;
  _Bool flag;
  int (*compare)(const void *, long);
};
typedef struct node node_t;
int sink;
static inline __attribute__((always_inline)) void innermost(int value) {
  sink = value;
}
static inline __attribute__((always_inline)) void middle(int value) {
  innermost(value + 1);
}
__attribute__((noinline)) int walk(node_t *list, int depth, const char *why, ...) {
  middle(depth);
  return list->low + depth;
}
__attribute__((noinline)) static int twice(int value) {
  return walk(0, value,
              "") + walk(0, value, "");
}
long total(long first, double second, struct node by_value) {
  return first + twice((int)second) + by_value.color;
}
`;

const FORMS: Readonly<Record<string, readonly string[]>> = {
  "version 5": ["-gdwarf-5"],
  "version 4": ["-gdwarf-4"],
  "version 3": ["-gdwarf-3", "-gstrict-dwarf"],
  "version 2": ["-gdwarf-2", "-gstrict-dwarf"],
  "64-bit offsets": ["-gdwarf-5", "-gdwarf64"],
  "compressed sections": ["-gdwarf-5", "-gz=zlib"],
  "type units": ["-gdwarf-5", "-fdebug-types-section"],
  "type units of version 4": ["-gdwarf-4", "-fdebug-types-section"],
  "split units": ["-gdwarf-5", "-gsplit-dwarf"],
  "split units of version 4": ["-gdwarf-4", "-gsplit-dwarf"],
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "dwarf-"));
  writeFileSync(join(directory, "sample.c"), SOURCE);
});
afterAll(() => rmSync(directory, { recursive: true }));

function open(path: string): Elf | undefined {
  if (!existsSync(path)) return undefined;
  return parseElf(bytesSource(readFileSync(path)), { inflate: (bytes) => inflateSync(bytes) });
}

interface Sample {
  readonly elf: Elf;
  readonly info: DebugInfo;
  readonly addressOf: (name: string) => number;
}

function compiled(context: TestContext, options: readonly string[]): Sample {
  const output = join(directory, `${options.join("")}.so`);
  const made = spawnSync("gcc", [...options, "-shared", "-fPIC", "-nostdlib", "sample.c", "-o", output], {
    cwd: directory,
  });
  if (made.error !== undefined) context.skip("gcc is not installed");
  expect(made.stderr.toString()).toBe("");
  return sampleOf(output);
}

function sampleOf(path: string): Sample {
  const elf = open(path);
  const info = elf && readDebugInfo(elf, path, open);
  if (!elf || !info) throw new Error(`${path} has no debug information`);
  return { elf, info, addressOf: (name) => elf.symbols().findByName(name)?.address ?? Number.NaN };
}

function signature({ info, addressOf }: Sample, name: string): string {
  const found = info.functionAt(addressOf(name));
  if (!found) return "nothing";
  const parameters = found.parameters.map((parameter) => `${debugTypeName(parameter.type)} ${parameter.name}`);
  return `${debugTypeName(found.result)} ${found.name}(${[...parameters, ...(found.isVariadic ? ["..."] : [])].join(", ")})`;
}

function members(type: DebugStruct): readonly string[] {
  return type.members.map(({ name, type: of, bitOffset, bitWidth }) => {
    return `${bitOffset}${bitWidth === undefined ? "" : `:${bitWidth}`} ${debugTypeName(of)} ${name}`;
  });
}

for (const [form, options] of Object.entries(FORMS)) {
  describe.each(["-O0", "-O2"])(`${form}, %s`, (level) => {
    it("functions have their parameters", (context) => {
      const sample = compiled(context, [...options, level]);
      expect(signature(sample, "walk")).toBe("int walk(node_t* list, int depth, const char* why, ...)");
      expect(signature(sample, "total")).toBe("long int total(long int first, double second, struct node by_value)");
      expect(sample.info.functionAt(sample.addressOf("walk"))?.address).toBe(sample.addressOf("walk"));
      expect(sample.info.functionAt(1)).toBeUndefined();
    });

    it("types are laid out as the compiler did it", (context) => {
      const { info } = compiled(context, [...options, level]);
      const node = info.type("node", "struct") as DebugStruct;
      expect(node.sizeBytes).toBe(80);
      expect(members(node)).toEqual([
        "0 char[12] name",
        "96:3 unsigned int low",
        "99:7 unsigned int high",
        "128 struct node* next",
        "192 const struct hidden* opaque",
        "256 union <anonymous> ",
        "320 union word[2][3] words",
        "512 enum color color",
        "544 _Bool flag",
        "576 int (*)(const void*, long int) compare",
      ]);
      expect(bareType(info.type("node_t", "typedef"))).toBe(node);
      expect(info.type("color", "enum")).toMatchObject({
        sizeBytes: 4,
        signed: true,
        constants: [
          { name: "RED", value: 0n },
          { name: "GREEN", value: 5n },
          { name: "BLUE", value: -1n },
        ],
      });
      expect(info.type("word", "union")).toMatchObject({ keyword: "union", sizeBytes: 4 });
      expect(info.type("word", "struct")).toBeUndefined();
    });

    it("addresses have lines, and lines addresses", (context) => {
      const { info, addressOf } = compiled(context, [...options, level]);
      const path = join(directory, "sample.c");
      // With optimisation the first instruction of a function is often of another line already.
      if (level === "-O0") expect(info.frameAt(addressOf("walk"))?.place).toMatchObject({ path, line: 22 });
      expect(info.line("sample.c", 22, 0)).toMatchObject({ paths: [path], addresses: [addressOf("walk")] });
      expect(info.line(path, 22, 0).addresses).toEqual([addressOf("walk")]);
      expect(info.line("ample.c", 22, 0)).toEqual({ paths: [], addresses: [], otherLines: [] });
      expect(info.line("sample.c", 2, 0).addresses).toEqual([]);
      expect(info.line("sample.c", 2, 0).otherLines).toContain(22);
    });

    it("what was put into a function is named, innermost first", (context) => {
      const { info, addressOf } = compiled(context, [...options, level]);
      const frames = Array.from({ length: 250 }, (_, offset) => info.frameAt(addressOf("walk") + offset));
      const shown = frames.map((frame) => [
        frame?.inlined.map(({ name, place }) => `${name}:${place?.line}`),
        frame?.place?.line,
      ]);
      // Where a call that is not there any more stood is said since version 3.
      const [inner, outer] = form === "version 2" ? [undefined, undefined] : [20, 23];
      // With optimisation the compiler counts the store itself to the caller.
      const inlined = level === "-O0" ? ["innermost:17", `middle:${inner}`] : ["middle:20"];
      expect(shown).toContainEqual([inlined, outer]);
    });
  });
}

it("with optimisation the compiler says where parameters are", (context) => {
  const { info, addressOf } = compiled(context, ["-gdwarf-5", "-O2"]);
  const [list, depth] = info.functionAt(addressOf("walk"))?.parameters ?? [];
  // rdi and rsi, or x0 and x1.
  const registers = process.arch === "x64" ? [5, 4] : [0, 1];
  expect([list.location, depth.location]).toEqual(registers.map((register) => ({ kind: "register", register })));
  const plain = compiled(context, ["-gdwarf-5", "-O0"]);
  expect(plain.info.functionAt(plain.addressOf("walk"))?.parameters[0].location).toBeUndefined();
});

it("a column picks one of the statements of a line", (context) => {
  const { info, addressOf } = compiled(context, ["-gdwarf-5", "-O0"]);
  const start = addressOf("walk");
  expect(info.line("sample.c", 24, 0).addresses).toEqual(info.line("sample.c", 24, 14).addresses);
  const [plus] = info.line("sample.c", 24, 20).addresses;
  expect(plus).toBeGreaterThan(info.line("sample.c", 24, 14).addresses[0]);
  expect(plus).toBeGreaterThan(start);
  expect(info.line("sample.c", 24, 99).addresses).toEqual([]);
});

it.each(["-gdwarf-5", "-gdwarf-4"])("a package of split units is as good as they are (%s)", (version) => {
  const output = join(directory, `packed${version}.so`);
  const options = [version, "-O0", "-gsplit-dwarf", "-shared", "-fPIC", "-nostdlib", "sample.c", "-o", output];
  if (spawnSync("gcc", options, { cwd: directory }).error !== undefined) return;
  const packed = spawnSync("dwp", ["-e", output, "-o", `${output}.dwp`], { cwd: directory });
  if (packed.error !== undefined || packed.status !== 0) return;
  rmSync(join(directory, `packed${version}.so-sample.dwo`));
  expect(signature(sampleOf(output), "walk")).toBe("int walk(node_t* list, int depth, const char* why, ...)");
  rmSync(`${output}.dwp`);
  expect(signature(sampleOf(output), "walk")).toBe("nothing");
});

it("paths are joined, and compared by their parts", () => {
  expect(joinPath("/a/b", "../c/./d.c")).toBe("/a/c/d.c");
  expect(joinPath("/a/b", "/c.c")).toBe("/c.c");
  expect(joinPath("../a", "b.c")).toBe("../a/b.c");
  expect(joinPath("", "../../b.c")).toBe("../../b.c");
  expect(joinPath("/", "../b.c")).toBe("/b.c");
  expect(pathEndsWith("/src/lib/a.c", "lib/a.c")).toBe(true);
  expect(pathEndsWith("/src/lib/a.c", "/src/lib/a.c")).toBe(true);
  expect(pathEndsWith("/src/lib/a.c", "./a.c")).toBe(true);
  expect(pathEndsWith("/src/lib/a.c", "ib/a.c")).toBe(false);
  expect(pathEndsWith("/src/lib/a.c", "/a.c")).toBe(false);
  expect(pathEndsWith("/src/lib/a.c", "")).toBe(false);
});
