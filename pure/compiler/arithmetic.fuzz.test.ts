/** Whole-number expressions against a model: the rules of the language written a second time. */
import { Vm } from "@beetrace/bytecode";
import { ByteReader } from "@beetrace/std";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compiled } from "./testing/index.ts";

/** An expression's text, its value and its type: int64 or uint64. */
export interface Modelled {
  readonly text: string;
  readonly value: bigint;
  readonly signed: boolean;
}

function typed(text: string, value: bigint, signed: boolean): Modelled {
  return { text, value: signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value), signed };
}

type Rule = (a: Modelled, b: Modelled) => Modelled;

const unsigned = (value: bigint) => BigInt.asUintN(64, value);

/** Division is unsigned and gives 1 for a divisor of zero; the other operand is cast so that no warning is due. */
function divided(operator: "/" | "%"): Rule {
  return (a, b) => {
    const [left, right] = [unsigned(a.value), unsigned(b.value)];
    const quotient = right === 0n ? 1n : operator === "/" ? left / right : left % right;
    return typed(`((uint64)${a.text} ${operator} (uint64)${b.text})`, quotient, false);
  };
}

/** The result is unsigned only where both operands are; a difference never is. */
function arithmetic(operator: string, compute: (a: bigint, b: bigint) => bigint): Rule {
  return (a, b) =>
    typed(`(${a.text} ${operator} ${b.text})`, compute(a.value, b.value), operator === "-" || a.signed || b.signed);
}

/** Two that differ in their signs meet as int64. */
function compared(operator: string, compute: (a: bigint, b: bigint) => boolean): Rule {
  return (a, b) => {
    const wrap = a.signed || b.signed ? BigInt.asIntN : BigInt.asUintN;
    const values: [bigint, bigint] = [wrap(64, a.value), wrap(64, b.value)];
    return typed(`(int64)(${a.text} ${operator} ${b.text})`, compute(...values) ? 1n : 0n, true);
  };
}

function shifted(operator: "<<" | ">>"): Rule {
  return (a, b) => {
    const by = unsigned(b.value) & 63n;
    const value = operator === "<<" ? a.value << by : unsigned(a.value) >> by;
    return typed(`(${a.text} ${operator} (${b.text} & 63))`, value, a.signed);
  };
}

const RULES: readonly Rule[] = [
  arithmetic("+", (a, b) => a + b),
  arithmetic("-", (a, b) => a - b),
  arithmetic("*", (a, b) => a * b),
  arithmetic("&", (a, b) => a & b),
  arithmetic("|", (a, b) => a | b),
  arithmetic("^", (a, b) => a ^ b),
  divided("/"),
  divided("%"),
  shifted("<<"),
  shifted(">>"),
  compared("==", (a, b) => a === b),
  compared("!=", (a, b) => a !== b),
  compared("<", (a, b) => a < b),
  compared("<=", (a, b) => a <= b),
  compared(">", (a, b) => a > b),
  compared(">=", (a, b) => a >= b),
  (a, b) => typed(`(int64)(${a.text} && ${b.text})`, a.value !== 0n && b.value !== 0n ? 1n : 0n, true),
  (a, b) => typed(`(int64)(${a.text} || !${b.text})`, a.value !== 0n || b.value === 0n ? 1n : 0n, true),
  (a, b) => typed(`(${a.text} ? ${b.text} : ${a.text})`, a.value !== 0n ? b.value : a.value, a.signed || b.signed),
];

function cast(bits: number, signed: boolean): (a: Modelled) => Modelled {
  const wrap = signed ? BigInt.asIntN : BigInt.asUintN;
  const name = `${signed ? "" : "u"}int${bits}`;
  // Arithmetic on narrow types is 64 bits wide: adding a zero of the same sign says so.
  return (a) => typed(`((${name})${a.text} + (${signed ? "" : "u"}int64)0)`, wrap(bits, a.value), signed);
}

const UNARY: readonly ((a: Modelled) => Modelled)[] = [
  (a) => typed(`(-${a.text})`, -a.value, true),
  (a) => typed(`(~${a.text})`, ~a.value, a.signed),
  (a) => typed(`(int64)(!${a.text})`, a.value === 0n ? 1n : 0n, true),
  ...[8, 16, 32, 64].flatMap((bits) => [cast(bits, true), cast(bits, false)]),
];

