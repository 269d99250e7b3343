/** Random programs. */
import fc from "fast-check";
import { type Dialect, EMPTY_SCENE, expressionOf, expressions, type Scene, TODAY, values, words } from "./arbitrary.ts";
import {
  arithmetic,
  type Callee,
  cast,
  type Expression,
  fits,
  number,
  ofType,
  part,
  read,
  step,
  text,
  truth,
  tuple,
} from "./expressions.ts";
import { scriptOf } from "./program-text.ts";
import { AGGREGATIONS, type AggregateMap, aggregateType, type Program, type Statement } from "./programs.ts";
import { BOOL, INT_TYPES, INT64, type IntType, intType, type Type, UINT64, wrap } from "./types.ts";

/** `$x` or `@x`, or a map with keys. */
interface Home {
  readonly name: string;
  readonly type: Type;
  /** The type is written down: values are cut to it. */
  readonly fixed: boolean;
  readonly keyType?: Type;
  /** What is there at first. */
  readonly initial: Expression;
}

/** What a program has, and how much of the language. */
interface Homes {
  readonly variables: readonly Home[];
  readonly maps: readonly Home[];
  readonly keyed: readonly Home[];
  readonly aggregates: readonly AggregateMap[];
  readonly callees: readonly Callee[];
  readonly dialect: Dialect;
}

const LETTERS = "abcdefghijkl";
const constants = (type: IntType) => values.map((value) => ofType(type, number(value)));

/** A type that a place can have. */
function types({ modern, casts }: Dialect): fc.Arbitrary<Type> {
  const intTypes = fc.constantFrom(...casts);
  const string = fc.integer({ min: 1, max: 41 }).map((size): Type => ({ kind: "string", size }));
  const elements = fc.oneof(intTypes, string);
  const pair = fc.tuple(elements, elements).map((list): Type => ({ kind: "tuple", elements: list }));
  if (!modern) return fc.oneof({ arbitrary: intTypes, weight: 3 }, { arbitrary: string, weight: 1 });
  return fc.oneof(
    { arbitrary: intTypes, weight: 6 },
    { arbitrary: string, weight: 2 },
    { arbitrary: fc.constant(BOOL), weight: 1 },
    { arbitrary: pair, weight: 1 },
    { arbitrary: fc.tuple(pair, elements).map((list): Type => ({ kind: "tuple", elements: list })), weight: 1 },
  );
}

/** A constant of a type; of a string, one that fills it. */
function initial(type: Type): fc.Arbitrary<Expression> {
  switch (type.kind) {
    case "int":
      return constants(type);
    case "bool":
      return fc.boolean().map(truth);
    case "string":
      return fc.constant(text("the quick brown fox jumps over a lazy dog".slice(0, type.size - 1)));
    case "tuple":
      return fc.tuple(...type.elements.map(initial)).map(tuple);
  }
}

function home(name: string, fixed: boolean, dialect: Dialect): fc.Arbitrary<Home> {
  return types(dialect).chain((type) =>
    initial(type).map((value) => ({
      name,
      type,
      // The type of a tuple has no name.
      fixed: fixed && type.kind !== "tuple",
      initial: value,
    })),
  );
}

function keyTypes({ modern, casts }: Dialect): fc.Arbitrary<Type> {
  const intTypes = fc.constantFrom(...casts);
  const string = fc.constantFrom<Type>({ kind: "string", size: 4 }, { kind: "string", size: 13 });
  const plain = fc.oneof(intTypes, string);
  const pair = fc.tuple(plain, plain).map((elements): Type => ({ kind: "tuple", elements }));
  const nested = fc.tuple(pair, intTypes).map((elements): Type => ({ kind: "tuple", elements }));
  return modern ? fc.oneof(plain, pair, nested) : plain;
}

function keyedHome(name: string, dialect: Dialect): fc.Arbitrary<Home> {
  return fc.tuple(home(name, false, dialect), keyTypes(dialect)).map(([value, keyType]) => ({ ...value, keyType }));
}

