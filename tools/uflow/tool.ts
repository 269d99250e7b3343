import type { Column } from "../columns.ts";
import { languageOption, languageProcess, languageTitle, PID, runtimeWith } from "../languages.ts";
import {
  CALLING_LANGUAGES,
  type MethodProbes,
  methodProbes,
  methodTitle,
  NAME_BYTES,
  withMethodProbes,
} from "../methods.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace uflow` */
export const tool: Tool = {
  name: "uflow",
  summary: "methods and functions as they are entered and left",
  group: "languages",
  options: [
    languageOption(CALLING_LANGUAGES),
    { long: "method", letter: "M", argument: "PREFIX", help: "only methods whose names begin so" },
    { long: "class", letter: "C", argument: "PREFIX", help: "only classes, or files, whose names begin so" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [PID],
  examples: [
    ["beetrace uflow 185", "all calls of process 185"],
    ["beetrace uflow -l ruby -M index 134", "methods of Ruby that begin with index"],
    ["beetrace uflow -C /srv/app/ 180", "functions of Python in files below /srv/app"],
  ],
  hooks: "usdt method__entry, function__entry, sub__entry or proc__entry, and their returns",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const process = languageProcess(given, CALLING_LANGUAGES);
  if (process.language === undefined)
    throw new ToolError(`process ${process.pid} runs no language that is known here`, "-l LANGUAGE says which it is");
  const probes: MethodProbes = methodProbes(process.language);
  const file = runtimeWith(machine, process, probes.entry[0]);
  const script = withMethodProbes(TOOL_SCRIPTS["uflow/uflow.bt"], { file, probes });
  return {
    script,
    pid: process.pid,
    config: { max_strlen: NAME_BYTES },
    params: { class: given.text("class") ?? "", method: given.text("method") ?? "" },
    intro: [
      ...(given.has("verbose") ? [script] : []),
      `Tracing method calls in ${languageTitle(process.language)} process ${process.pid}... Ctrl-C to quit.`,
      ...(probes.needs === undefined ? [] : [probes.needs]),
    ].join("\n"),
    columns: columns(),
  };
}

/** Microseconds since the tool began. An entry and its return stand below each other. */
function columns(): readonly Column[] {
  const start = Number(process.hrtime.bigint());
  return [
    { title: "CPU", field: "cpu", width: -3 },
    { title: "PID", field: "pid", width: -6 },
    { title: "TID", field: "tid", width: -6 },
    { title: "TIME(us)", field: "ns", width: -8, text: (ns) => ((Number(ns) - start) / 1e3).toFixed(0) },
    {
      title: "METHOD",
      field: "method",
      width: 0,
      text: (method, { depth, event, class: className }) =>
        `${"  ".repeat(Math.max(0, Number(depth) - 1))}${event === "entry" ? "->" : "<-"} ${methodTitle(String(className), String(method))}`,
    },
  ];
}
