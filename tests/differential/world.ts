/** The oracle of whole programs: what one prints, and what it leaves in its maps. */

import { bigintAsText, computed, evaluate, isTrue, type Store } from "./evaluate.ts";
import type { Callee, Expression, Place } from "./expressions.ts";
import { type AggregateMap, LHIST, type Program, type Statement } from "./programs.ts";
import { convert, type IntType, show, type Type, type Value, wrap } from "./types.ts";

/** What a map holds under the text of each key; a scalar map under "". */
type Elements = Map<string, { readonly key: Value | undefined; value: Value }>;

interface Aggregate {
  readonly key: Value | undefined;
  readonly values: bigint[];
}

/** What came of a program. */
export interface Outcome {
  readonly lines: readonly (readonly Value[])[];
  readonly maps: ReadonlyMap<string, Elements>;
  readonly aggregates: ReadonlyMap<AggregateMap, ReadonlyMap<string, Aggregate>>;
}

/** What a loop's body ended with. */
type Flow = "on" | "break" | "continue";

/** Runs a program by the rules. */
export function runProgram(program: Program): Outcome {
  const world = new World();
  world.run(program.body);
  return world;
}

class World implements Store, Outcome {
  readonly lines: Value[][] = [];
  readonly maps: Map<string, Elements>;
  readonly aggregates: Map<AggregateMap, Map<string, Aggregate>>;
  readonly #variables = new Map<string, Value>();

  constructor(outer?: World) {
    this.maps = outer?.maps ?? new Map();
    this.aggregates = outer?.aggregates ?? new Map();
  }

  read({ name }: Place, type: Type, key: Value | undefined): Value {
    if (name.startsWith("$")) return this.#variables.get(name)!;
    const aggregate = [...this.aggregates].find(([map]) => map.name === name);
    if (aggregate) return aggregateValue(aggregate[0], aggregate[1].get(keyText(key))?.values ?? []);
    return this.maps.get(name)?.get(keyText(key))?.value ?? zero(type);
  }

  write({ name }: Place, value: Value, key: Value | undefined): void {
    if (name.startsWith("$")) this.#variables.set(name, value);
    else elementsOf(this.maps, name).set(keyText(key), { key, value });
  }

  called(callee: Callee, args: readonly Value[]): Store {
    const inner = new World(this);
    for (const index of callee.params.keys()) inner.write({ name: `$p${index}` }, args[index], undefined);
    return inner;
  }

  run(statements: readonly Statement[]): Flow {
    for (const statement of statements) {
      const flow = this.#statement(statement);
      if (flow !== "on") return flow;
    }
    return "on";
  }

