import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBootCache } from "@beetrace/ebpf/symbols";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listProbes } from "./list.ts";
import { MachineCatalog } from "./machine-catalog.ts";

const PYTHON = "/usr/bin/python3.11";

let directory: string;
let catalog: MachineCatalog;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "catalog-"));
  catalog = new MachineCatalog({ cache: openBootCache(join(directory, "cache")) });
});
afterAll(() => {
  catalog[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

const list = (search: string, verbose = false, from = catalog) => [...listProbes(search, { verbose }, from)];

describe("tracepoints", () => {
  it("are as tracefs has them, and every format is understood", () => {
    const all = catalog.tracepoints("*", "*");
    const lines = readFileSync(join(catalog.tracefs.root, "available_events"), "latin1").trim().split("\n");
    expect(all.length).toBe(lines.length);
    expect(all.length).toBeGreaterThan(1000);
    const unread = all.filter(({ category, name }) => !catalog.tracepointFormat(category, name));
    expect(unread).toEqual([]);
  });

  it("have the fields of the running kernel", () => {
    const format = catalog.tracepointFormat("sched", "sched_switch");
    const fields = format?.fields.filter((field) => !field.common) ?? [];
    expect(fields.map((field) => field.name)).toContain("next_comm");
    expect(fields[0]).toMatchObject({ name: "prev_comm", offset: 8, size: 16, arrayCount: 16, type: "char" });
    expect(catalog.tracepoints("sched", "sched_switch")).toHaveLength(1);
    expect(catalog.tracepoints("sched", "no_such_event")).toEqual([]);
  });
});

describe("kernel functions", () => {
  it("are found by name and by pattern", () => {
    expect(catalog.kernelFunctions(undefined, "vfs_read")).toEqual([{ name: "vfs_read" }]);
    expect(catalog.kernelFunctions("vmlinux", "vfs_read")).toEqual([{ name: "vfs_read" }]);
    expect(catalog.kernelFunctions("no_such_module", "vfs_read")).toEqual([]);
    const vfs = catalog.kernelFunctions(undefined, "vfs_*").map((entry) => entry.name);
    expect(vfs).toContain("vfs_read");
    expect(vfs).toEqual([...vfs].sort());
    expect(catalog.kernelFunctions(undefined, "*").length).toBeGreaterThan(10_000);
    expect(catalog.kernelFunctions(undefined, "rcu_*")).toEqual([]);
  });

  it("have addresses", () => {
    const line = readFileSync("/proc/kallsyms", "latin1").match(/^([0-9a-f]+) T vfs_read$/m)!;
    expect(catalog.kernelAddress("vfs_read")).toBe(BigInt(`0x${line[1]}`));
    expect(catalog.kernelAddress("no_such_symbol")).toBeUndefined();
  });
});

describe("BTF", () => {
  it("has raw tracepoints and iterators", () => {
    expect(catalog.rawTracepoints("sched_switch")).toEqual([{ name: "sched_switch" }]);
    expect(catalog.rawTracepoints("sched_*").length).toBeGreaterThan(10);
    expect(catalog.rawTracepoints("no_such_tracepoint")).toEqual([]);
    expect(catalog.iterators()).toEqual(expect.arrayContaining(["task", "task_file", "bpf_map"]));
  });
});

describe("user functions", () => {
  it("finds malloc where nm finds it", () => {
    const [path] = catalog.userFiles("libc");
    const address = execFileSync("nm", ["-D", path], { encoding: "utf8" }).match(/^([0-9a-f]+) T malloc@@/m)![1];
    const [malloc, ...others] = catalog.userFunctions("libc", "malloc");
    expect(others).toEqual([]);
    expect(malloc).toMatchObject({ path, name: "malloc", address: Number.parseInt(address, 16) });
    expect(malloc.sizeBytes).toBeGreaterThan(0);
    // Of the names of one function any may be told.
    expect(catalog.userAddress("libc", malloc.address + 1)).toEqual({
      ...malloc,
      name: expect.stringMatching(/malloc$/),
    });
    expect(catalog.userFunctions("libc", "mallo*").map((entry) => entry.name)).toContain("malloc");
    expect(catalog.userFunctions("libc", "no_such_function")).toEqual([]);
  });

  it("compares demangled names for C++", () => {
    const source = join(directory, "shop.cc");
    const program = join(directory, "shop");
    writeFileSync(
      source,
      "namespace shop { int total(int a) { return a; } int total(char a) { return a; } } int main() {}",
    );
    execFileSync("g++", ["-O0", "-o", program, source]);
    const names = (pattern: string, language?: "cpp") =>
      catalog.userFunctions(program, pattern, language).map((entry) => entry.name);
    expect(names("shop::total", "cpp")).toEqual(["_ZN4shop5totalEc", "_ZN4shop5totalEi"]);
    expect(names("shop::total(int)", "cpp")).toEqual(["_ZN4shop5totalEi"]);
    expect(names("shop::*", "cpp")).toHaveLength(2);
    expect(names("shop::total")).toEqual([]);
    expect(list(`uprobe:${program}:cpp:shop::total(char)`)).toEqual([`uprobe:${program}:cpp:"shop::total(char)"`]);
  });

  it("finds functions in what an archive holds", () => {
    const [path] = catalog.userFiles("libc");
    const archive = join(directory, "archive.zip");
    const write = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").write(sys.argv[2], "lib/libc.so")';
    execFileSync("python3", ["-c", write, archive, path]);
    const [direct] = catalog.userFunctions(path, "malloc");
    const target = `${archive}!/lib/libc.so`;
    const [held] = catalog.userFunctions(target, "malloc");
    // The local header of 30 bytes, and the member's name.
    const fileOffset = direct.fileOffset + 30 + "lib/libc.so".length;
    expect(held).toEqual({ ...direct, path: target, archive, fileOffset });
    expect(catalog.startsInstruction(held, 0)).toBe(true);
    expect(list(`uprobe:${target}:mallo*`)).toContain(`uprobe:${target}:malloc`);
    expect(() => catalog.userFunctions(`${archive}!/absent`, "malloc")).toThrow("there is no absent in the archive");
  });

  it("takes addresses of any file, where that is asked for", () => {
    const flat = join(directory, "flat");
    writeFileSync(flat, "\x90\xc3");
    expect(() => catalog.userAddress(flat, 1)).toThrow(/not an ELF/);
    expect(catalog.userAddress(flat, 1, true)).toEqual({
      path: flat,
      name: "",
      address: 1,
      fileOffset: 1,
      sizeBytes: 0,
    });
    const [path] = catalog.userFiles("libc");
    expect(catalog.userAddress("libc", catalog.userFunctions(path, "malloc")[0].address, true)?.name).toMatch(
      /malloc$/,
    );
  });

  it.skipIf(!existsSync(PYTHON))("finds the USDT probes of python3.11 (needs /usr/bin/python3.11)", () => {
    const sites = catalog.usdtSites(PYTHON, "*", "*");
    expect(new Set(sites.map((site) => site.provider))).toEqual(new Set(["python"]));
    expect(catalog.usdtSites(PYTHON, "python", "gc__start")).toHaveLength(1);
    expect(sites.every((site) => site.semaphoreFileOffset !== undefined)).toBe(true);
    const notes = execFileSync("readelf", ["-n", PYTHON], { encoding: "utf8" });
    expect(sites.map((site) => site.name).sort()).toEqual(
      [...notes.matchAll(/Name: (\S+)/g)].map((match) => match[1]).sort(),
    );
    expect(list(`usdt:${PYTHON}:gc*`)).toEqual([`usdt:${PYTHON}:python:gc__done`, `usdt:${PYTHON}:python:gc__start`]);
  });
});

describe("files of processes", () => {
  it("are those it has mapped, also in a mount namespace of its own", async () => {
    const child = spawn("unshare", ["--mount", "sleep", "30"], { stdio: "ignore" });
    try {
      const exe = () =>
        existsSync(`/proc/${child.pid}/exe`) && readFileSync(`/proc/${child.pid}/comm`, "latin1").trim();
      while (exe() !== "sleep") await new Promise((resolve) => setTimeout(resolve, 5));
      const there = new MachineCatalog({ pid: child.pid, cache: openBootCache(join(directory, "cache")) });
      const root = `/proc/${child.pid}/root`;
      expect(there.userFiles("")).toEqual([expect.stringMatching(new RegExp(`^${root}/.*sleep$`))]);
      expect(there.userFiles("*").every((path) => path.startsWith(root) && statSync(path).isFile())).toBe(true);
      expect(there.userFiles("libc")[0]).toMatch(new RegExp(`^${root}/.*libc.so.6$`));
      expect(there.userFunctions("libc", "malloc")).toHaveLength(1);
      expect(list("uprobe:malloc", false, there)).toHaveLength(1);
      there[Symbol.dispose]();
    } finally {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
});

describe("the listing", () => {
  it.each([
    [
      "software:c*",
      [
        "software:context-switches:",
        "software:cpu:",
        "software:cpu-clock:",
        "software:cpu-migrations:",
        "software:cs:",
      ],
    ],
    ["h:cycles", ["hardware:cycles:"]],
    ["interval:*", ["interval:hz:", "interval:ms:", "interval:s:", "interval:us:"]],
    ["T:raw_syscalls:*", ["tracepoint:raw_syscalls:sys_enter", "tracepoint:raw_syscalls:sys_exit"]],
    ["k:vfs_read", ["kprobe:vfs_read"]],
    ["kprobe:vmlinux:vfs_read", ["kprobe:vmlinux:vfs_read"]],
    ["kretprobe:vfs_read,kprobe:vfs_write", ["kretprobe:vfs_read", "kprobe:vfs_write"]],
    ["fentry:vfs_read", ["fentry:vmlinux:vfs_read"]],
    ["vfs_read", ["fentry:vmlinux:vfs_read", "kprobe:vfs_read"]],
    ["struct fd", ["struct fd"]],
    ["self:*", ["self:signal:SIGUSR1"]],
    ["fmod_ret:security_file_open", ["fmod_ret:vmlinux:security_file_open"]],
    ["fmod_ret:security_file_free,fmod_ret:vfs_read", []],
    ["no_such_thing", []],
    ["nofamily:x", []],
    ["uprobe:/no/such/file:*", []],
  ])("of %s", (search, lines) => {
    expect(list(search)).toEqual(lines);
  });

  it("shows parameters when asked to", () => {
    expect(list("kprobe:vfs_read", true)).toEqual([
      "kprobe:vfs_read",
      "    struct file * arg0",
      "    char * arg1",
      "    size_t arg2",
      "    loff_t * arg3",
    ]);
    expect(list("kretprobe:vfs_read", true)).toEqual(["kretprobe:vfs_read", "    ssize_t retval"]);
    expect(list("fexit:vfs_read", true).slice(-2)).toEqual(["    loff_t * pos", "    ssize_t retval"]);
    expect(list("tracepoint:sched:sched_switch", true)[1]).toBe("    char prev_comm[16]");
    expect(list("rawtracepoint:sched_process_exit", true)[1]).toBe("    struct task_struct * p");
    expect(list("iter:task_file", true)).toEqual([
      "iter:task_file",
      "    struct task_struct * task",
      "    u32 fd",
      "    struct file * file",
    ]);
    expect(list("struct fd", true)[0]).toMatch(/^vmlinux: struct fd \{\n/);
  });

  it("of everything has every family of the kernel and none of user space", () => {
    const families = new Set(list("").map((line) => line.slice(0, line.indexOf(":"))));
    expect([...families]).toEqual(["fentry", "hardware", "iter", "kprobe", "rawtracepoint", "software", "tracepoint"]);
    expect(list("*ware:*").length).toBe(26);
  });
});
