import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileWorkload, runTool, start, type Workload } from "../testing.ts";

/** A static probe at two places, one without arguments; by hand, as sys/sdt.h is not everywhere. */
const SOURCE = `#include <unistd.h>
#define PROBE(name, arguments, ...) asm volatile("990: nop\\n.pushsection .note.stapsdt,\\"?\\",\\"note\\"\\n" \\
  ".balign 4\\n.4byte 992f-991f, 994f-993f, 3\\n991: .asciz \\"stapsdt\\"\\n992: .balign 4\\n" \\
  "993: .8byte 990b, 0, 0\\n.asciz \\"shop\\"\\n.asciz \\"" name "\\"\\n.asciz \\"" arguments "\\"\\n994: .balign 4\\n" \\
  ".popsection" :: __VA_ARGS__)
int main(int argc, char **argv) {
  PROBE("sold", "-4@%0 8@%1", "r"(argc), "r"(argv));
  PROBE("sold", "-4@%0 8@%1", "r"(argc), "r"(argv));
  PROBE("closed", "", "r"(0));
  pause();
  return 0;
}
`;

let shop: Workload;
beforeAll(() => {
  shop = compileWorkload("shop", SOURCE);
});
afterAll(() => shop[Symbol.dispose]());

const EVENTS = "/sys/kernel/tracing/events";

test("tracepoints, by pattern", async () => {
  const { lines } = await runTool("tplist", ["sched:sched_w*"]);
  const names = readdirSync(`${EVENTS}/sched`).filter((name) => name.startsWith("sched_w"));
  expect(lines).toEqual(names.map((name) => `sched:${name}`).sort());
  expect(names.length).toBeGreaterThan(2);
  expect((await runTool("tplist", ["sched:sched_wakin?", "--json"])).rows).toEqual([
    { category: "sched", name: "sched_waking" },
  ]);
});

test("their fields", async () => {
  const { lines } = await runTool("tplist", ["-v", "irq:softirq_raise"]);
  expect(lines).toEqual(["irq:softirq_raise", "    unsigned int vec;"]);
});

test("static probes of a file, each once", async () => {
  const { lines } = await runTool("tplist", ["-l", shop.path]);
  expect(lines).toEqual([`${shop.path} shop:sold`, `${shop.path} shop:closed`]);
  const { lines: places } = await runTool("tplist", ["-l", shop.path, "-v", "shop:sold"]);
  expect(places[0]).toBe("shop:sold [sema 0x0]");
  expect(places[1]).toMatch(new RegExp(`^ {2}location #1 ${shop.path} 0x[0-9a-f]+$`));
  expect(places[2]).toMatch(/^ {4}argument #1 4 signed {3}bytes @ %e\w+$/);
  expect(places[3]).toMatch(/^ {4}argument #2 8 unsigned bytes @ %r\w+$/);
  expect(places).toHaveLength(7);
});

test("of a process", async () => {
  using running = start(shop.command());
  const { rows } = await runTool("tplist", ["-p", String(running.pid), "shop:*", "--json"]);
  expect(rows.map(({ provider, name }) => `${provider}:${name}`)).toEqual(["shop:sold", "shop:closed"]);
  expect((await runTool("tplist", ["-p", "99999999"])).text).toContain("there is no process 99999999");
});
