import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { NO_CACHE, openBootCache } from "./boot-cache.ts";
import { KernelSymbols } from "./kernel-symbols.ts";
import { isFileMapping, parseMaps } from "./process-maps.ts";
import { UserSymbols, type UserSymbolsOptions } from "./user-symbols.ts";

const SOURCE = `
#include <stdio.h>
#include <unistd.h>
namespace shop { struct Order { int total(int a) __attribute__((noinline)); }; int Order::total(int a) { asm volatile(""); return a + 1; } }
static __attribute__((noinline, used)) int hidden(int a) { asm volatile(""); return a * 3; }
extern "C" __attribute__((noinline)) int visible(int a) { asm volatile(""); return hidden(a) + shop::Order().total(a); }
int main() { printf("%d\\n", visible(1)); fflush(stdout); pause(); }
`;

let directory: string;
let program: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "symbols-"));
  program = join(directory, "program");
  writeFileSync(join(directory, "program.cc"), SOURCE);
  execFileSync("g++", ["-O1", "-g0", "-o", program, join(directory, "program.cc")]);
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(async () => {
  for (const child of children.splice(0)) await end(child);
});

async function start(path: string): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(path, [], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  await once(child.stdout!, "data");
  return { child, pid: child.pid! };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** Name -> address in the process, as nm and /proc/PID/maps have it. */
function expectedAddresses(pid: number, path: string): ReadonlyMap<string, number> {
  const base = parseMaps(readFileSync(`/proc/${pid}/maps`, "utf8")).find((mapping) => isFileMapping(mapping))!.start;
  const lines = execFileSync("nm", ["-C", path], { encoding: "utf8" }).split("\n");
  const functions = lines.flatMap((line) => {
    const match = /^([0-9a-f]+) [tT] (.+)$/.exec(line);
    return match ? [[match[2], base + Number.parseInt(match[1], 16)] as const] : [];
  });
  return new Map(functions);
}

function using<T>(options: UserSymbolsOptions, use: (symbols: UserSymbols) => T): T {
  const symbols = new UserSymbols(options);
  try {
    return use(symbols);
  } finally {
    symbols[Symbol.dispose]();
  }
}

describe("UserSymbols", () => {
  const NAMES = ["visible", "hidden", "shop::Order::total", "main"];

  it.each(["per-pid", "per-program", "none"] as const)("names what nm names (%s)", async (cache) => {
    const { pid } = await start(program);
    using({ cache }, (symbols) => {
      let checked = 0;
      for (const [name, address] of expectedAddresses(pid, program)) {
        const wanted = NAMES.find((each) => name === each || name.startsWith(`${each}(`));
        if (!wanted) continue;
        const found = symbols.lookup(pid, address + 2);
        expect(found).toMatchObject({ offset: 2, module: program });
        expect(found?.name).toBe(name);
        checked++;
      }
      expect(checked).toBe(NAMES.length);
      expect(symbols.lookup(pid, 8)).toBeUndefined();
      expect(symbols.lookup(pid, 0xffffffff81000000n)).toBeUndefined();
    });
  });

  it("leaves names mangled when asked to", async () => {
    const { pid } = await start(program);
    const address = [...expectedAddresses(pid, program)].find(([name]) => name.startsWith("shop::"))![1];
    expect(using({ demangle: false }, (symbols) => symbols.lookup(pid, address)?.name)).toBe("_ZN4shop5Order5totalEi");
  });

  it("names libraries and the vdso", async () => {
    const { pid } = await start(program);
    const maps = parseMaps(readFileSync(`/proc/${pid}/maps`, "utf8"));
    const libc = maps.find((mapping) => mapping.path.includes("libc.so"))!;
    const pause = execFileSync("nm", ["-D", libc.path], { encoding: "utf8" }).match(/^([0-9a-f]+) W pause@/m)![1];
    const vdso = maps.find((mapping) => mapping.path === "[vdso]")!;
    using({}, (symbols) => {
      const found = symbols.lookup(pid, libc.start + Number.parseInt(pause, 16));
      // A separate debug file has more aliases of the same function.
      expect(found?.name).toMatch(/^(__libc_|__)?pause$/);
      expect(found?.offset).toBe(0);
      const names = new Set<string>();
      for (let at = vdso.start; at < vdso.end; at += 16) names.add(symbols.lookup(pid, at)?.name ?? "");
      expect([...names].join(" ")).toMatch(/clock_gettime/);
    });
  });

  it("still knows a tracked process that has ended, even one whose file is gone", async () => {
    const copy = join(directory, "copy");
    copyFileSync(program, copy);
    const { child, pid } = await start(copy);
    const address = expectedAddresses(pid, copy).get("visible")!;
    const symbols = new UserSymbols();
    symbols.track(pid);
    unlinkSync(copy);
    await end(child);
    expect(symbols.lookup(pid, address + 1)).toEqual({ name: "visible", offset: 1, module: copy });
    symbols.forget(pid);
    expect(symbols.lookup(pid, address + 1)).toBeUndefined();
    symbols[Symbol.dispose]();
  });

  it("reads a running program whose file was deleted", async () => {
    const copy = join(directory, "copy");
    copyFileSync(program, copy);
    const { pid } = await start(copy);
    const address = expectedAddresses(pid, copy).get("visible")!;
    unlinkSync(copy);
    expect(using({}, (symbols) => symbols.lookup(pid, address)?.name)).toBe("visible");
  });

  it("names compiled code by perf maps, again when they grow", async () => {
    const { pid } = await start(program);
    const map = join(directory, `perf-${pid}.map`);
    using({ tmp: directory }, (symbols) => {
      expect(symbols.lookup(pid, 0x100010)).toBeUndefined();
      writeFileSync(map, "100000 20 LazyCompile:~first file.js:1\n");
      expect(symbols.lookup(pid, 0x100010)).toEqual({
        name: "LazyCompile:~first file.js:1",
        offset: 16,
        module: "[jit]",
      });
      writeFileSync(map, "100000 20 first\n100020 20 second\n");
      expect(symbols.lookup(pid, 0x100021)).toEqual({ name: "second", offset: 1, module: "[jit]" });
    });
  });

  it("locates addresses in files, with build ids", async () => {
    const { pid } = await start(program);
    const address = expectedAddresses(pid, program).get("visible")!;
    const notes = execFileSync("readelf", ["-n", program], { encoding: "utf8" });
    const buildId = /Build ID: ([0-9a-f]+)/.exec(notes)?.[1];
    const linked = execFileSync("nm", [program], { encoding: "utf8" }).match(/^([0-9a-f]+) T visible$/m)![1];
    // The linker keeps addresses and file offsets of code equal here.
    const expected = { module: program, fileOffset: Number.parseInt(linked, 16), buildId };
    expect(using({}, (symbols) => symbols.locate(pid, address))).toEqual(expected);
  });
});

describe("KernelSymbols of this kernel", () => {
  it("agrees with /proc/kallsyms, parsed and kept", () => {
    const lines = readFileSync("/proc/kallsyms", "latin1").split("\n");
    const wanted = lines.filter((line) => / [tT] vfs_[a-z]+$/.test(line)).map((line) => line.split(" "));
    expect(wanted.length).toBeGreaterThan(20);
    const cache = openBootCache(join(directory, "cache"));
    for (const symbols of [
      KernelSymbols.load({ cache: NO_CACHE }),
      KernelSymbols.load({ cache }),
      KernelSymbols.load({ cache }),
    ]) {
      for (const [address, , name] of wanted) {
        expect(symbols.addressOf(name)).toBe(BigInt(`0x${address}`));
        expect(symbols.lookup(BigInt(`0x${address}`) + 1n)).toMatchObject({ name, offset: 1 });
      }
      expect(symbols.count).toBeGreaterThan(50_000);
    }
  });
});
