/** Random expressions. */
import fc from "fast-check";
import {
  ARITHMETIC,
  type ArithmeticOperator,
  arithmetic,
  block,
  byte,
  type Callee,
  COMPARISONS,
  call,
  cast,
  choice,
  comparison,
  complement,
  type Expression,
  logic,
  macro,
  negative,
  not,
  number,
  ofType,
  part,
  strncmp,
  text,
  truth,
  tuple,
} from "./expressions.ts";
import { BOOL, INT_TYPES, INT64, type IntType, type StringType, type TupleType, type Type } from "./types.ts";

/** What expressions are made of: by kind of value, what there is to read; and what the language they are for has. */
export interface Scene {
  readonly numbers: readonly Expression[];
  readonly truths: readonly Expression[];
  readonly texts: readonly Expression[];
  readonly tuples: readonly Expression[];
  /** Expressions that change what they read: `$i++`. */
  readonly steps: readonly Expression[];
  readonly callees: readonly Callee[];
  readonly dialect: Dialect;
}

/** How much of the language there is. */
export interface Dialect {
  /** Everything of today's; without it, what bpftrace 0.17 has too. */
  readonly modern: boolean;
  /** What is cast to. */
  readonly casts: readonly IntType[];
  readonly operators: readonly ArithmeticOperator[];
  /** How deep expressions go. */
  readonly depth: number;
  /** How many statements a program has at most. */
  readonly length: number;
}

export const TODAY: Dialect = { modern: true, casts: INT_TYPES, operators: ARITHMETIC, depth: 5, length: 12 };

/** All of today's language in programs of which the verifier follows every way in little time. */
export const SMALL: Dialect = { ...TODAY, depth: 3, length: 6 };

/** What bpftrace 0.17 has, and computes by rules of its own where widths and signs meet. */
export const OLD: Dialect = { ...SMALL, modern: false };

/** What bpftrace 0.17 computes by today's rules: all is int64, and nothing is divided or shifted by any number. */
export const OLD_PLAIN: Dialect = {
  modern: false,
  casts: [INT64],
  operators: ["+", "-", "*", "&", "|", "^"],
  depth: 4,
  length: 8,
};

export const EMPTY_SCENE: Scene = {
  numbers: [],
  truths: [],
  texts: [],
  tuples: [],
  steps: [],
  callees: [],
  dialect: TODAY,
};

/** Where widths and signs end. */
const EDGES = [0n, 1n, 2n, 3n, 7n, 8n, 10n, 31n, 32n, 63n, 64n, 100n].concat(
  [7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n].flatMap((bits) => [(1n << bits) - 1n, 1n << bits, (1n << bits) + 1n]),
);

/** Numbers that 64 bits hold, signed or not. */
export const values: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...EDGES.filter((edge) => edge < 1n << 64n)),
  fc.constantFrom(...EDGES.filter((edge) => edge <= 1n << 63n)).map((edge) => -edge),
  fc.bigInt({ min: -100n, max: 100n }),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }),
);

/** Texts of all lengths around the widths of loads. */
export const words: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "a", "ab", "abc", "abd", "b"),
  fc.integer({ min: 0, max: 40 }).map((length) => "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH".slice(0, length)),
  fc.string({ unit: fc.constantFrom(..."abcxyz019 _-"), maxLength: 12 }),
);

/** All kinds of expressions count together in how deep they go. */
function shape({ dialect }: Scene): fc.OneOfConstraints {
  return { depthSize: "small", maxDepth: dialect.depth, depthIdentifier: "expression", withCrossShrink: true };
}

type Sorts = Record<"number" | "truth" | "text" | "tuple", Expression>;
type Tie = fc.LetrecTypedTie<Sorts>;

/** Those of a list, if there are any. */
function among<T>(list: readonly T[]): fc.Arbitrary<T>[] {
  return list.length > 0 ? [fc.constantFrom(...list)] : [];
}

