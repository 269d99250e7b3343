import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action } from "@beetrace/compiler";
import { bareResolver, memoryOf } from "@beetrace/output";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actionHandlers } from "./actions.ts";
import type { Printer } from "./printer.ts";

const HERE = { start: 0, end: 1 };

/** Runs one action on an event whose bytes after the header are given; tells what it did. */
function perform(action: Action, payload: Uint8Array = new Uint8Array(0)): unknown[] {
  const did: unknown[] = [];
  const note =
    (what: string) =>
    (...args: unknown[]) => {
      did.push([what, ...args]);
    };
  const printer: Printer = {
    printf: note("printf"),
    text: note("text"),
    value: (_type, value) => did.push(["value", value]),
    map: note("map"),
    message: note("message"),
    failure: note("failure"),
    error: note("error"),
    warning: note("warning"),
    attached: note("attached"),
    lost: note("lost"),
    endOfRun: note("endOfRun"),
  };
  const maps = {
    print: note("print"),
    printScalar: note("printScalar"),
    clear: note("clear"),
    zero: note("zero"),
    addEntry: note("addEntry"),
  };
  const resolver = bareResolver();
  const [handler] = actionHandlers([action], {
    printer,
    maps,
    resolver,
    warns: true,
    catBytesMax: 5,
    onExit: note("exit"),
    flush: note("flush"),
  });
  const event = new Uint8Array(16 + 8 + payload.length); // not at the start of its memory
  event.set(payload, 24);
  handler(memoryOf(event), 16);
  return did;
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const u32s = (...values: number[]) => new Uint8Array(new Uint32Array(values).buffer);
const textArg = { offset: 8, type: { kind: "string", size: 64 } } as const;
const padded = (text: string) => bytes(text.padEnd(64, "\0"));

describe("actions", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "actions-"));
    writeFileSync(join(directory, "file"), "0123456789");
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("print formatted text", () => {
    const action: Action = { kind: "printf", format: "<%s>\n", args: [textArg], at: HERE };
    expect(perform(action, padded("hi"))).toEqual([["printf", "<hi>\n"]]);
  });

  it("pass messages on with their place", () => {
    const action: Action = {
      kind: "errorf",
      format: "no %d",
      args: [{ offset: 8, type: { kind: "int", size: 4, signed: true } }],
      at: HERE,
    };
    expect(perform(action, u32s(3, 0))).toEqual([["message", "errorf", "no 3", HERE]]);
  });

  it("act on maps", () => {
    const print = { kind: "print-map", map: "@x", top: 3, div: 2 } as const;
    expect(perform(print)).toEqual([["print", "@x", { top: 3, div: 2 }, { take: undefined }]]);
    expect(perform({ ...print, take: true })).toEqual([["print", "@x", { top: 3, div: 2 }, { take: true }]]);
    const snapshot = { token: 8, failed: 16 };
    expect(perform({ ...print, snapshot }, u32s(7, 1, 0, 0))).toEqual([
      ["print", "@x", { top: 3, div: 2 }, { take: undefined, snapshot: 2 ** 32 + 7, isWhole: true }],
    ]);
    const event = { token: 8, key: 16, keySize: 4, values: 24, valuesSize: 8 };
    expect(perform({ kind: "map-entry", map: "@x", event }, u32s(7, 1, 5, 0, 6, 0))).toEqual([
      ["addEntry", 2 ** 32 + 7, u32s(5), u32s(6, 0)],
    ]);
    const type = { kind: "int", size: 4, signed: true } as const;
    expect(perform({ kind: "print-scalar", map: "@x", div: 2, type, offset: 8 }, u32s(7, 0))).toEqual([
      ["printScalar", "@x", type, 7, { div: 2 }],
    ]);
    expect(perform({ kind: "clear", map: "@x" })).toEqual([["clear", "@x", undefined]]);
    expect(perform({ kind: "zero", map: "@x", done: true })).toEqual([["zero", "@x", true]]);
  });

  it("show values, in place or packed", () => {
    const inPlace: Action = { kind: "print-value", type: { kind: "int", size: 4, signed: true }, offset: 8 };
    expect(perform(inPlace, u32s(0xffffffff, 0))).toEqual([["value", -1]]);
    const packed: Action = { kind: "print-value", type: { kind: "string", size: 64 }, offset: 8, packed: true };
    const payload = new Uint8Array(16);
    payload.set(u32s(16, 4));
    payload.set(bytes("abc\0"), 8);
    expect(perform(packed, payload)).toEqual([["value", "abc"]]);
  });

  it("join the strings that are there", () => {
    const action: Action = { kind: "join", separator: ",", offset: 12, stride: 4, count: 3 };
    const payload = new Uint8Array(16);
    payload.set(u32s(2));
    payload.set(bytes("ab\0\0c\0\0\0zz"), 4);
    expect(perform(action, payload)).toEqual([["text", "join", "ab,c"]]);
    payload.set(u32s(0xffffffff));
    expect(perform(action, payload)).toEqual([["text", "join", "ab,c,zz"]]);
  });

  it("exit with a code", () => {
    expect(perform({ kind: "exit", offset: 8 }, Uint8Array.of(7))).toEqual([["exit", 7]]);
  });

  it("show the time at which they are handled", () => {
    const [[, kind, text]] = perform({ kind: "time", format: "%Y" }) as string[][];
    expect([kind, text]).toEqual(["time", String(new Date().getUTCFullYear())]);
  });

  it("show the start of a file, or why they cannot", () => {
    const action: Action = { kind: "cat", format: "%s", args: [textArg], at: HERE };
    expect(perform(action, padded(join(directory, "file")))).toEqual([["text", "cat", "01234"]]);
    expect(perform(action, padded("/nonexistent"))).toEqual([
      ["error", "failed to open file '/nonexistent' (No such file or directory)"],
    ]);
  });

  it("run a shell once what was printed is out", () => {
    const action: Action = { kind: "system", format: "echo a %s", args: [textArg], at: HERE };
    expect(perform(action, padded("b"))).toEqual([["flush"], ["text", "syscall", "a b\n"]]);
  });
});
