import { openHandles } from "@beetrace/ebpf";
import type { OutputRecord } from "@beetrace/output";
import { afterEach, expect, test } from "vitest";
import { ScriptError } from "./script-error.ts";
import { compile, trace } from "./trace.ts";

afterEach(() => expect(openHandles()).toEqual([]));

async function all(records: AsyncIterable<OutputRecord>): Promise<OutputRecord[]> {
  const found: OutputRecord[] = [];
  for await (const record of records) found.push(record);
  return found;
}

test("records come as objects, the maps at the end", async () => {
  const script = 'begin { printf("%d %s\\n", 42, "ü"); print((1, "a")); @n[1, "x"] = 7; }';
  expect(await all(trace(script))).toEqual([
    { type: "attached_probes", count: 1, data: { probes: 1 } },
    { type: "printf", data: "42 ü\n" },
    { type: "value", data: [1, "a"] },
    { type: "map", data: { "@n": { "1,x": 7 } } },
  ]);
});

test("events of this machine, until the loop is left", async () => {
  const script = `tracepoint:syscalls:sys_enter_geteuid /pid == ${process.pid}/ { printf("called"); }`;
  const tracing = trace(script);
  const seen: OutputRecord[] = [];
  for await (const record of tracing) {
    if (record.type === "attached_probes") for (let n = 0; n < 3; n++) process.geteuid?.();
    else if (seen.push(record) === 3) break;
  }
  expect(seen).toEqual(Array(3).fill({ type: "printf", data: "called" }));
  expect(await tracing.exitCode).toBe(0);
});

test("an abort ends it as Ctrl-C would", async () => {
  const ending = new AbortController();
  const records = await all(
    (async function* () {
      for await (const record of trace('interval:ms:10 { @n = count(); } end { printf("end"); }', ending)) {
        if (record.type === "attached_probes") setTimeout(() => ending.abort(), 100);
        yield record;
      }
    })(),
  );
  expect(records.map(({ type }) => type)).toEqual(["attached_probes", "printf", "map"]);
});

test("a mistake in the script is an error with its place", async () => {
  const failing = all(trace("begin { print($x); }", { name: "mine.bt" }));
  await expect(failing).rejects.toBeInstanceOf(ScriptError);
  await expect(failing).rejects.toMatchObject({
    mistakes: [
      { severity: "error", message: "Undefined or undeclared variable: $x", file: "mine.bt", line: 1, column: 15 },
    ],
  });
});

test("the exit code of the script", async () => {
  const tracing = trace("begin { exit(3); }");
  await all(tracing);
  expect(await tracing.exitCode).toBe(3);
});

test("a script can be compiled without loading it", () => {
  const { programs } = compile("tracepoint:syscalls:sys_enter_openat { @[comm] = count(); }");
  expect(programs.map(({ attachments }) => attachments[0].name)).toEqual(["tracepoint:syscalls:sys_enter_openat"]);
  expect(() => compile("begin { nothing_like_it(); }")).toThrow(ScriptError);
});
