import { spawnSync } from "node:child_process";
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, realpathSync } from "node:fs";
import { describe, expect, it, type TestContext, vi } from "vitest";
import { type ByteSource, buildId, demangle, type Elf, instructionLength, parseElf, usdtProbes } from "./index.ts";

// Compares what is read from this machine's own files with what GNU binutils read from them.

// readelf needs seconds for the largest.
vi.setConfig({ testTimeout: 60_000 });

const LIBRARIES = ["/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];

function library(prefix: string): string | undefined {
  for (const folder of LIBRARIES.filter(existsSync)) {
    const name = readdirSync(folder).find((file) => file.startsWith(prefix));
    if (name !== undefined) return realpathSync(`${folder}/${name}`);
  }
  return undefined;
}

function libjvm(): string | undefined {
  const root = "/usr/lib/jvm";
  const homes = existsSync(root) ? readdirSync(root) : [];
  return homes.map((home) => `${root}/${home}/lib/server/libjvm.so`).find(existsSync);
}

/** The output of a tool, or a skip with the reason. */
function run(context: TestContext, tool: string, args: readonly string[], input?: string): string {
  const result = spawnSync(tool, args, { input, maxBuffer: 1 << 30, env: { ...process.env, LC_ALL: "C" } });
  if (result.error !== undefined) context.skip(`${tool} (GNU binutils) is not installed`);
  return result.stdout.toString();
}

function present(context: TestContext, path: string | undefined, what: string): string {
  if (path === undefined || !existsSync(path)) context.skip(`${what} is not installed`);
  return path!;
}

function withElf<T>(path: string, use: (elf: Elf) => T): T {
  const fd = openSync(path, "r");
  try {
    const source: ByteSource = {
      sizeBytes: fstatSync(fd).size,
      read(offset, sizeBytes) {
        const bytes = new Uint8Array(sizeBytes);
        readSync(fd, bytes, 0, sizeBytes, offset);
        return bytes;
      },
    };
    return use(parseElf(source));
  } finally {
    closeSync(fd);
  }
}

const FILES: readonly (readonly [string, string | undefined])[] = [
  ["bash", "/bin/bash"],
  ["libc", library("libc.so.6")],
  ["python", ["/usr/bin/python3.11", "/usr/bin/python3"].find(existsSync)],
  ["node", process.execPath],
  ["libjvm", libjvm()],
];

describe.each(FILES)("%s as readelf reads it", (name, file) => {
  it("sections", (context) => {
    const path = present(context, file, name);
    const listed = run(context, "readelf", ["-SW", path]);
    const want = Array.from(
      listed.matchAll(/^ +\[ *\d+\] (\S*) +[A-Z]\S* +([0-9a-f]{8,}) ([0-9a-f]+) ([0-9a-f]+) /gm),
      (m) => [m[1], ...m.slice(2, 5).map((digits) => Number.parseInt(digits, 16))],
    );
    const got = withElf(path, (elf) => elf.sections.map((s) => [s.name, s.address, s.offset, s.sizeBytes]));
    expect(want.length).toBeGreaterThan(20);
    expect(got).toEqual(want);
  });

  it("symbols", (context) => {
    const path = present(context, file, name);
    const listed = run(context, "readelf", ["-sW", path]);
    const want = new Set<string>();
    for (const line of listed.split("\n")) {
      const match = /^ *\d+: ([0-9a-f]+) +(\S+) (\w+) +(\w+) +\w+ +(?:\[.*?\] +)?(\w+) ([^@ ]\S*)/.exec(line);
      if (match === null || match[5] === "UND" || match[3] === "SECTION" || match[3] === "FILE") continue;
      want.add(
        `${match[6].replace(/(?!^)@.*/, "")} ${Number.parseInt(match[1], 16)} ${Number(match[2])} ${match[3]} ${match[4]}`,
      );
    }
    const got = withElf(
      path,
      (elf) => new Set(Array.from(elf.symbols(), (s) => `${s.name} ${s.address} ${s.sizeBytes} ${s.type} ${s.bind}`)),
    );
    expect(got.size).toBeGreaterThan(500);
    expect([...got].filter((symbol) => !want.has(symbol)).slice(0, 5)).toEqual([]);
    expect([...want].filter((symbol) => !got.has(symbol)).slice(0, 5)).toEqual([]);
  });

  it("build id", (context) => {
    const path = present(context, file, name);
    const want = /Build ID: ([0-9a-f]+)/.exec(run(context, "readelf", ["-n", path]))?.[1];
    expect(withElf(path, buildId)).toBe(want);
  });

  it("USDT probes", (context) => {
    const path = present(context, file, name);
    const listed = run(context, "readelf", ["-n", path]);
    const pattern =
      /Provider: (\S+)\s+Name: (\S+)\s+Location: 0x([0-9a-f]+), Base: 0x[0-9a-f]+, Semaphore: 0x([0-9a-f]+)\n +Arguments: ?(.*)/g;
    const want = Array.from(listed.matchAll(pattern), (m) => [
      m[1],
      m[2],
      Number.parseInt(m[3], 16),
      Number.parseInt(m[4], 16),
      m[5].trim(),
    ]);
    const probes = withElf(path, usdtProbes);
    expect(probes.map((p) => [p.provider, p.name, p.address, p.semaphoreAddress ?? 0, p.argText.trim()])).toEqual(want);
    const args = probes.flatMap((probe) => probe.args);
    expect(args.filter((arg) => arg.location.kind === "unknown")).toEqual([]);
  });
});

it("every function of libc is found by its own address", (context) => {
  withElf(present(context, library("libc.so.6"), "libc"), (elf) => {
    const table = elf.symbols();
    const functions = [...table].filter((symbol) => symbol.type === "FUNC" && symbol.sizeBytes > 0);
    expect(functions.length).toBeGreaterThan(2000);
    for (const symbol of functions) {
      const found = table.findByAddress(symbol.address + symbol.sizeBytes - 1)!;
      expect(found.symbol.address <= symbol.address + symbol.sizeBytes - 1).toBe(true);
      expect(found.offset).toBeLessThan(found.symbol.sizeBytes);
    }
    expect(table.findByName("malloc")).toMatchObject({ type: "FUNC", bind: "GLOBAL" });
  });
});

describe("names as c++filt prints them", () => {
  for (const [name, file] of [["libstdc++", library("libstdc++.so.6")], ...FILES.slice(-2)] as const) {
    it(name, (context) => {
      const path = present(context, file, name);
      const names = withElf(path, (elf) =>
        [...new Set(elf.symbols().names())].filter((symbol) => symbol.startsWith("_Z")),
      );
      const want = run(context, "c++filt", ["-i"], `${names.join("\n")}\n`).split("\n");
      const equal = names.filter((symbol, index) => demangle(symbol) === want[index]).length;
      expect(names.length).toBeGreaterThan(1000);
      expect(equal / names.length).toBeGreaterThan(0.999);
    });
  }
});

it("instructions of libc as objdump cuts them", (context) => {
  const path = present(context, library("libc.so.6"), "libc");
  if (process.arch !== "x64") context.skip("the length decoder is for x86-64");
  withElf(path, (elf) => {
    const text = elf.section(".text")!;
    const code = elf.data(text).subarray(0, 400_000);
    const stop = `--stop-address=${text.address + code.length}`;
    const listed = run(context, "objdump", ["-d", "-j", ".text", "--no-show-raw-insn", stop, path]);
    const starts = Array.from(
      listed.matchAll(/^ +([0-9a-f]+):\t(?!\.\.\.)/gm),
      (m) => Number.parseInt(m[1], 16) - text.address,
    );
    expect(starts.length).toBeGreaterThan(50_000);
    // The last one is cut off.
    const wrong = starts.slice(0, -2).filter((start, index) => {
      const length = starts[index + 1] - start;
      // objdump leaves out runs of zeros.
      return length <= 15 && instructionLength(code, start) !== length;
    });
    expect(wrong).toEqual([]);
  });
});