function numbers(tie: Tie, scene: Scene): fc.Arbitrary<Expression> {
  const { number: n, truth: t, text: s, tuple: p } = sorts(tie);
  const leaves = [...among(scene.numbers), ...among(scene.numbers), values.map(number)];
  const operators = fc.constantFrom(...scene.dialect.operators);
  const intTypes = fc.constantFrom(...scene.dialect.casts);
  const common = [
    fc.tuple(operators, n, n).map(([operator, a, b]) => arithmetic(operator, a, b)),
    fc.tuple(operators, n, n).map(([operator, a, b]) => arithmetic(operator, a, b)),
    fc.tuple(intTypes, n).map(([type, a]) => cast(type, a)),
    fc.tuple(intTypes, t).map(([type, a]) => cast(type, a)),
    n.map(negative),
    n.map(complement),
    fc.tuple(t, n, n).map(([c, a, b]) => choice("?:", c, a, b)),
    ...among(scene.steps),
  ];
  const modern = [
    fc.tuple(n, n).map(([a, b]) => choice("?:", a, undefined, b)),
    fc.tuple(t, n, n).map(([c, a, b]) => choice("if", c, a, b)),
    fc.tuple(s, n).map(([of, index]) => byte(of, index)),
    fc.tuple(n, s).map(([a, b]) => part(tuple([a, b]), 0)),
    fc.tuple(n, n, p).map(([a, b, c]) => part(tuple([c, a, b]), 2)),
    p.map((of) => firstOf(of, "int") ?? number(7n)),
    n.map(block),
    n.map(twice),
    fc.tuple(n, n).map(([a, b]) => larger(a, b)),
    ...calls(scene, "int", tie),
  ];
  return fc.oneof(shape(scene), ...leaves, ...common, ...(scene.dialect.modern ? modern : []));
}

function truths(tie: Tie, scene: Scene): fc.Arbitrary<Expression> {
  const { number: n, truth: t, text: s, tuple: p } = sorts(tie);
  const operators = fc.constantFrom(...COMPARISONS);
  const equality = fc.constantFrom("==" as const, "!=" as const);
  const leaves = [
    ...among(scene.truths),
    fc.tuple(operators, n, n).map(([operator, a, b]) => comparison(operator, a, b)),
  ];
  const common = [
    fc.tuple(fc.constantFrom("&&" as const, "||" as const), t, t).map(([operator, a, b]) => logic(operator, a, b)),
    fc.tuple(fc.constantFrom("&&" as const, "||" as const), n, t).map(([operator, a, b]) => logic(operator, a, b)),
    n.map(not),
    t.map(not),
    fc.tuple(equality, s, s).map(([operator, a, b]) => comparison(operator, a, b)),
  ];
  const modern = [
    fc.boolean().map(truth),
    n.map((a) => cast(BOOL, a)),
    fc.tuple(t, t, t).map(([c, a, b]) => choice("?:", c, a, b)),
    fc.tuple(s, s, fc.integer({ min: 1, max: 12 })).map(([a, b, count]) => strncmp(a, b, count)),
    fc.tuple(equality, p, p).map(([operator, a, b]) => sameShape(operator, a, b)),
    t.map(block),
    ...calls(scene, "bool", tie),
  ];
  return fc.oneof(shape(scene), ...leaves, ...common, ...(scene.dialect.modern ? modern : []));
}

function twice(a: Expression): Expression {
  const sum = arithmetic("+", a, a);
  return sum.kind === "arithmetic" ? macro("twice", [a], sum) : a;
}

function larger(a: Expression, b: Expression): Expression {
  const condition = comparison(">", a, b);
  return condition.kind === "comparison" ? macro("larger", [a, b], choice("?:", condition, a, b)) : a;
}

/** Tuples can be compared when their elements can. */
function sameShape(operator: "==" | "!=", a: Expression, b: Expression): Expression {
  return comparison(operator, a, conform(a, b));
}

/** `b`, or `a` where that cannot be compared with it. */
function conform(a: Expression, b: Expression): Expression {
  return shapeOf(a.type) === shapeOf(b.type) ? b : a;
}

function shapeOf(type: Type): string {
  return type.kind === "tuple" ? `(${type.elements.map(shapeOf).join()})` : type.kind;
}

