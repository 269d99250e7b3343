/** Many expressions in one script: what is slow is starting, compiling and loading one. */
import fc from "fast-check";
import { type Dialect, EMPTY_SCENE, expressions, type Scene, values, words } from "./arbitrary.ts";
import { evaluate, type Store } from "./evaluate.ts";
import { type Expression, read } from "./expressions.ts";
import { MACROS, print } from "./print.ts";
import { INT_TYPES, show, typeName, type Value, wrap } from "./types.ts";

/** How the values that expressions read come to them. */
export const SOURCES = ["map", "variable", "known", "loop"] as const;
export type Source = (typeof SOURCES)[number];

/** Expressions over the same numbers and texts. */
export interface Batch {
  readonly source: Source;
  readonly inputs: readonly Input[];
  readonly expressions: readonly Expression[];
}

/** What expressions read, and its value. */
interface Input {
  readonly name: string;
  /** With its sigil. */
  readonly place: string;
  readonly value: Value;
  readonly read: Expression;
}

const LETTERS = "abcdefghijkl";

function makeInputs(numbers: readonly bigint[], texts: readonly string[], source: Source): Input[] {
  const sigil = source === "map" ? "@" : "$";
  const input = (name: string, value: Value, type: Expression["type"]): Input => ({
    name,
    place: `${sigil}${name}`,
    value,
    read: read({ name: `${sigil}${name}` }, type),
  });
  return [
    ...numbers.map((value, index) => {
      const type = INT_TYPES[index];
      return input(LETTERS[index], wrap(type, value), type);
    }),
    ...texts.map((value, index) => input(`${LETTERS[index]}s`, value, { kind: "string", size: value.length + 1 })),
  ];
}

function sceneOf(inputs: readonly Input[], dialect: Dialect): Scene {
  const reads = inputs.map((input) => input.read);
  return {
    ...EMPTY_SCENE,
    numbers: reads.filter(({ type }) => type.kind === "int"),
    texts: reads.filter(({ type }) => type.kind === "string"),
    dialect,
  };
}

/** Batches of at most `size` expressions. */
export function batches(size: number, sources: readonly Source[], dialect: Dialect): fc.Arbitrary<Batch> {
  const numbers = fc.array(values, { minLength: INT_TYPES.length, maxLength: INT_TYPES.length });
  const texts = fc.array(words, { minLength: 2, maxLength: 2 });
  return fc.tuple(fc.constantFrom(...sources), numbers, texts).chain(([source, ...given]) => {
    const inputs = makeInputs(given[0], given[1], source);
    const sorts = expressions(sceneOf(inputs, dialect));
    const one = fc.oneof(
      { arbitrary: sorts.number, weight: 6 },
      { arbitrary: sorts.truth, weight: 3 },
      { arbitrary: sorts.text, weight: 1 },
      ...(dialect.modern ? [{ arbitrary: sorts.tuple, weight: 1 }] : []),
    );
    return fc
      .array(one, { minLength: 1, maxLength: size, size: "max" })
      .map((list) => shown({ source, inputs, expressions: list }));
  });
}

/** A batch that fast-check shows as its script. */
function shown(batch: Batch): Batch {
  return Object.defineProperty(batch, fc.toStringMethod, { value: () => scriptOf(batch) });
}

/** What expressions read. */
export function storeOf({ inputs }: Batch): Store {
  const known = new Map(inputs.map(({ place, value }) => [place, value]));
  const store: Store = { read: ({ name }) => known.get(name)!, write: () => {}, called: () => store };
  return store;
}

/** Expressions that did not give what the rules say, as texts; `answers` are what was printed, by their numbers. */
export function wrong(batch: Batch, answers: ReadonlyMap<number, string>, showValue = show): string[] {
  const store = storeOf(batch);
  return batch.expressions.flatMap((e, index) => {
    const value = showValue(evaluate(e, store));
    return value === answers.get(index) ? [] : [`${print(e)} gives ${answers.get(index)}, not ${value}`];
  });
}

/** As many expressions as the verifier follows without effort in one program. */
const PROBE_MAX = 10;

/** The batch as a script, which prints a line for each expression: its number and its value. */
export function scriptOf({ source, inputs, expressions }: Batch): string {
  const write = (sigil: string) => inputs.map((each) => `${sigil}${each.name} = ${constant(each)};`).join(" ");
  const reads = inputs.map(({ name }) => `$${name} = @${name};`).join(" ");
  const before = { map: "", variable: reads, known: write("$"), loop: `${write("$")} for $round : 0..1 {` }[source];
  const probes: string[] = source === "known" || source === "loop" ? [] : [`begin { ${write("@")} }`];
  for (let start = 0; start < expressions.length; start += PROBE_MAX) {
    const lines = expressions
      .slice(start, start + PROBE_MAX)
      .map((e, index) => `  printf("${start + index} %s\\n", ${print(e)});`);
    probes.push(`begin { ${before}\n${lines.join("\n")}\n${source === "loop" ? "} " : ""}}`);
  }
  return `${MACROS}\n${probes.join("\n")}\n`;
}

/** The same for bpftrace 0.17, whose numbers are signed and whose truth values are numbers. */
export function oldScriptOf({ inputs, expressions }: Batch): string {
  const write = inputs.map((each) => `@${each.name} = ${constant(each)}; $${each.name} = @${each.name};`).join(" ");
  const lines = expressions.map((e, index) => `printf("${index} ${oldFormat(e)}\\n", ${print(e)});`).join("\n  ");
  return `BEGIN { ${write}\n  ${lines}\n exit(); }`;
}

function oldFormat({ type }: Expression): string {
  return type.kind === "string" ? "%s" : "%ld";
}

/** A value as bpftrace 0.17 prints it. */
export function showOld(value: Value): string {
  return typeof value === "string" ? value : String(BigInt.asIntN(64, BigInt(value as bigint | boolean)));
}

function constant({ value, read: { type } }: Input): string {
  return typeof value === "string" ? JSON.stringify(value) : `(${typeName(type)})${value}`;
}

/** The lines that a script printed, by their numbers. */
export function answersIn(stdout: string): Map<number, string> {
  return new Map([...stdout.matchAll(/^(\d+) (.*)$/gm)].map(([, index, value]) => [Number(index), value]));
}
