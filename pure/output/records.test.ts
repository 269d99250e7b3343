import { expect, test } from "vitest";
import { attachedProbesText, lostEventsText } from "./messages.ts";
import schema from "./records.schema.json" with { type: "json" };
import {
  attachedProbesRecord,
  benchmarkResultRecord,
  helperErrorRecord,
  jsonRecord,
  lostEventsRecord,
  messageRecord,
  testResultRecord,
  textRecord,
  valueRecord,
} from "./records.ts";
import { bareResolver } from "./resolver.ts";

const place = { filename: "stdin", line: 1, col: 9 };

const LINES: readonly (readonly [line: string, expected: string])[] = [
  [attachedProbesRecord(3), '{"type": "attached_probes", "count": 3, "data": {"probes": 3}}\n'],
  [lostEventsRecord(7), '{"type": "lost_events", "count": 7, "data": {"events": 7}}\n'],
  [valueRecord({ kind: "int", size: 8, signed: true }, 5, bareResolver()), '{"type": "value", "data": 5}\n'],
  [textRecord("printf", 'x "y"\n\xc3\xa9'), '{"type": "printf", "data": "x \\"y\\"\\né"}\n'],
  [textRecord("time", "10:00:00\n"), '{"type": "time", "data": "10:00:00\\n"}\n'],
  [textRecord("cat", ""), '{"type": "cat", "data": ""}\n'],
  [textRecord("join", "/bin/echo A"), '{"type": "join", "data": "/bin/echo A"}\n'],
  [textRecord("syscall", "a\n"), '{"type": "syscall", "data": "a\\n"}\n'],
  [
    messageRecord("errorf", "boom 1", place),
    '{"type": "errorf", "msg": "boom 1", "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [messageRecord("warnf", "hm", place), '{"type": "warnf", "msg": "hm", "filename": "stdin", "line": 1, "col": 9}\n'],
  [
    messageRecord("runtime_error", "Divide or modulo by 0 detected.", place),
    '{"type": "runtime_error", "msg": "Divide or modulo by 0 detected.", "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [
    helperErrorRecord("Bad address", "probe_read_user", -14, place),
    '{"type": "helper_error", "msg": "Bad address", "helper": "probe_read_user", "retcode": -14, "filename": "stdin", "line": 1, "col": 9}\n',
  ],
  [
    testResultRecord("a", 12, true, "o"),
    '{"type": "test_result", "data": {"a": {"duration": 12, "passed": true, "output": "o"}}}\n',
  ],
  [benchmarkResultRecord("b", 3, 1000), '{"type": "benchmark_result", "data": {"b": {"average": 3, "iters": 1000}}}\n'],
  [jsonRecord("map", '{"@": {"k": [1,"x"]}}'), '{"type": "map", "data": {"@": {"k": [1,"x"]}}}\n'],
  [jsonRecord("stats", '{"@": {"k": 1}}'), '{"type": "stats", "data": {"@": {"k": 1}}}\n'],
  [
    jsonRecord("hist", '{"@": [{"max": -1, "count": 1}]}'),
    '{"type": "hist", "data": {"@": [{"max": -1, "count": 1}]}}\n',
  ],
  [
    jsonRecord("tseries", '{"@": [{"interval_start":"1970-01-01 00:00:08.000000000","value":2}]}'),
    '{"type": "tseries", "data": {"@": [{"interval_start":"1970-01-01 00:00:08.000000000","value":2}]}}\n',
  ],
];

test.each(LINES)("%s", (line, expected) => {
  expect(line).toBe(expected);
});

test.each(LINES)("the schema takes %s", (line) => {
  expect(accepts(schema, JSON.parse(line))).toBe(true);
});

test.each([
  '{"type": "printf", "data": 5}',
  '{"type": "prontf", "data": "x"}',
  '{"type": "printf"}',
  '{"type": "printf", "data": "x", "more": 1}',
  '{"type": "hist", "data": {"@": [{"min": 1}]}}',
  '{"type": "tseries", "data": {"@": [{"interval_start": "1970", "value": 1}]}}',
  '{"type": "attached_probes", "count": 1}',
  '{"type": "stats", "data": {"@": {"k": {"count": 1}}}}',
  "5",
])("the schema refuses %s", (line) => {
  expect(accepts(schema, JSON.parse(line))).toBe(false);
});

test("lines of text on stderr", () => {
  expect(attachedProbesText(1)).toBe("Attached 1 probe\n");
  expect(attachedProbesText(0)).toBe("Attached 0 probes\n");
  expect(attachedProbesText(2)).toBe("Attached 2 probes\n");
  expect(lostEventsText(5)).toBe("Lost 5 events\n");
});

interface Schema {
  readonly $ref?: string;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

/** As much of JSON Schema 2020-12 as records.schema.json uses. */
function accepts(at: Schema, value: unknown): boolean {
  const definitions: Readonly<Record<string, Schema>> = schema.$defs;
  if (at.$ref !== undefined && !accepts(definitions[at.$ref.slice("#/$defs/".length)], value)) return false;
  if (at.oneOf !== undefined && at.oneOf.filter((each) => accepts(each, value)).length !== 1) return false;
  if (at.anyOf !== undefined && !at.anyOf.some((each) => accepts(each, value))) return false;
  if (at.const !== undefined && at.const !== value) return false;
  if (at.enum !== undefined && !at.enum.includes(value)) return false;
  if (at.type !== undefined && ![at.type].flat().includes(typeOf(value))) return false;
  if (at.pattern !== undefined && typeof value === "string" && !new RegExp(at.pattern).test(value)) return false;
  if (Array.isArray(value)) return value.every((item) => at.items === undefined || accepts(at.items, item));
  return typeof value !== "object" || value === null || acceptsMembers(at, value);
}

function acceptsMembers(at: Schema, value: object): boolean {
  if (at.required?.some((name) => !Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    const property = at.properties?.[name] ?? at.additionalProperties ?? true;
    return typeof property === "boolean" ? property : accepts(property, member);
  });
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}
