import { expect, test } from "vitest";
import { type Machine, ToolError } from "../tool.ts";
import { readChain } from "./chain.ts";
import { injectScript } from "./script.ts";

const parameters: Readonly<Record<string, readonly { type: string; name: string }[]>> = {
  lookup: [
    { type: "struct dentry *", name: "parent" },
    { type: "const struct qstr *", name: "name" },
  ],
  walk: [{ type: "int", name: "depth" }],
};
const machine = {
  hasTracepoint: (_: string, name: string) => name === "sys_exit_mount",
  tracepointFields: (_: string, name: string) => (name === "sys_enter_mount" ? ["dev_name", "dir_name"] : []),
  hasFentry: (name: string) => name === "lookup",
  hasKprobe: (name: string) => name === "walk",
  parameters: (name: string) => (parameters[name] ?? []).map((each) => each.name),
  prototype: (name: string) => (name in parameters ? { parameters: parameters[name] } : undefined),
} as unknown as Machine;

const TARGET = { func: "should_fail_bio", signature: "struct bio *bio", result: -5 };
const read = (text: string) => readChain(text, TARGET, machine);
const predicates = (text: string) => read(text).links.map(({ predicate }) => predicate);

test("functions from the outermost, each by the probes that suit it", () => {
  expect(read("(true) => walk() => lookup()(true)=>SyS_mount()")).toEqual({
    links: [
      { name: "SyS_mount", entry: "tracepoint:syscalls:sys_enter_mount", exit: "tracepoint:syscalls:sys_exit_mount" },
      { name: "lookup", entry: "fentry:lookup", exit: "fexit:lookup" },
      { name: "walk", entry: "kprobe:walk", exit: "kretprobe:walk" },
    ],
  });
  expect(read("walk()").links).toHaveLength(1);
});

test("predicates of what fails, by the kernel's names and by one's own", () => {
  expect(read("(bio->bi_iter.bi_sector == 8)")).toEqual({
    predicate: "(((struct bio *)arg0)->bi_iter.bi_sector == 8)",
    links: [],
  });
  expect(read("should_fail_bio(struct bio *b)(b->bi_opf >= 2) => walk()").predicate).toBe(
    "(((struct bio *)arg0)->bi_opf >= 2)",
  );
});

test("predicates of functions", () => {
  expect(predicates("lookup()(parent != 0 && name->len > 3)")).toEqual(["(args.parent != 0 && args.name->len > 3)"]);
  expect(predicates("lookup(struct dentry *p, struct qstr *q)(q->len > 3)")).toEqual(["(args.name->len > 3)"]);
  expect(predicates("walk()(depth > 3)")).toEqual(["(((int)arg0) > 3)"]);
  expect(predicates("walk(long d)(d > 3)")).toEqual(["(((long)arg0) > 3)"]);
  expect(predicates("__x64_sys_mount()(dir_name != 0)")).toEqual(["(args.dir_name != 0)"]);
});

test.each(["bananas", "'bananas'", '"bananas"'])("texts: %s", (literal) => {
  expect(predicates(`lookup()(STRCMP(name->name, ${literal}))`)).toEqual([
    '((str(args.name->name, 256) == "bananas"))',
  ]);
});

test.each([
  ["walk(", "brackets that do not match"],
  ["walk())", "brackets that do not match"],
  ["", "'' is no call"],
  ["walk", "'walk' is no call"],
  ["walk()()()", "'walk()()()' is no call"],
  ["walk() lookup()", "'walk() lookup()' is no call"],
  ["()()", "'()()' is no call"],
  ["walk() =>", "'' is no call"],
  ["walk() => (true)", "the predicate (true) belongs to no function"],
  ["run()", "this kernel has no function run that can be traced"],
])("%s", (text, message) => {
  expect(() => read(text)).toThrow(ToolError);
  expect(() => read(text)).toThrow(message);
});

test("the script: calls within calls, how often, how likely", () => {
  const script = injectScript(TARGET, read("walk() => walk()(depth > 3)"), { probability: 0.25, count: 3 });
  expect(script).toBe(`import "filter.bt";

kprobe:walk
{
  if (@in2[(uint64)curtask] > 0) {
    @in2[(uint64)curtask]++;
  } else if (@in1[(uint64)curtask] > 0) {
    @in2[(uint64)curtask] = 1;
  }
  if (@in1[(uint64)curtask] > 0) {
    @in1[(uint64)curtask]++;
  } else if ((((int)arg0) > 3) && rand < 1073741824) {
    @in1[(uint64)curtask] = 1;
  }
}

kretprobe:walk
{
  if (@in2[(uint64)curtask] > 1) {
    @in2[(uint64)curtask]--;
  } else if (@in2[(uint64)curtask] == 1) {
    delete(@in2, (uint64)curtask);
  }
  if (@in1[(uint64)curtask] > 1) {
    @in1[(uint64)curtask]--;
  } else if (@in1[(uint64)curtask] == 1) {
    delete(@in1, (uint64)curtask);
  }
}

kprobe:should_fail_bio
{
  if (@in2[(uint64)curtask] > 0 && traced() && @failed++ < 3) {
    print((pid = pid, tid = tid, comm = comm));
    override(-5);
  }
}

rawtracepoint:sched_process_exit
{
  if (@in1[(uint64)curtask] > 0) {
    delete(@in1, (uint64)curtask);
  }
  if (@in2[(uint64)curtask] > 0) {
    delete(@in2, (uint64)curtask);
  }
}
`);
});

test("without a chain, what fails is likely by itself", () => {
  const script = injectScript(TARGET, read("(true)"), { probability: 0.5 });
  expect(script).toContain("  if (rand < 2147483648 && traced()) {\n");
  expect(script).not.toContain("@in");
});