  #statement(s: Statement): Flow {
    switch (s.kind) {
      case "declare":
        this.write({ name: s.name }, convert(s.fixed ?? s.value.type, evaluate(s.value, this)), undefined);
        return "on";
      case "assign":
        this.#assign(s);
        return "on";
      case "evaluate":
        evaluate(s.value, this);
        return "on";
      case "if":
        return this.run(isTrue(evaluate(s.condition, this)) ? s.then : s.else);
      case "leave":
        return isTrue(evaluate(s.condition, this)) ? s.how : "on";
      case "print":
        this.lines.push(s.values.map((value) => evaluate(value, this)));
        return "on";
      case "aggregate":
        this.#aggregate(s.map, s.key, s.value);
        return "on";
      case "delete":
        this.maps.get(s.map)?.delete(keyText(convert(s.keyType, evaluate(s.key, this))));
        return "on";
      default:
        this.#loop(s);
        return "on";
    }
  }

  /** The value comes before the key. */
  #assign(s: Statement & { kind: "assign" }): void {
    const type = s.stored as IntType;
    const keyed = () => s.place.key && s.keyType && convert(s.keyType, evaluate(s.place.key, this));
    if (s.operator === undefined) {
      const value = convert(s.stored, evaluate(s.value, this));
      this.write(s.place, value, keyed());
      return;
    }
    const key = keyed();
    const before = this.read(s.place, type, key) as bigint;
    this.write(s.place, wrap(type, computed(s.operator, before, evaluate(s.value, this) as bigint)), key);
  }

  #loop(s: Statement & { kind: "range" | "each" | "while" | "unroll" }): void {
    const turns: Value[] = s.kind === "each" ? this.#entries(s.map) : this.#counts(s);
    for (const turn of turns) {
      if (s.kind !== "unroll") this.#variables.set(s.name, turn);
      if (this.run(s.body) === "break") return;
    }
  }

  #entries(map: string): Value[] {
    return [...(this.maps.get(map)?.values() ?? [])].map(({ key, value }) => [key!, value]);
  }

  #counts(s: Statement & { kind: "range" | "while" | "unroll" }): Value[] {
    const from = s.kind === "range" ? (evaluate(s.from, this) as bigint) : 0n;
    const to = s.kind === "range" ? (evaluate(s.to, this) as bigint) : BigInt(s.count);
    // A while loop counts before its body sees the number.
    const first = s.kind === "while" ? from + 1n : from;
    return Array.from({ length: Math.max(0, Number(to - from)) }, (_, index) => first + BigInt(index));
  }

  /** The key comes before the value. */
  #aggregate(map: AggregateMap, key: Expression | undefined, value: Expression): void {
    const at = key && map.keyType && convert(map.keyType, evaluate(key, this));
    const number = evaluate(value, this) as bigint;
    const known = this.aggregates.get(map) ?? new Map<string, Aggregate>();
    this.aggregates.set(map, known);
    const aggregate = known.get(keyText(at)) ?? { key: at, values: [] };
    known.set(keyText(at), aggregate);
    aggregate.values.push(map.signed ? BigInt.asIntN(64, number) : BigInt.asUintN(64, number));
  }
}

function elementsOf(maps: Map<string, Elements>, name: string): Elements {
  const elements: Elements = maps.get(name) ?? new Map();
  maps.set(name, elements);
  return elements;
}

function keyText(key: Value | undefined): string {
  return key === undefined ? "" : JSON.stringify(key, bigintAsText);
}

/** V7: what a missing element reads as. */
function zero(type: Type): Value {
  switch (type.kind) {
    case "int":
      return 0n;
    case "bool":
      return false;
    case "string":
      return "";
    case "tuple":
      return type.elements.map(zero);
  }
}

/** A1 to A6, N14: sums wrap, averages are cut towards zero. */
export function aggregateValue({ aggregation, signed }: AggregateMap, values: readonly bigint[]): bigint {
  const cut = (value: bigint) => (signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value));
  const total = cut(values.reduce((sum, value) => sum + value, 0n));
  switch (aggregation) {
    case "count":
      return BigInt(values.length);
    case "sum":
      return total;
    case "min":
      return values.reduce((least, value) => (value < least ? value : least), values[0] ?? 0n);
    case "max":
      return values.reduce((most, value) => (value > most ? value : most), values[0] ?? 0n);
    default:
      return values.length === 0 ? 0n : total / BigInt(values.length);
  }
}

/** What print() says of an aggregate: rules Y1, Y12. */
export function showAggregate(map: AggregateMap, values: readonly bigint[]): string {
  const average = aggregateValue(map, values);
  if (map.aggregation !== "stats") return show(average);
  const total = aggregateValue({ ...map, aggregation: "sum" }, values);
  return `{ .count = ${values.length}, .average = ${average}, .total = ${total} }`;
}

/** The label of the row of a histogram that a value is counted in: rules A7, A8 and the tables of hist and lhist. */
export function rowLabel(aggregation: "hist" | "lhist", value: bigint): string {
  const number = BigInt.asIntN(64, value);
  if (aggregation === "hist") {
    if (number < 0n) return "(..., 0)";
    if (number < 2n) return `[${number}]`;
    const power = number.toString(2).length - 1;
    return `[${shortened(power)}, ${shortened(power + 1)})`;
  }
  const { min, max, step } = LHIST;
  if (number < min) return `(..., ${min})`;
  if (number >= max) return `[${max}, ...)`;
  const from = number - (number % step);
  return `[${from}, ${from + step})`;
}

/** Two to a power, with a suffix for each ten of it. */
function shortened(power: number): string {
  return `${2 ** (power % 10)}${["", "K", "M", "G", "T", "P", "E"][Math.floor(power / 10)]}`;
}