function callee(name: string): fc.Arbitrary<Callee> {
  const param = fc.oneof(
    fc.constantFrom(...INT_TYPES),
    fc.constant<Type>({ kind: "string", size: 9 }),
    fc.constant(BOOL),
  );
  return fc.tuple(fc.array(param, { minLength: 1, maxLength: 3 }), param).chain(([params, result]) => {
    const reads = params.map((type, index) => read({ name: `$p${index}` }, type));
    return expressionOf(result, expressions(sceneOf(reads, [], [], TODAY))).map((body) => ({
      name,
      params,
      result,
      body,
    }));
  });
}

function sceneOf(
  reads: readonly Expression[],
  steps: readonly Expression[],
  callees: readonly Callee[],
  dialect: Dialect,
): Scene {
  const of = (kind: Type["kind"]) => reads.filter(({ type }) => type.kind === kind);
  const scene = { numbers: of("int"), truths: of("bool"), texts: of("string"), tuples: of("tuple") };
  return { ...scene, steps, callees, dialect };
}

/** Places that may be stepped: an inferred type must not grow by it. */
function steps({ variables, maps, dialect }: Homes): Expression[] {
  if (!dialect.modern) return [];
  return [...variables, ...maps].flatMap(({ name, type, fixed }) => {
    if (type.kind !== "int") return [];
    const operators = (["++", "--"] as const).filter(
      (operator) => fixed || (type.bits === 64 && (type.signed || operator === "++")),
    );
    return operators.flatMap((operator) => [true, false].map((prefix) => step(operator, prefix, { name }, type)));
  });
}

/** Everything that can be read; elements of maps at a few keys. */
function reads(
  { variables, maps, keyed, aggregates, dialect }: Homes,
  keys: ReadonlyMap<Home, Expression[]>,
): Expression[] {
  return [
    ...[...variables, ...maps].map(({ name, type }) => read({ name }, type)),
    ...keyed.flatMap((map) => keys.get(map)!.map((key) => read({ name: map.name, key }, map.type, map.keyType))),
    ...(dialect.modern ? aggregates : [])
      .filter((map) => map.keyType === undefined && (AGGREGATIONS as readonly string[]).includes(map.aggregation))
      .filter((map) => map.aggregation !== "stats")
      .map((map) => cast(INT64, read({ name: map.name }, aggregateType(map)))),
  ];
}

/** Keys that are met again: small ones, and any. */
function keysOf(type: Type, scene: Scene): fc.Arbitrary<Expression> {
  const sorts = expressions(scene);
  if (type.kind === "int")
    return fc.oneof(
      fc.constantFrom(0n, 1n, 2n).map((n) => ofType(type, number(n))),
      expressionOf(type, sorts),
    );
  if (type.kind === "tuple") return fc.tuple(...type.elements.map((each) => keysOf(each, scene))).map(tuple);
  if (type.kind === "string")
    return fc.oneof(
      words.map((word) => text(word.slice(0, type.size - 1))),
      expressionOf(type, sorts),
    );
  return expressionOf(type, sorts);
}

/** A value for a place: any that does not make its type grow, and one that is known only if it can be held. */
function valueFor({ type, fixed }: Home, scene: Scene): fc.Arbitrary<Expression> {
  const sorts = expressions(scene);
  if (type.kind !== "int") return expressionOf(type, sorts);
  return sorts.number.map((e) => {
    if (typeof e.literal === "bigint") return wrap(type, e.literal) === e.literal ? e : ofType(type, e);
    return !e.constant && (fixed || fits(e.type, type)) ? e : ofType(type, e);
  });
}

function assignment(target: Home, scene: Scene): fc.Arbitrary<Statement> {
  const place = (key?: Expression) => ({ name: target.name, ...(key ? { key } : {}) });
  const stored = { kind: "assign", stored: target.type, keyType: target.keyType } as const;
  const value = valueFor(target, scene);
  if (!target.keyType) return value.map((e) => ({ ...stored, place: place(), value: e }));
  return fc.tuple(value, keysOf(target.keyType, scene)).map(([e, key]) => ({ ...stored, place: place(key), value: e }));
}