function texts(tie: Tie, scene: Scene): fc.Arbitrary<Expression> {
  const { text: s, truth: t, tuple: p } = sorts(tie);
  const leaves = [...among(scene.texts), words.map(text)];
  const common = [fc.tuple(t, s, s).map(([c, a, b]) => choice("?:", c, a, b))];
  const modern = [
    fc.tuple(t, s, s).map(([c, a, b]) => choice("if", c, a, b)),
    fc.tuple(s, s).map(([a, b]) => part(tuple([a, b]), 1)),
    p.map((of) => firstOf(of, "string") ?? text("none")),
    s.map(block),
    ...calls(scene, "string", tie),
  ];
  return fc.oneof(shape(scene), ...leaves, ...common, ...(scene.dialect.modern ? modern : []));
}

function tuples(tie: Tie, scene: Scene): fc.Arbitrary<Expression> {
  const { number: n, text: s, truth: t, tuple: p } = sorts(tie);
  const leaves = [
    ...among(scene.tuples),
    fc.tuple(n, s).map(tuple),
    fc.tuple(n, n).map(tuple),
    fc.tuple(n, s, n).map(tuple),
  ];
  const modern = [
    fc.tuple(n).map(tuple),
    fc.tuple(t, n, t).map(tuple),
    fc.tuple(p, n).map(tuple),
    fc.tuple(s, p, p).map(tuple),
    fc.tuple(t, p, p).map(([c, a, b]) => choice("?:", c, a, conform(a, b))),
    p.map(block),
  ];
  return fc.oneof(shape(scene), ...leaves, ...(scene.dialect.modern ? modern : []));
}

/** The first element of a kind in a tuple, in its own tuples too. */
function firstOf(of: Expression, kind: Type["kind"]): Expression | undefined {
  for (const [index, element] of (of.type as TupleType).elements.entries()) {
    const inside = part(of, index);
    if (element.kind === kind) return inside;
    const deeper = element.kind === "tuple" ? firstOf(inside, kind) : undefined;
    if (deeper) return deeper;
  }
  return undefined;
}

function calls(scene: Scene, kind: Type["kind"], tie: Tie): fc.Arbitrary<Expression>[] {
  return scene.callees
    .filter((callee) => callee.result.kind === kind)
    .map((callee) => fc.tuple(...callee.params.map((type) => argument(type, tie))).map((args) => call(callee, args)));
}

function argument(type: Type, tie: Tie): fc.Arbitrary<Expression> {
  if (type.kind === "int") return tie("number");
  if (type.kind === "bool") return tie("truth");
  return tie("text").map((e) => shorter(e, type as StringType));
}

/** A text of no more than `size` bytes. */
function shorter(e: Expression, { size }: StringType): Expression {
  return (e.type as StringType).size <= size ? e : text("much shorter".slice(0, Math.max(0, size - 1)));
}

function sorts(tie: Tie) {
  return { number: tie("number"), truth: tie("truth"), text: tie("text"), tuple: tie("tuple") };
}

/** Expressions over a scene, by the kind of value that they give. */
export function expressions(scene: Scene): { readonly [K in keyof Sorts]: fc.Arbitrary<Expression> } {
  const known = expressionsOf.get(scene);
  if (known) return known;
  const made = fc.letrec<Sorts>((tie) => ({
    number: numbers(tie, scene),
    truth: truths(tie, scene),
    text: texts(tie, scene),
    tuple: tuples(tie, scene),
  }));
  expressionsOf.set(scene, made);
  return made;
}

const expressionsOf = new WeakMap<Scene, ReturnType<typeof expressions>>();

/** An expression as one of a type: cast, shortened, or an element for each of a tuple's. */
export function expressionOf(type: Type, sorts: ReturnType<typeof expressions>): fc.Arbitrary<Expression> {
  switch (type.kind) {
    case "int":
      return sorts.number.map((e) => ofType(type, e));
    case "bool":
      return sorts.truth;
    case "string":
      return sorts.text.map((e) => shorter(e, type));
    case "tuple":
      return fc.tuple(...type.elements.map((element) => expressionOf(element, sorts))).map(tuple);
  }
}
