import { expect, test } from "vitest";
import { FuncBuilder } from "../builder.ts";
import { checkFunc } from "../check.ts";
import type { Func } from "../ir.ts";
import { printFunc } from "../print.ts";
import { shareCalls } from "./common-calls.ts";
import { tidyControlFlow } from "./control-flow.ts";
import { removeDeadCode } from "./dead-code.ts";
import { fuseCopies } from "./fuse-copies.ts";
import { optimise } from "./index.ts";
import { simplify } from "./simplify.ts";

/** Builds a function, runs a pass on it and prints what is in its braces. */
function after(pass: (func: Func) => Func, build: (b: FuncBuilder) => void): string {
  const b = new FuncBuilder("f");
  build(b);
  const func = b.finish();
  checkFunc(func, "builder");
  const result = pass(func);
  checkFunc(result, "pass");
  return printFunc(result)
    .split("\n")
    .slice(1, -1)
    .map((line) => line.trim())
    .join("\n");
}

test("constants are folded, through copies and across blocks", () => {
  const text = after(simplify, (b) => {
    const five = b.copy(5n);
    const next = b.block();
    b.jump(next);
    b.enter(next);
    const sum = b.alu("add", b.copy(five), 7n);
    b.return(b.alu("mul", sum, sum));
  });
  expect(text).toBe("b0:\nv0 = 5\njump b1\nb1:\nv1 = 5\nv2 = 12\nv3 = 144\nreturn 144");
});

test.each([
  ["add", 0n, "v0"],
  ["sub", 0n, "v0"],
  ["mul", 1n, "v0"],
  ["div", 1n, "v0"],
  ["mul", 0n, "0"],
  ["and", 0n, "0"],
  ["lsh", 0n, "v0"],
  ["mul", 8n, "lsh v0, 3"],
  ["div", 16n, "rsh v0, 4"],
  ["mod", 32n, "and v0, 31"],
  ["mul", 6n, "mul v0, 6"],
  ["mod", 1n << 40n, "mod v0, 1099511627776"],
] as const)("v %s %s becomes %s", (operator, by, expected) => {
  const text = after(simplify, (b) => b.return(b.alu(operator, b.param("p"), by)));
  expect(text).toContain(`v1 = ${expected}\n`);
});

test("additions of constants are joined", () => {
  const text = after(simplify, (b) => b.return(b.add(b.add(b.param("p"), 5n), -8n)));
  expect(text).toContain("v2 = add v0, -3");
});

test("division by a constant zero gives zero, the remainder the dividend", () => {
  const text = after(simplify, (b) => {
    const nine = b.copy(9n);
    b.return(b.add(b.alu("div", nine, 0n), b.alu("mod", nine, 0n)));
  });
  expect(text).toContain("return 9");
});

test("a register that is written twice is followed inside a block only", () => {
  const text = after(simplify, (b) => {
    const v = b.copy(1n);
    const seen = b.copy(v);
    b.copy(2n, v);
    const loop = b.block();
    b.jump(loop);
    b.enter(loop);
    b.return(b.add(v, seen));
  });
  expect(text).toBe("b0:\nv0 = 1\nv1 = 1\nv0 = 2\njump b1\nb1:\nv2 = add v0, 1\nreturn v2");
});

test("extensions and swaps of constants", () => {
  const text = after(simplify, (b) => {
    const c = b.copy(0x1ffn);
    b.store(b.param("p"), 0, 8, b.extend(c, 8, true));
    b.store(1, 8, 8, b.extend(c, 8, false));
    b.store(1, 16, 8, b.swap(c, 16));
    b.store(1, 24, 8, b.neg(c));
    b.return(0n);
  });
  expect(text.split("\n").filter((line) => line.startsWith("store"))).toEqual([
    "store64 [v1], -1",
    "store64 [v1 + 8], 255",
    "store64 [v1 + 16], 65281",
    "store64 [v1 + 24], -511",
  ]);
});

test.each([
  ["gt", -1n, 0n, true],
  ["sgt", -1n, 0n, false],
  ["le", 5n, 5n, true],
  ["set", 6n, 2n, true],
  ["slt", -2n, -1n, true],
] as const)("a branch on constants is decided: %s %s %s", (condition, a, b, taken) => {
  const text = after(simplify, (builder) => {
    const [yes, no] = [builder.block(), builder.block()];
    builder.branch(condition, builder.copy(a), b, yes, no);
    builder.enter(yes);
    builder.return(1n);
    builder.enter(no);
    builder.return(0n);
  });
  expect(text).toContain(`jump b${taken ? 1 : 2}`);
});

test("a constant on the left of a comparison goes to the right", () => {
  const text = after(simplify, (b) => {
    const [yes, no] = [b.block(), b.block()];
    b.branch("slt", b.copy(5n), b.param("p"), yes, no);
    b.enter(yes);
    b.return(1n);
    b.enter(no);
    b.return(0n);
  });
  expect(text).toContain("if v1 sgt 5 b1 else b2");
});