/** `x op= e`; where the type is inferred, only if it stays as it is. */
function compound(target: Home, calm: Scene): fc.Arbitrary<Statement>[] {
  const { type, name, fixed, keyType } = target;
  if (type.kind !== "int") return [];
  const key = keyType ? keysOf(keyType, calm).map((e): Expression | undefined => e) : fc.constant(undefined);
  const change = fc.tuple(fc.constantFrom(...calm.dialect.operators), expressions(calm).number, key);
  const statement = change.map(([operator, e, at]): Statement => {
    const place = { name, ...(at ? { key: at } : {}) };
    const plain = { kind: "assign", place, stored: type, keyType } as const;
    const whole = arithmetic(operator, read(place, type, keyType), e);
    const grows = whole.kind !== "arithmetic" || !(fixed || fits(whole.type, type));
    return grows ? { ...plain, value: ofType(type, e) } : { ...plain, operator, value: e };
  });
  return [statement];
}

/** How deep statements go, and how long blocks are. */
const DEPTH_MAX = 3;

interface Around {
  readonly depth: number;
  readonly loop: boolean;
  readonly reads: readonly Expression[];
}

/** Statements at a place; those of inner blocks are made when the first is wanted, and once. */
function statements(homes: Homes, keys: ReadonlyMap<Home, Expression[]>, around: Around): fc.Arbitrary<Statement> {
  const name = [around.loop, ...around.reads.map((e) => (e.kind === "read" ? e.place.name : ""))].join() + around.depth;
  const made = madeFor.get(homes) ?? new Map<string, fc.Arbitrary<Statement>>();
  madeFor.set(homes, made);
  return fc.constant(undefined).chain(() => {
    const known = made.get(name) ?? statementsHere(homes, keys, around);
    made.set(name, known);
    return known;
  });
}

const madeFor = new WeakMap<Homes, Map<string, fc.Arbitrary<Statement>>>();

function statementsHere(homes: Homes, keys: ReadonlyMap<Home, Expression[]>, around: Around): fc.Arbitrary<Statement> {
  const { dialect, callees } = homes;
  const readable = [...reads(homes, keys), ...around.reads];
  const calm = sceneOf(readable, [], callees, dialect);
  const scene = sceneOf(readable, steps(homes), callees, dialect);
  const sorts = expressions(scene);
  const any = fc.oneof(sorts.number, sorts.truth, sorts.text, ...(dialect.modern ? [sorts.tuple] : []));
  const places = [...homes.variables, ...homes.maps, ...homes.keyed];
  const simple: fc.Arbitrary<Statement>[] = [
    fc.array(any, { minLength: 1, maxLength: 3 }).map((list) => ({ kind: "print", values: list })),
    ...places.map((target) => assignment(target, scene)),
    ...places.flatMap((target) => compound(target, calm)),
    ...homes.aggregates.map((map) => aggregation(map, scene)),
    ...(scene.steps.length > 0
      ? [fc.constantFrom(...scene.steps).map((value): Statement => ({ kind: "evaluate", value }))]
      : []),
    ...homes.keyed.map((map) =>
      keysOf(map.keyType!, scene).map(
        (key): Statement => ({ kind: "delete", map: map.name, keyType: map.keyType!, key }),
      ),
    ),
  ];
  if (around.loop) {
    const how = fc.constantFrom("break" as const, "continue" as const);
    simple.push(fc.tuple(how, sorts.truth).map(([h, condition]) => ({ kind: "leave", how: h, condition })));
  }
  if (around.depth >= DEPTH_MAX) return fc.oneof(...simple);
  return fc.oneof(
    { arbitrary: fc.oneof(...simple), weight: 3 },
    { arbitrary: fc.oneof(...nested(homes, keys, around, calm)), weight: 1 },
  );
}

