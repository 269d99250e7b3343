import { readFileSync } from "node:fs";
import { compileScript } from "@beetrace/compiler";
import { Collection, tracefsRoot } from "@beetrace/ebpf";
import { expect, it } from "vitest";
import { liveTarget } from "./target.ts";

it("debugf reaches the kernel's trace, with integers of every width and text", () => {
  using target = liveTarget();
  const mark = `mark-${process.pid}`;
  const script = `begin { debugf("${mark} 100%% plain");
    debugf("${mark} %s %d %x", "text", -1, (uint64)0x123456789a); debugf("${mark} %u %d", (uint8)200, (int16)-2); }`;
  const { compiled } = compileScript(script, target);
  if (compiled === undefined) throw new Error("the script has no mistakes");
  using collection = Collection.load(compiled.collection);
  collection.program(compiled.programs[0].program).testRun();
  const path = `${tracefsRoot()}/trace`;
  const lines = readFileSync(path, "utf8").split("\n");
  const said = lines.filter((line) => line.includes(mark)).map((line) => line.slice(line.indexOf("bpf_trace_printk")));
  expect(said).toEqual([
    `bpf_trace_printk: ${mark} 100% plain`,
    `bpf_trace_printk: ${mark} text -1 123456789a`,
    `bpf_trace_printk: ${mark} 200 -2`,
  ]);
});
