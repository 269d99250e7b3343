import { describe, expect, it } from "vitest";
import { bytesSource, ElfError, type Machine, parseElf, parseUsdtArgs, usdtProbes } from "./index.ts";
import { tinyElf, tinySymbols, tinyUsdtNote } from "./tiny-elf.ts";

const PROBE = 0x401010;

function parseArgs(text: string, machine: Machine = "x86_64") {
  const addressOf = (symbol: string) => (symbol === "counter" ? 0x404000 : undefined);
  return parseUsdtArgs(text, { machine, probeAddress: PROBE, addressOf });
}

function location(text: string, machine?: Machine) {
  const args = parseArgs(text, machine);
  expect(args).toHaveLength(1);
  return args[0].location;
}

describe("x86-64 arguments", () => {
  it("have a size and a sign", () => {
    expect(parseArgs("-4@%eax 8@%rdi 1@%cl -2@%r8w").map(({ size, signed }) => (signed ? -size : size))).toEqual([
      -4, 8, 1, -2,
    ]);
  });

  it.each([
    ["-4@%eax", { kind: "register", register: "eax" }],
    ["1@%ah", { kind: "register", register: "ah" }],
    ["4@$5", { kind: "const", value: 5n }],
    ["-4@$-1", { kind: "const", value: -1n }],
    ["8@$0x10", { kind: "const", value: 16n }],
    ["8@(%rax)", { kind: "memory", base: "rax", offset: 0n }],
    ["8@-8(%rbp)", { kind: "memory", base: "rbp", offset: -8n }],
    ["8@(%rax,%rdx,8)", { kind: "memory", base: "rax", offset: 0n, index: "rdx", scale: 8 }],
    ["-4@16(%rax,%rdx)", { kind: "memory", base: "rax", offset: 16n, index: "rdx", scale: 1 }],
    ["4@counter(%rip)", { kind: "memory", base: "rip", offset: 0x2ff0n }],
    ["4@counter+8(%rip)", { kind: "memory", base: "rip", offset: 0x2ff8n }],
    ["4@8+counter(%rip)", { kind: "memory", base: "rip", offset: 0x2ff8n }],
    ["4@counter-4(%rip)", { kind: "memory", base: "rip", offset: 0x2fecn }],
  ])("%s", (text, expected) => {
    expect(location(text)).toEqual(expected);
  });

  it.each([
    "4@other(%rip)",
    "8@8(%rip)",
    "8@%fs:0x28",
    "8@%xmm0",
    "8@(,%rdx,8)",
    "8@(%rax,%rdx,3)",
    "8@(%eax)",
    "3@%eax",
    "8@",
    "%eax",
    "8@counter",
  ])("%s is unknown", (text) => {
    expect(location(text)).toEqual({ kind: "unknown", text });
  });

  it("may be floating point", () => {
    expect(parseArgs("8f@-8(%rbp)")).toEqual([
      { size: 8, signed: false, float: true, location: { kind: "memory", base: "rbp", offset: -8n } },
    ]);
  });
});

describe("arm64 arguments", () => {
  it.each([
    ["-4@x0", { kind: "register", register: "x0" }],
    ["-4@w3", { kind: "register", register: "w3" }],
    ["8@sp", { kind: "register", register: "sp" }],
    ["4@5", { kind: "const", value: 5n }],
    ["-4@-1", { kind: "const", value: -1n }],
    ["4@#5", { kind: "const", value: 5n }],
    ["8@[x29]", { kind: "memory", base: "x29", offset: 0n }],
    ["8@[sp, 16]", { kind: "memory", base: "sp", offset: 16n }],
    ["8@[sp,-16]", { kind: "memory", base: "sp", offset: -16n }],
    ["8@[x0, x1]", { kind: "memory", base: "x0", offset: 0n, index: "x1", scale: 1 }],
    ["8@[x0, x1, lsl 3]", { kind: "memory", base: "x0", offset: 0n, index: "x1", scale: 8 }],
    ["8@[x0, w1, sxtw 2]", { kind: "memory", base: "x0", offset: 0n, index: "w1", scale: 4, indexSigned: true }],
  ])("%s", (text, expected) => {
    expect(location(text, "aarch64")).toEqual(expected);
  });

  it("are told apart though they hold spaces", () => {
    expect(parseArgs("8@[sp, 16] -4@x0 8@[x0, x1]", "aarch64").map((arg) => arg.location.kind)).toEqual([
      "memory",
      "register",
      "memory",
    ]);
  });

  it.each(["8@[w0]", "8@[x0, q1]", "8@[x0, #:lo12:counter]", "8@d0", "8@x31"])("%s is unknown", (text) => {
    expect(location(text, "aarch64")).toEqual({ kind: "unknown", text });
  });
});

it("arguments on a machine without a register table are unknown", () => {
  expect(location("4@$5", "riscv")).toEqual({ kind: "unknown", text: "4@$5" });
});

describe("usdtProbes", () => {
  const segments = [
    { type: 1, offset: 0x1000, address: 0x401000, fileSizeBytes: 0x100 },
    { type: 1, flags: 6, offset: 0x1100, address: 0x404100, fileSizeBytes: 0x100, memorySizeBytes: 0x200 },
  ];
  const probe = { pc: PROBE, base: 0x402000, provider: "app", name: "request", args: "4@counter(%rip) 8@%rdi" };
  const elfWith = (notes: Uint8Array, base?: number) => {
    const sections = [
      { name: ".text", type: 1, flags: 6, address: 0x401000, offset: 0x1000, bytes: new Uint8Array(0x200) },
      { name: ".note.stapsdt", type: 7, bytes: notes, alignment: 4 },
      ...(base === undefined ? [] : [{ name: ".stapsdt.base", type: 1, address: base, bytes: Uint8Array.of(0) }]),
    ];
    const symbols = tinySymbols([{ name: "counter", address: 0x404100, info: 0x11 }], sections.length + 1);
    return parseElf(bytesSource(tinyElf({ sections: [...sections, ...symbols], segments })));
  };

  it("reads notes", () => {
    expect(usdtProbes(elfWith(tinyUsdtNote(probe), 0x402000))).toEqual([
      {
        provider: "app",
        name: "request",
        address: PROBE,
        fileOffset: 0x1010,
        argText: probe.args,
        args: [
          { size: 4, signed: false, location: { kind: "memory", base: "rip", offset: BigInt(0x404100 - PROBE) } },
          { size: 8, signed: false, location: { kind: "register", register: "rdi" } },
        ],
      },
    ]);
  });

  it("moves addresses by as much as the base has moved", () => {
    const [moved] = usdtProbes(elfWith(tinyUsdtNote({ ...probe, semaphore: 0x404110 }), 0x402010));
    expect(moved).toMatchObject({
      address: PROBE + 0x10,
      fileOffset: 0x1020,
      semaphoreAddress: 0x404120,
      semaphoreFileOffset: 0x1120,
    });
  });

  it("keeps several places of one probe, and probes without arguments", () => {
    const second = { ...probe, pc: PROBE + 4, args: "" };
    const probes = usdtProbes(elfWith(Uint8Array.of(...tinyUsdtNote(probe), ...tinyUsdtNote(second))));
    expect(probes.map(({ address, args }) => [address, args.length])).toEqual([
      [PROBE, 2],
      [PROBE + 4, 0],
    ]);
  });

  it("has none for a file without notes and an error for damaged ones", () => {
    expect(usdtProbes(parseElf(bytesSource(tinyElf({}))))).toEqual([]);
    expect(() => usdtProbes(elfWith(tinyUsdtNote(probe).subarray(0, 60)))).toThrow(ElfError);
  });
});
