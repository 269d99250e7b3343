import type { Column } from "../columns.ts";
import { languageOption, languageProcess, languageTitle, PID } from "../languages.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";
import { COLLECTING_LANGUAGES, collectionsOf } from "./collections.ts";

/** `beetrace ugc` */
export const tool: Tool = {
  name: "ugc",
  summary: "collections of garbage, and how long each took",
  group: "languages",
  options: [
    languageOption(COLLECTING_LANGUAGES),
    { long: "milliseconds", letter: "m", help: "times in milliseconds, not microseconds" },
    { long: "minimum", letter: "M", argument: "MS", kind: "number", help: "only those that took so long" },
    { long: "filter", letter: "F", argument: "TEXT", help: "only those whose description contains this" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [PID],
  examples: [
    ["beetrace ugc 185", "of process 185, in whatever language"],
    ["beetrace ugc -l ruby 1344 -m", "of Ruby, in milliseconds"],
    ["beetrace ugc -M 10 185", "10 ms and longer"],
  ],
  hooks:
    "usdt gc__start and gc__done, gc__begin and gc__end and mem__pool__gc__*, gc__mark__* and gc__sweep__*; of Node.js since version 19 uprobe v8::internal::Heap::PerformGarbageCollection",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const process = languageProcess(given, COLLECTING_LANGUAGES);
  if (process.language === undefined)
    throw new ToolError(`process ${process.pid} runs no language that is known here`, "-l LANGUAGE says which it is");
  const { script, describe } = collectionsOf(machine, process);
  const text = given.text("filter") ?? "";
  return {
    script,
    pid: process.pid,
    params: { minimum: Math.round(Number(given.text("minimum") ?? 0) * 1e6) },
    intro: `${given.has("verbose") ? script : ""}Tracing garbage collections in ${languageTitle(process.language)} process ${process.pid}... Ctrl-C to quit.`,
    columns: columnsOf(given),
    toRow: (record) => ({ ...record, description: describe(record) }),
    keep: ({ description }) => String(description).includes(text),
  };
}

function columnsOf(given: Given): readonly Column[] {
  const [unit, divisor] = given.has("milliseconds") ? ["ms", 1e6] : ["us", 1e3];
  const start = Number(process.hrtime.bigint());
  return [
    { title: "START", field: "ns", width: -8, text: (ns) => ((Number(ns) - start) / 1e9).toFixed(3) },
    { title: `TIME (${unit})`, field: "elapsed_ns", width: -8, text: (ns) => (Number(ns) / divisor).toFixed(2) },
    { title: "DESCRIPTION", field: "description", width: -40 },
  ];
}
