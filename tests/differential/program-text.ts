/** Programs as scripts, and what they print as lines. */
import type { Callee, Expression } from "./expressions.ts";
import { MACROS, print, printPlace } from "./print.ts";
import { type AggregateMap, LHIST, type Program, type Statement } from "./programs.ts";
import { show, typeName, type Value } from "./types.ts";
import { type Outcome, rowLabel, showAggregate } from "./world.ts";

/** Programs as one script of today's language, a probe for each. */
export function scriptOf(programs: readonly Program[]): string {
  const probes = programs.map((program, index) => {
    const body = program.body.map((each) => `  ${printStatement(each)}`).join("\n");
    return numbered(`${program.callees.map(printCallee).join("\n")}\nbegin {\n${body}\n}`, index);
  });
  return `${MACROS}\n${probes.join("\n")}\n`;
}

/** Programs as one script of bpftrace 0.17, which has one BEGIN probe and knows the types of what it prints by the format. */
export function oldScriptOf(programs: readonly Program[]): string {
  const bodies = programs.map((program, index) =>
    numbered(program.body.map((each) => `  ${printStatement(each, OLD_FORMS)}`).join("\n"), index),
  );
  return `BEGIN {\n${bodies.join("\n")}\n  exit();\n}\n`;
}

/** Names of its own for the program at an index, and its number at the start of its lines. */
export function numbered(text: string, index: number): string {
  return text.replace(/([$@][a-z]\w*|\bfn\w+)/g, `$1_${index}`).replaceAll('printf("#', `printf("#${index}`);
}

function printCallee({ name, params, result, body }: Callee): string {
  const list = params.map((type, index) => `$p${index}: ${typeName(type)}`).join(", ");
  return `fn ${name}(${list}): ${typeName(result)} { return ${print(body)}; }`;
}

/** What is written otherwise in other versions of the language. */
interface Forms {
  readonly format: (value: Expression) => string;
  readonly remove: (map: string, key: Expression) => string;
}

const FORMS: Forms = { format: () => "%s", remove: (map, key) => `delete(${map}, ${print(key)})` };

const OLD_FORMS: Forms = {
  format: ({ type }) => (type.kind === "string" ? "%s" : "%ld"),
  remove: (name, key) => `delete(${printPlace({ name, key })})`,
};

export function printStatement(s: Statement, forms = FORMS): string {
  const printBody = (body: readonly Statement[]) => `{ ${body.map((each) => printStatement(each, forms)).join(" ")} }`;
  switch (s.kind) {
    case "declare":
      return s.fixed ? `let ${s.name}: ${typeName(s.fixed)} = ${print(s.value)};` : `${s.name} = ${print(s.value)};`;
    case "assign":
      return `${printPlace(s.place)} ${s.operator ?? ""}= ${print(s.value)};`;
    case "evaluate":
      return `${print(s.value).replace(/^\((.*)\)$/, "$1")};`;
    case "if":
      return `if (${print(s.condition)}) ${printBody(s.then)}${s.else.length > 0 ? ` else ${printBody(s.else)}` : ""}`;
    case "range":
      return `for ${s.name} : ${print(s.from)}..${print(s.to)} ${printBody(s.body)}`;
    case "each":
      return `for ${s.name} : ${s.map} ${printBody(s.body)}`;
    case "while":
      return `${s.name} = (int64)0; while (${s.name} < ${s.count}) ${printBody(s.body).replace("{", `{ ${s.name}++;`)}`;
    case "unroll":
      return `unroll(${s.count}) ${printBody(s.body)}`;
    case "leave":
      return `if (${print(s.condition)}) { ${s.how}; }`;
    case "print":
      return `printf("#${s.values.map((value) => ` ${forms.format(value)}`).join("")}\\n", ${s.values.map(print).join(", ")});`;
    case "aggregate":
      return printAggregate(s.map, s.key, s.value);
    case "delete":
      return `${forms.remove(s.map, s.key)};`;
  }
}

export function printAggregate(
  { name, aggregation }: AggregateMap,
  key: Expression | undefined,
  value: Expression,
): string {
  const bounds = aggregation === "lhist" ? `, ${LHIST.min}, ${LHIST.max}, ${LHIST.step}` : "";
  const args = aggregation === "count" ? "" : `${print(value)}${bounds}`;
  return `${printPlace({ name, key })} = ${aggregation}(${args});`;
}

/** What a script of these programs prints: the lines in order, then what is left in the maps, sorted. */
export function expectedLines(outcomes: readonly Outcome[], showValue = show): string[] {
  const lines = outcomes.flatMap(({ lines }, index) =>
    lines.map((values) => [`#${index}`, ...values.map(showValue)].join(" ")),
  );
  return [...lines, ...outcomes.flatMap((outcome, index) => mapLines(outcome, index)).sort()];
}

function mapLines({ maps, aggregates }: Outcome, index: number): string[] {
  const lines: string[] = [];
  for (const [name, elements] of maps)
    for (const { key, value } of elements.values()) lines.push(`${name}_${index}${showKey(key)}: ${show(value)}`);
  for (const [map, keys] of aggregates) {
    for (const { key, values } of keys.values()) {
      const name = `${map.name}_${index}${showKey(key)}`;
      const { aggregation } = map;
      if (aggregation === "hist" || aggregation === "lhist") lines.push(...rows(name, aggregation, values));
      else lines.push(`${name}: ${showAggregate(map, values)}`);
    }
  }
  return lines;
}

function rows(name: string, aggregation: "hist" | "lhist", values: readonly bigint[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) {
    const label = rowLabel(aggregation, value);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return [...counts].map(([label, count]) => `${name} ${label} ${count}`);
}

/** Y20 to Y22. */
function showKey(key: Value | undefined): string {
  if (key === undefined) return "";
  return typeof key === "object" ? `[${key.map(show).join(", ")}]` : `[${show(key)}]`;
}

/** A row of a histogram: its label and its count. */
const ROW = /^([[(].*[)\]]) +(\d+) \|/;
/** How bpftrace 0.17 writes the numbers of stats(). */
const OLD_STATS = /^(@.*: )count (\d+), average (-?\d+), total (-?\d+)$/;

/** The lines that a script printed, in the same form: rows of histograms without their bars. */
export function printedLines(stdout: string): string[] {
  const printed: string[] = [];
  const left: string[] = [];
  let histogram = "";
  stdout.split("\n").forEach((line, index, lines) => {
    const row = ROW.exec(line);
    const stats = OLD_STATS.exec(line);
    if (line.startsWith("#")) printed.push(line);
    else if (stats) left.push(`${stats[1]}{ .count = ${stats[2]}, .average = ${stats[3]}, .total = ${stats[4]} }`);
    else if (row && row[2] !== "0") left.push(`${histogram} ${row[1]} ${row[2]}`);
    else if (ROW.test(lines[index + 1] ?? "") && line.startsWith("@")) histogram = line.replace(/: ?$/, "");
    else if (line !== "" && !row) left.push(line);
  });
  return [...printed, ...left.sort()];
}