function nested(
  homes: Homes,
  keys: ReadonlyMap<Home, Expression[]>,
  around: Around,
  calm: Scene,
): fc.Arbitrary<Statement>[] {
  const sorts = expressions(calm);
  const block = (more: Partial<Around>) =>
    fc.array(statements(homes, keys, { ...around, depth: around.depth + 1, ...more }), { minLength: 1, maxLength: 3 });
  const variable = (letter: string) => `$${letter}${around.depth}`;
  const bound = sorts.number.map((e) => arithmetic("%", cast(UINT64, e), number(5n)));
  const inside = (name: string): Partial<Around> => ({ loop: true, reads: [...around.reads, read({ name }, INT64)] });
  const branch = fc
    .tuple(sorts.truth, block({}), block({}))
    .map(([condition, then, otherwise]): Statement => ({ kind: "if", condition, then, else: otherwise }));
  const counted = fc
    .tuple(fc.integer({ min: 1, max: 3 }), block(inside(variable("w"))))
    .map(([count, body]): Statement => ({ kind: "while", name: variable("w"), count, body }));
  const unrolled = fc
    .tuple(fc.integer({ min: 1, max: 3 }), block({ loop: homes.dialect.modern }))
    .map(([count, body]): Statement => ({ kind: "unroll", count, body }));
  if (!homes.dialect.modern) return [branch, unrolled, counted];
  const range = fc
    .tuple(fc.oneof(bound, fc.constantFrom(0n, -2n).map(number)), bound, block(inside(variable("i"))))
    .map(([from, to, body]): Statement => ({ kind: "range", name: variable("i"), from, to, body }));
  return [branch, counted, unrolled, range, range, ...homes.keyed.map((map) => each(homes, map, variable("kv")))];
}

/** A loop over a map in any order: what it does to a variable is commutative. */
function each(homes: Homes, map: Home, name: string): fc.Arbitrary<Statement> {
  const sums = homes.variables.filter(({ type }) => type.kind === "int" && type.bits === 64 && type.signed);
  if (sums.length === 0) return fc.constant({ kind: "print", values: [number(1n)] });
  const pair = read({ name }, { kind: "tuple", elements: [map.keyType!, map.type] });
  const scene = sceneOf([part(pair, 0), part(pair, 1), pair], [], homes.callees, TODAY);
  return fc
    .tuple(fc.constantFrom(...sums), fc.constantFrom("+" as const, "^" as const), expressions(scene).number)
    .map(([sum, operator, value]): Statement => {
      const assign = { kind: "assign", place: { name: sum.name }, stored: sum.type, operator } as const;
      return { kind: "each", name, map: map.name, body: [{ ...assign, value: cast(INT64, value) }] };
    });
}

function aggregation(map: AggregateMap, scene: Scene): fc.Arbitrary<Statement> {
  const argument = expressions(scene).number.map((e) => {
    // What count() does not take must have no effects.
    if (map.aggregation === "count") return number(1n);
    // hist() of bpftrace 0.17 ends at 32 bits.
    if (map.aggregation === "hist" && !scene.dialect.modern) return arithmetic("&", e, number(0xffffn));
    return map.signed || (e.type.kind === "int" && !e.type.signed) ? e : cast(UINT64, e);
  });
  const key = map.keyType ? keysOf(map.keyType, scene).map((e): Expression | undefined => e) : fc.constant(undefined);
  return fc.tuple(argument, key).map(([value, at]) => ({ kind: "aggregate", map, value, ...(at ? { key: at } : {}) }));
}

function aggregateMap(name: string, dialect: Dialect): fc.Arbitrary<AggregateMap> {
  // min() and max() of bpftrace 0.17 begin at 0.
  const plain = AGGREGATIONS.filter((kind) => dialect.modern || (kind !== "min" && kind !== "max"));
  const kinds = fc.constantFrom(...plain, "hist" as const, "lhist" as const);
  const signs = dialect.modern ? fc.boolean() : fc.constant(true);
  return fc
    .tuple(kinds, signs, fc.boolean(), keyTypes(dialect))
    .map(([kind, signed, keyed, keyType]) => ({ name, aggregation: kind, signed, ...(keyed ? { keyType } : {}) }));
}