test("empty blocks are jumped over and chains are joined", () => {
  const text = after(tidyControlFlow, (b) => {
    const [first, second, third, lost] = [b.block(), b.block(), b.block(), b.block()];
    const p = b.param("p");
    b.jump(first);
    b.enter(first);
    b.jump(second);
    b.enter(second);
    const q = b.add(p, 1n);
    b.jump(third);
    b.enter(third);
    b.return(q);
    b.enter(lost);
    b.return(7n);
  });
  expect(text).toBe("b0:\nv1 = add v0, 1\nreturn v1");
});

test("a branch whose sides meet at once is none", () => {
  const text = after(tidyControlFlow, (b) => {
    const [yes, no, end] = [b.block(), b.block(), b.block()];
    b.branch("eq", b.param("p"), 0n, yes, no);
    for (const block of [yes, no]) {
      b.enter(block);
      b.jump(end);
    }
    b.enter(end);
    b.return(3n);
  });
  expect(text).toBe("b0:\nreturn 3");
});

test("an endless loop stays", () => {
  const text = after(tidyControlFlow, (b) => {
    const loop = b.block();
    b.jump(loop);
    b.enter(loop);
    b.jump(loop);
  });
  expect(text).toContain("jump b1");
});

test("what nobody reads is removed, what has an effect stays", () => {
  const text = after(removeDeadCode, (b) => {
    const p = b.param("p");
    b.add(p, 1n);
    b.call("get_current_pid_tgid");
    b.call("map_delete_elem", { kind: "map", map: "m" }, p);
    b.store(p, 0, 8, 1n);
    b.atomicAdd(p, 0, 8, 1n, true);
    b.return(0n);
  });
  expect(text).toBe("b0:\ncall map_delete_elem(&m, v0)\nstore64 [v0], 1\nv6 = 1\natomic-add64 [v0], v6\nreturn 0");
});

test("a value that is needed in the next turn of a loop stays", () => {
  const text = after(removeDeadCode, (b) => {
    const [loop, end] = [b.block(), b.block()];
    const i = b.copy(0n);
    b.jump(loop);
    b.enter(loop);
    b.copy(b.add(i, 1n), i);
    b.branch("lt", i, 5n, loop, end);
    b.enter(end);
    b.return(0n);
  });
  expect(text).toContain("v1 = add v0, 1\nv0 = v1");
});

test("the same pure call is made once on each way", () => {
  const text = after(shareCalls, (b) => {
    const [yes, no, end] = [b.block(), b.block(), b.block()];
    const first = b.call("get_current_pid_tgid");
    b.branch("eq", first, 0n, yes, no);
    b.enter(yes);
    b.call("get_smp_processor_id");
    b.jump(end);
    b.enter(no);
    b.jump(end);
    b.enter(end);
    const again = b.call("get_current_pid_tgid");
    b.return(b.add(again, b.call("get_smp_processor_id")));
  });
  expect(text).toContain("v2 = v0");
  expect(text.match(/call get_smp_processor_id/g)).toHaveLength(2);
});

test("clocks are read each time", () => {
  const text = after(shareCalls, (b) => b.return(b.alu("sub", b.call("ktime_get_ns"), b.call("ktime_get_ns"))));
  expect(text.match(/call ktime_get_ns/g)).toHaveLength(2);
});

test("a variable is changed in place", () => {
  const text = after(fuseCopies, (b) => {
    const v = b.copy(b.param("p"));
    b.copy(b.add(v, 1n), v);
    b.return(v);
  });
  expect(text).toBe("b0:\nv1 = v0\nv1 = add v1, 1\nreturn v1");
});

test("a result is not put where the second operand is", () => {
  const text = after(fuseCopies, (b) => {
    const p = b.param("p");
    const v = b.copy(p);
    b.copy(b.alu("sub", p, v), v);
    b.return(v);
  });
  expect(text).toBe("b0:\nv1 = v0\nv2 = sub v0, v1\nv1 = v2\nreturn v1");
});

test("a result that is read twice is not fused", () => {
  const text = after(fuseCopies, (b) => {
    const v = b.copy(1n);
    const sum = b.add(b.param("p"), 1n);
    b.copy(sum, v);
    b.return(b.add(v, sum));
  });
  expect(text).toContain("v2 = add v1, 1\nv0 = v2");
});

test("all passes together, each checked", () => {
  const text = after(
    (func) => optimise(func, { check: true }),
    (b) => {
      const [yes, no, end] = [b.block(), b.block(), b.block()];
      const result = b.copy(0n);
      b.branch("ne", b.alu("mul", b.copy(3n), 2n), 6n, yes, no);
      b.enter(yes);
      b.copy(b.call("get_current_task"), result);
      b.jump(end);
      b.enter(no);
      b.copy(b.add(b.param("p"), 4n), result);
      b.jump(end);
      b.enter(end);
      b.return(result);
    },
  );
  expect(text).toBe("b0:\nv0 = add v4, 4\nreturn v0");
});

test("a broken function is told", () => {
  const b = new FuncBuilder("f");
  b.return(b.reg());
  expect(() => checkFunc(b.finish(), "test")).toThrow("v0 is read before it is written");
});
