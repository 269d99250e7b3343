import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, type Workload } from "../testing.ts";

/** n calls of each function, which are two names of one place in one case; n system calls. */
const SOURCE = `#include <stdlib.h>
#include <unistd.h>
#define FUNCTION __attribute__((noinline))
FUNCTION void knit_one(void) { asm volatile(""); }
FUNCTION void knit_two(void) { asm volatile("nop"); }
void knit_alias(void) __attribute__((alias("knit_two")));
FUNCTION void purl(void) { asm volatile("nop;nop"); }
int main(int argc, char **argv) {
  for (int i = 0; i < atoi(argv[1]); i++) {
    knit_one();
    knit_two();
    knit_two();
    purl();
    getppid();
  }
  return 0;
}
`;

let knitter: Workload;
beforeAll(() => {
  knitter = compileWorkload("knitter", SOURCE);
});
afterAll(() => knitter[Symbol.dispose]());

const counted = async (options: readonly string[], pattern: string) =>
  (await runTool("funccount", [...options, "--name", "knitter", "--json", pattern], knitter.command("200"))).rows;

test("functions of a program, the most at the end, each place once", async () => {
  const rows = await counted([], `${knitter.path}:knit*`);
  expect(rows).toEqual([
    { func: "knit_one", count: 200 },
    { func: expect.stringMatching(/^knit_(two|alias)$/), count: 400 },
  ]);
  expect(await counted([], `p:${knitter.path}:purl`)).toEqual([{ func: "purl", count: 200 }]);
  expect(await counted(["-r"], `${knitter.path}:(purl|none)`)).toEqual([{ func: "purl", count: 200 }]);
});

test("tracepoints", async () => {
  expect(await counted([], "t:syscalls:sys_enter_getppid")).toEqual([
    { func: "syscalls:sys_enter_getppid", count: 200 },
  ]);
  expect(await counted(["-r"], "t:syscalls:sys_(enter|exit)_getppid")).toEqual([
    { func: "syscalls:sys_enter_getppid", count: 200 },
    { func: "syscalls:sys_exit_getppid", count: 200 },
  ]);
});

test("on one processor", async () => {
  const on = async (cpu: number) => {
    const command = ["taskset", "-c", "1", ...knitter.command("100")];
    return (await runTool("funccount", ["-c", `${cpu}`, "--json", `${knitter.path}:purl`], command)).rows;
  };
  expect(await on(1)).toEqual([{ func: "purl", count: 100 }]);
  expect(await on(0)).toEqual([]);
});

test("in columns", async () => {
  const { lines } = await runTool(
    "funccount",
    ["-T", "--name", "knitter", `${knitter.path}:purl`],
    knitter.command("9"),
  );
  expect(lines[0]).toBe(`Tracing 1 functions for "${knitter.path}:purl"... Hit Ctrl-C to end.`);
  expect(lines[2]).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(lines.slice(3)).toEqual([
    "FUNC                                    COUNT",
    "purl                                        9",
    "Detaching...",
  ]);
});

test("what cannot be", async () => {
  const refusal = async (pattern: string) => (await runTool("funccount", [pattern])).text;
  expect(await refusal(`${knitter.path}:weave*`)).toContain("no function of ");
  expect(await refusal("x:a:b")).toContain("a probe is of type p, r, t or u");
  expect(await refusal("nosuchlibrary:f")).toContain("there is no library or program 'nosuchlibrary'");
});
