import { disassemble, type Instruction, Vm } from "@beetrace/bytecode";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FuncBuilder } from "../ir/builder.ts";
import type { Func } from "../ir/ir.ts";
import { allocate } from "./allocate.ts";
import { CodeTooLargeError } from "./emit.ts";
import { legalize } from "./legalize.ts";
import { generate, StackTooLargeError } from "./link.ts";
import { moveTogether } from "./moves.ts";
import { placeSlots } from "./slots.ts";

const locate = () => ({ line: 1, column: 1 });

function built(build: (b: FuncBuilder) => void, name = "entry"): Func {
  const b = new FuncBuilder(name);
  build(b);
  return b.finish();
}

/** Generates code and runs it; the passes are checked on the way. */
function run(...funcs: readonly Func[]): bigint {
  const code = generate(funcs, locate, { check: true });
  const vm = new Vm();
  return vm.run({ name: "test", type: "BPF_PROG_TYPE_RAW_TRACEPOINT", license: "GPL", ...code }).value;
}

function code(build: (b: FuncBuilder) => void): readonly Instruction[] {
  return generate([built(build)], locate, { check: true }).instructions;
}

/** A value that the passes cannot know: it goes through memory. */
function unknown(b: FuncBuilder, value: bigint): number {
  const slot = b.slot(8);
  b.store(slot, 0, 8, value);
  return b.load(slot, 0, 8);
}

describe("register allocation", () => {
  test("forty values that are all needed at the end", () => {
    const result = run(
      built((b) => {
        const values = Array.from({ length: 40 }, (_, index) => unknown(b, BigInt(index * index)));
        b.return(values.reduce((sum, value) => b.add(sum, value)));
      }),
    );
    expect(result).toBe(20540n);
  });

  test("values that live over calls", () => {
    const result = run(
      built((b) => {
        const values = Array.from({ length: 12 }, (_, index) => unknown(b, BigInt(index + 1)));
        const clock = b.call("get_smp_processor_id");
        b.call("ktime_get_ns");
        b.return(values.reduce((sum, value) => b.alu("mul", b.add(sum, value), 3n), clock));
      }),
    );
    const expected = Array.from({ length: 12 }, (_, index) => BigInt(index + 1)).reduce(
      (sum, value) => (sum + value) * 3n,
      0n,
    );
    expect(result).toBe(expected);
  });

  test("values that live around a loop", () => {
    const result = run(
      built((b) => {
        const values = Array.from({ length: 11 }, (_, index) => unknown(b, BigInt(index)));
        const [i, sum] = [b.copy(0n), b.copy(0n)];
        const [loop, end] = [b.block(), b.block()];
        b.jump(loop);
        b.enter(loop);
        for (const value of values) b.copy(b.add(sum, b.alu("mul", value, i)), sum);
        b.copy(b.add(i, 1n), i);
        b.branch("lt", i, 4n, loop, end);
        b.enter(end);
        b.return(values.reduce((total, value) => b.add(total, value), sum));
      }),
    );
    expect(result).toBe(55n * 6n + 55n);
  });

  test("no more than ten machine registers are given, and none twice at a time", () => {
    const func = legalize(
      built((b) => {
        const values = Array.from({ length: 20 }, (_, index) => unknown(b, BigInt(index)));
        b.return(values.reduce((sum, value) => b.alu("xor", sum, value)));
      }),
    );
    const { machine, func: spilled } = allocate(func);
    expect(Math.max(...machine.values())).toBeLessThanOrEqual(9);
    expect(spilled.slots.length).toBeGreaterThan(func.slots.length);
  });

  test("constants are made again instead of being kept", () => {
    const func = legalize(
      built((b) => {
        const big = b.copy(0x123456789abcn);
        const values = Array.from({ length: 14 }, (_, index) => unknown(b, BigInt(index)));
        b.return(values.reduce((sum, value) => b.add(sum, value), b.add(big, big)));
      }),
    );
    const stores = allocate(func).func.blocks[0].instrs.filter((instr) => instr.op === "store" && instr.value === 0);
    expect(stores).toEqual([]);
  });
});