/** Expressions over these leaves. */
export function modelled(leaves: readonly Modelled[]): fc.Arbitrary<Modelled> {
  const { expression } = fc.letrec<{ expression: Modelled }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      fc.constantFrom(...leaves),
      fc.tuple(fc.constantFrom(...UNARY), tie("expression")).map(([rule, a]) => rule(a)),
      fc.tuple(fc.constantFrom(...RULES), tie("expression"), tie("expression")).map(([rule, a, b]) => rule(a, b)),
    ),
  }));
  return expression;
}

interface Scene {
  readonly leaves: readonly Modelled[];
  readonly result: Modelled;
}

const EDGES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  63n,
  64n,
  127n,
  128n,
  255n,
  256n,
  32767n,
  65535n,
  2147483647n,
  2147483648n,
  4294967295n,
];
const WIDE = [4294967296n, 0x7fffffffffffffffn, 0x8000000000000000n, 0xffffffffffffffffn];
const numbers = fc.oneof(
  fc.constantFrom(...EDGES, ...EDGES.map((edge) => -edge), ...WIDE),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
);

const scenes: fc.Arbitrary<Scene> = fc.array(numbers, { minLength: 6, maxLength: 6 }).chain((values) => {
  const leaves = values.map((value, index) => typed(`$v${index}`, value, index % 2 === 0));
  return modelled(leaves).map((result) => ({ leaves, result }));
});

/** Runs a script of begin probes and gives the bits of its map @r. */
function resultOf(source: string): { readonly value: bigint; readonly signed: boolean } {
  const script = compiled(source);
  const vm = new Vm({ maps: script.collection.maps });
  for (const program of script.collection.programs) vm.run(program);
  const map = script.maps.find((each) => each.layout.name === "@r")!;
  const kernel = vm.map(map.map);
  const bytes = kernel.kind === "keyed" ? kernel.get(new Uint8Array(4)) : undefined;
  const signed = map.layout.value.kind === "int" && map.layout.value.signed;
  const bits = new ByteReader(bytes!, true, 0).u64();
  return { value: signed ? BigInt.asIntN(64, bits) : bits, signed };
}

function literal({ value, signed }: Modelled): string {
  return signed ? `(int64)${value}` : `(uint64)${value}`;
}

test("what is only known when the program runs", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenes, ({ leaves, result }) => {
      const write = leaves.map((leaf, index) => `@v${index} = ${literal(leaf)};`).join(" ");
      const read = leaves.map((leaf, index) => `${leaf.text} = @v${index};`).join(" ");
      const { text, value, signed } = result;
      expect(resultOf(`begin { ${write} } begin { ${read} @r = ${text}; }`)).toEqual({ value, signed });
    }),
    { numRuns: 400, seed: 1 },
  );
});

test("what is known beforehand", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenes, ({ leaves, result }) => {
      const known = leaves.map((leaf) => `${leaf.text} = ${literal(leaf)};`).join(" ");
      const { text, value, signed } = result;
      expect(resultOf(`begin { ${known} @r = ${text}; }`)).toEqual({ value, signed });
    }),
    { numRuns: 400, seed: 2 },
  );
});

test("inside a loop, with variables in memory", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenes, ({ leaves, result }) => {
      const known = leaves.map((leaf) => `${leaf.text} = ${literal(leaf)};`).join(" ");
      const { text, value, signed } = result;
      expect(resultOf(`begin { ${known} for $i : 0..1 { @r = ${text}; } }`)).toEqual({ value, signed });
    }),
    { numRuns: 200, seed: 3 },
  );
});

test("in a condition", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenes, ({ leaves, result }) => {
      const write = leaves.map((leaf, index) => `@v${index} = ${literal(leaf)};`).join(" ");
      const read = leaves.map((leaf, index) => `${leaf.text} = @v${index};`).join(" ");
      const source = `begin { ${write} } begin { ${read} if (${result.text}) { @r = (int64)1; } else { @r = (int64)2; } }`;
      expect(resultOf(source).value).toBe(result.value === 0n ? 2n : 1n);
    }),
    { numRuns: 300, seed: 4 },
  );
});
