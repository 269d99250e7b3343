import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { bytesSource, type DebugType, debugTypeName, ElfError, parseElf, readDebugInfo } from "../index.ts";

vi.setConfig({ testTimeout: 60_000 });

const SOURCE = `struct s { struct s *next; int bits : 3; union { char text[8]; long number; } u; enum { A, B } e; };
static inline __attribute__((always_inline)) int inner(struct s *s) { return s->bits; }
int outer(struct s *s, int n, ...) { for (int i = 0; i < n; i++) n += inner(s); return n; }
`;

/** The program in several forms, each with what belongs to it: path -> bytes. */
function samples(): readonly ReadonlyMap<string, Uint8Array>[] {
  const directory = mkdtempSync(join(tmpdir(), "dwarf-fuzz-"));
  writeFileSync(join(directory, "s.c"), SOURCE);
  const made: Map<string, Uint8Array>[] = [];
  for (const options of [
    ["-gdwarf-5", "-O2"],
    ["-gdwarf-4", "-O2"],
    ["-gdwarf-2", "-O0"],
    ["-gdwarf-5", "-gsplit-dwarf", "-fdebug-types-section"],
  ]) {
    const arguments_ = [...options, "-shared", "-fPIC", "-nostdlib", "s.c", "-o", "s.so"];
    if (spawnSync("gcc", arguments_, { cwd: directory }).status !== 0) continue;
    const files = readdirSync(directory).filter((name) => name !== "s.c");
    made.push(new Map(files.map((name) => [join(directory, name), readFileSync(join(directory, name))])));
  }
  rmSync(directory, { recursive: true });
  return made;
}

/** Asks everything that can be asked; gives how many answers there were. */
function readAll(files: ReadonlyMap<string, Uint8Array>): number {
  const open = (path: string) => {
    const bytes = files.get(path);
    return bytes && orDamaged(() => parseElf(bytesSource(bytes)));
  };
  const path = [...files.keys()].find((name) => name.endsWith("s.so")) ?? "";
  const elf = open(path);
  const info = elf && orDamaged(() => readDebugInfo(elf, path, open));
  if (!info) return 0;
  let answers = 0;
  const ask = (question: () => unknown) => {
    if (orDamaged(question) !== undefined) answers++;
  };
  const start = orDamaged(() => elf.symbols().findByName("outer")?.address) ?? 0x1000;
  for (const address of [start, start + 1, start + 16, start + 32]) {
    ask(() => info.frameAt(address));
    ask(() => info.functionAt(address)?.parameters.map(({ type }) => walk(type, 6)));
  }
  ask(() => walk(info.type("s", "struct"), 6));
  ask(() => info.type("nothing", "enum"));
  ask(() => info.line("s.c", 3, 0).addresses[0]);
  return answers;
}

/** Follows everything that a type refers to. */
function walk(type: DebugType | undefined, depth: number): string {
  if (!type || depth === 0) return "";
  if (type.kind === "struct") for (const member of type.members) walk(member.type, depth - 1);
  else if ("to" in type) walk(type.to, depth - 1);
  else if (type.kind === "array") walk(type.of, depth - 1);
  return debugTypeName(type);
}

function orDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ElfError) return undefined;
    throw error;
  }
}

const good = samples();

it("the samples are good", (context) => {
  if (good.length === 0) context.skip("gcc is not installed");
  for (const files of good) expect(readAll(files)).toBeGreaterThanOrEqual(6);
});

it("damaged bytes are refused, and nothing else happens", () => {
  if (good.length === 0) return;
  const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(good.length - 1), edits, (index, changes) => {
      readAll(damaged(good[index], changes));
    }),
    { seed: 20_26, numRuns: 3000 },
  );
});

it("files that end early are refused", () => {
  if (good.length === 0) return;
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(), (index, length) => {
      readAll(new Map([...good[index]].map(([path, bytes]) => [path, bytes.subarray(0, length % bytes.length)])));
    }),
    { seed: 7, numRuns: 300 },
  );
});

/** Changes bytes of the sections of debug information, where nearly every one means something. */
function damaged(files: ReadonlyMap<string, Uint8Array>, changes: readonly (readonly [number, number])[]) {
  const copies = new Map<string, Uint8Array>();
  for (const [path, bytes] of files) {
    const copy = bytes.slice();
    const sections = parseElf(bytesSource(bytes)).sections.filter(
      ({ name, sizeBytes }) => name.startsWith(".debug_") && sizeBytes > 0,
    );
    const total = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const [place, value] of changes) {
      let at = total > 0 ? place % total : 0;
      const section = sections.find(({ sizeBytes }) => {
        if (at < sizeBytes) return true;
        at -= sizeBytes;
        return false;
      });
      if (section) copy[section.offset + at] = value;
    }
    copies.set(path, copy);
  }
  return copies;
}