describe("moves at the same time", () => {
  test("a chain is ordered", () => {
    expect(
      moveTogether([
        { from: 1, to: 2 },
        { from: 2, to: 3 },
      ]),
    ).toEqual([
      { from: 2, to: 3 },
      { from: 1, to: 2 },
    ]);
  });

  test("a move onto itself is none", () => {
    expect(moveTogether([{ from: 4, to: 4 }])).toEqual([]);
  });

  test("any moves, cycles among them, do what they mean", () => {
    const moves = fc
      .tuple(
        fc.shuffledSubarray([1, 2, 3, 4, 5]),
        fc.array(fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 9), { minLength: 5, maxLength: 5 }),
      )
      .map(([targets, sources]) => targets.map((to, index) => ({ from: sources[index], to })));
    fc.assert(
      fc.property(moves, (list) => {
        const registers = Array.from({ length: 10 }, (_, register) => register * 11);
        const wanted = [...registers];
        for (const { from, to } of list) wanted[to] = registers[from];
        for (const { from, to } of moveTogether(list)) registers[to] = registers[from];
        for (const { to } of list) expect(registers[to]).toBe(wanted[to]);
        for (const kept of [6, 7, 8, 9]) expect(registers[kept]).toBe(kept * 11);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

describe("stack slots", () => {
  /** A slot that is written and read in one go. */
  function useSlot(b: FuncBuilder, size: number): void {
    const slot = b.slot(size);
    b.store(slot, 0, 8, 1n);
    b.call("trace_printk", { kind: "slot", slot: slot.slot, offset: 0 }, BigInt(size));
  }

  test("slots that are never needed at the same time share their bytes", () => {
    const func = built((b) => {
      useSlot(b, 64);
      useSlot(b, 48);
      useSlot(b, 16);
      b.return(0n);
    });
    expect(placeSlots(func)).toEqual({ offsets: [-64, -48, -16], sizeBytes: 64 });
  });

  test("slots that are needed together do not", () => {
    const func = built((b) => {
      const [one, two] = [b.slot(16), b.slot(24)];
      b.store(one, 0, 8, 1n);
      b.store(two, 0, 8, 2n);
      b.return(b.add(b.load(one, 0, 8), b.load(two, 0, 8)));
    });
    expect(placeSlots(func)).toEqual({ offsets: [-40, -24], sizeBytes: 40 });
  });

  test("room above one slot may be another's", () => {
    const func = built((b) => {
      const [large, top, below, small] = [b.slot(40), b.slot(16), b.slot(16), b.slot(8)];
      for (const slot of [top, below]) b.store(slot, 0, 8, 1n);
      b.load(top, 0, 8);
      b.store(small, 0, 8, 2n);
      b.load(below, 0, 8);
      b.store(large, 0, 8, 3n);
      b.load(large, 0, 8);
      b.load(small, 0, 8);
      b.return(0n);
    });
    expect(placeSlots(func)).toEqual({ offsets: [-40, -16, -32, -48], sizeBytes: 48 });
  });

  test("a slot lives as long as a register holds its address", () => {
    const func = built((b) => {
      const one = b.slot(8);
      const pointer = b.address({ kind: "slot", slot: one.slot, offset: 0 });
      b.store(pointer, 0, 8, 5n);
      const two = b.slot(8);
      b.store(two, 0, 8, 6n);
      b.return(b.add(b.load(pointer, 0, 8), b.load(two, 0, 8)));
    });
    const { offsets } = placeSlots(func);
    expect(offsets[0]).not.toBe(offsets[1]);
  });

  test("a slot that a loop uses keeps its bytes through the loop", () => {
    const func = built((b) => {
      const kept = b.slot(8);
      b.store(kept, 0, 8, 1n);
      const [loop, end] = [b.block(), b.block()];
      b.jump(loop);
      b.enter(loop);
      const value = b.load(kept, 0, 8);
      const inner = b.slot(8);
      b.store(inner, 0, 8, 9n);
      b.branch("lt", b.add(value, b.load(inner, 0, 8)), 3n, loop, end);
      b.enter(end);
      b.return(0n);
    });
    const { offsets } = placeSlots(func);
    expect(offsets[0]).not.toBe(offsets[1]);
  });

  test("too much stack is told, with how much it is", () => {
    const func = built((b) => {
      const slots = Array.from({ length: 9 }, () => b.slot(64));
      for (const slot of slots) b.store(slot, 0, 8, 1n);
      b.return(slots.reduce((sum, slot) => b.add(sum, b.load(slot, 0, 8)), b.copy(0n)));
    });
    expect(() => generate([func], locate)).toThrow(new StackTooLargeError("entry", 576));
  });

  test("the stack of a function and of those that it calls counts together", () => {
    const frame = (b: FuncBuilder) => {
      const slots = Array.from({ length: 5 }, () => b.slot(64));
      for (const slot of slots) b.store(slot, 0, 8, 1n);
      return slots.reduce((sum, slot) => b.add(sum, b.load(slot, 0, 8)), b.copy(0n));
    };
    const inner = built((b) => {
      b.param("index");
      b.return(frame(b));
    }, "inner");
    const entry = built((b) => {
      const sum = frame(b);
      b.return(b.add(b.invoke("inner", 0n), sum));
    });
    expect(() => generate([entry, inner], locate)).toThrow(new StackTooLargeError("entry", 640));
  });

  test("a function that nobody calls is left out", () => {
    const entry = built((b) => b.return(5n));
    const lost = built((b) => b.return(6n), "lost");
    expect(generate([entry, lost], locate).subprograms.map(({ name }) => name)).toEqual(["entry"]);
    expect(run(entry, lost)).toBe(5n);
  });
});

describe("instructions", () => {
  test.each([
    [5n, ["r0 = 5", "exit"]],
    [-1n, ["r0 = -1", "exit"]],
    [0xffffffffn, ["w0 = -1", "exit"]],
    [0x100000000n, ["r0 = 0x100000000", "exit"]],
  ])("the constant %s", (value, expected) => {
    expect(disassemble(code((b) => b.return(value)))).toEqual(expected.map((line) => expect.stringContaining(line)));
  });

  test.each([
    ["add", 7n, -3n, 4n],
    ["sub", 7n, 10n, -3n],
    ["mul", -3n, 5n, -15n],
    ["div", 100n, 7n, 14n],
    ["mod", 100n, 7n, 2n],
    ["lsh", 3n, 40n, 3n << 40n],
    ["rsh", -1n, 60n, 15n],
    ["arsh", -16n, 2n, -4n],
    ["xor", 12n, 10n, 6n],
  ] as const)("%s of registers and of constants", (operator, x, y, expected) => {
    const wanted = BigInt.asUintN(64, expected);
    expect(run(built((b) => b.return(b.alu(operator, unknown(b, x), unknown(b, y)))))).toBe(wanted);
    expect(run(built((b) => b.return(b.alu(operator, unknown(b, x), y))))).toBe(wanted);
    expect(run(built((b) => b.return(b.alu(operator, b.copy(x), unknown(b, y)))))).toBe(wanted);
  });

  test("the second operand where the result is to be", () => {
    const result = run(
      built((b) => {
        const [x, y] = [unknown(b, 50n), unknown(b, 8n)];
        b.copy(b.alu("sub", x, y), y);
        b.return(b.alu("sub", y, x));
      }),
    );
    expect(BigInt.asIntN(64, result)).toBe(-8n);
  });

  test.each([
    [8, true, -1n],
    [8, false, 255n],
    [16, true, -1n],
    [32, false, 0xffffffffn],
  ] as const)("extension of %s bits", (bits, signed, expected) => {
    const wanted = BigInt.asUintN(64, expected);
    expect(run(built((b) => b.return(b.extend(unknown(b, -1n), bits, signed))))).toBe(wanted);
  });

  test("comparisons with constants that no instruction holds", () => {
    const result = run(
      built((b) => {
        const [yes, no] = [b.block(), b.block()];
        b.branch("gt", unknown(b, 0x200000000n), 0x1ffffffffn, yes, no);
        b.enter(yes);
        b.return(1n);
        b.enter(no);
        b.return(0n);
      }),
    );
    expect(result).toBe(1n);
  });

  test("memory that is far from its base", () => {
    const instructions = code((b) => b.return(b.load(b.param("p"), 40_000, 8)));
    expect(disassemble(instructions).join("\n")).toContain("+= 40000");
    expect(instructions.every(({ offset }) => offset >= -0x8000 && offset <= 0x7fff)).toBe(true);
  });

  test("a jump that does not reach is told", () => {
    const func = built((b) => {
      const [loop, end] = [b.block(), b.block()];
      const p = b.param("p");
      b.jump(loop);
      b.enter(loop);
      for (let count = 0; count < 33_000; count++) b.store(p, 0, 8, BigInt(count));
      b.branch("eq", p, 0n, loop, end);
      b.enter(end);
      b.return(0n);
    });
    expect(() => generate([func], locate)).toThrow(CodeTooLargeError);
  });
});