/** Up to `most` things, each with a letter of its own. */
function several<T>(least: number, most: number, make: (letter: string) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc
    .integer({ min: least, max: most })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => make(LETTERS[index]))));
}

function homesOf(dialect: Dialect): fc.Arbitrary<Homes> {
  const { modern } = dialect;
  return fc.record({
    variables: several(2, modern ? 8 : 5, (letter) =>
      fc.boolean().chain((fixed) => home(`$${letter}`, fixed && modern, dialect)),
    ),
    maps: several(0, 2, (letter) => home(`@${letter}`, false, dialect)),
    keyed: several(0, 2, (letter) => keyedHome(`@k${letter}`, dialect)),
    aggregates: several(0, 2, (letter) => aggregateMap(`@z${letter}`, dialect)),
    callees: several(0, modern ? 2 : 0, (letter) => callee(`fn${letter}`)),
    dialect: fc.constant(dialect),
  });
}

/** The first statements: every place gets a value of exactly its type. */
function opening({ variables, maps, keyed, aggregates }: Homes, keys: ReadonlyMap<Home, Expression[]>): Statement[] {
  const minusOne = ofType(intType(8, true), number(-1n));
  const plusOne = ofType(intType(8, false), number(1n));
  return [
    ...variables.map(
      ({ name, type, fixed, initial: value }): Statement => ({
        kind: "declare",
        name,
        ...(fixed ? { fixed: type } : {}),
        value,
      }),
    ),
    ...maps.map(
      ({ name, type, initial: value }): Statement => ({ kind: "assign", place: { name }, stored: type, value }),
    ),
    ...keyed.flatMap((map) =>
      keys
        .get(map)!
        .slice(0, 1)
        .map(
          (key): Statement => ({
            kind: "assign",
            place: { name: map.name, key },
            stored: map.type,
            keyType: map.keyType,
            value: map.initial,
          }),
        ),
    ),
    ...aggregates.map(
      (map): Statement => ({
        kind: "aggregate",
        map,
        value: map.signed ? minusOne : plusOne,
        ...(map.keyType ? { key: constantOf(map.keyType) } : {}),
      }),
    ),
  ];
}

/** Some constant of exactly a type. */
function constantOf(type: Type): Expression {
  switch (type.kind) {
    case "int":
      return ofType(type, number(1n));
    case "bool":
      return truth(true);
    case "string":
      return text("abcdefghijklmnopqrst".slice(0, type.size - 1));
    case "tuple":
      return tuple(type.elements.map(constantOf));
  }
}

/** Random programs. */
export function programs(dialect: Dialect): fc.Arbitrary<Program> {
  return homesOf(dialect)
    .chain((homes) =>
      fc
        .tuple(
          ...homes.keyed.map(({ keyType }) =>
            fc.array(keysOf(keyType!, { ...EMPTY_SCENE, dialect }), { minLength: 1, maxLength: 2 }),
          ),
        )
        .map((lists) => ({
          homes,
          keys: new Map(homes.keyed.map((map, index) => [map, [constantOf(map.keyType!), ...lists[index]]])),
        })),
    )
    .chain(({ homes, keys }) =>
      fc
        .array(statements(homes, keys, { depth: 0, loop: false, reads: [] }), {
          minLength: 1,
          maxLength: dialect.length,
          size: "max",
        })
        .map((body) => shown({ callees: homes.callees, body: [...opening(homes, keys), ...body] })),
    );
}

/** A program that fast-check shows as its script. */
function shown(program: Program): Program {
  return Object.defineProperty(program, fc.toStringMethod, { value: () => scriptOf([program]) });
}
