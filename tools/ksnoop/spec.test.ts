import { expect, test } from "vitest";
import { type Machine, ToolError } from "../tool.ts";
import { ksnoopScript } from "./script.ts";
import { readTraced } from "./spec.ts";

const machine = {
  prototype: (name: string) =>
    name === "send"
      ? {
          parameters: [
            { type: "struct net *", name: "net" },
            { type: "struct sk_buff *", name: "skb" },
            { type: "loff_t *", name: "pos" },
            { type: "char *", name: "text" },
            { type: "unsigned int", name: "count" },
          ],
          result: "int",
        }
      : name === "stop"
        ? { parameters: [] }
        : undefined,
  structSize: (name: string) => ({ net: 4032, sk_buff: 232 })[name],
} as unknown as Machine;

test("all of a function: what is small enough is followed", () => {
  const { shown, waits } = readTraced("send", machine);
  expect(waits).toBe(false);
  expect(shown.map(({ name, when, isFollowed }) => [name, when, isFollowed])).toEqual([
    ["net", "entry", false],
    ["skb", "entry", true],
    ["pos", "entry", true],
    ["text", "entry", false],
    ["count", "entry", false],
    ["return", "return", false],
  ]);
});

test("members, predicates, results", () => {
  const { shown, waits } = readTraced(" send ( skb->len > 128, count!=0x10 , return )", machine);
  expect(waits).toBe(true);
  expect(shown).toMatchObject([
    { name: "skb->len", member: "len", parameter: 1, predicate: "> 128", isFollowed: false },
    { name: "count", parameter: 4, predicate: "!= 0x10" },
    { name: "return", when: "return", type: "int" },
  ]);
  expect(readTraced("send(count > 5)", machine).waits).toBe(false);
});

test.each([
  ["nothing", "there is no function 'nothing'"],
  ["send(speed)", "send has no argument 'speed'"],
  ["send(count >> 5)", "'count >> 5' is no argument"],
  ["stop(return)", "stop returns nothing"],
  ["send(", "is no function"],
])("%s", (text, message) => {
  expect(() => readTraced(text, machine)).toThrow(ToolError);
  expect(() => readTraced(text, machine)).toThrow(message);
});

test("scripts, with and without types", () => {
  const traced = [readTraced("send(skb->len > 128, return)", machine)];
  const typed = ksnoopScript(traced, { isTyped: true, isNested: false });
  expect(typed).toContain("fentry:send\n{\n  if (traced()) {\n    if (args.skb.len > 128) {\n");
  expect(typed).toContain("if (traced() && has_key(@passed, (tid, (uint32)0))) {");
  expect(typed).toContain("v1 = retval))");
  const raw = ksnoopScript(traced, { isTyped: false, isNested: true });
  expect(raw).toContain("kprobe:send\n{\n  if (traced() && (int64)@within[tid] == 0) {");
  expect(raw).toContain("((struct sk_buff *)arg1).len > 128");
  expect(raw).toContain("v1 = ((int)retval)");
});
