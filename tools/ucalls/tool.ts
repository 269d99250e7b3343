import type { JsonStats, JsonValue } from "@beetrace/output";
import type { Block } from "../blocks.ts";
import { type Column, fixed, type Row } from "../columns.ts";
import { type LanguageProcess, languageOption, languageProcess, PID, runtimeWith } from "../languages.ts";
import {
  CALLING_LANGUAGES,
  type CallingLanguage,
  cheaperToCount,
  type MethodProbes,
  methodProbes,
  methodTitle,
  NAME_BYTES,
  type RuntimeMethods,
  withMethodProbes,
} from "../methods.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import {
  type Given,
  type Machine,
  type MapEntries,
  type Moment,
  type Plan,
  type Screen,
  type Tool,
  ToolError,
} from "../tool.ts";

/** `beetrace ucalls` */
export const tool: Tool = {
  name: "ucalls",
  summary: "calls of methods and functions, and system calls, counted and timed",
  group: "languages",
  options: [
    languageOption([...CALLING_LANGUAGES, "none"]),
    { long: "top", letter: "T", argument: "N", kind: "int", help: "only so many: those with the highest numbers" },
    { long: "latency", letter: "L", help: "how long they took; a call inside its like is part of the outer one" },
    { long: "syscalls", letter: "S", help: "system calls too" },
    { long: "milliseconds", letter: "m", help: "times in milliseconds, not microseconds" },
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [
    PID,
    { name: "interval", kind: "number", help: "seconds between two outputs; default until Ctrl-C" },
    { name: "count", kind: "int", help: "how many outputs" },
  ],
  examples: [
    ["beetrace ucalls 185", "calls of process 185 in its own language, until Ctrl-C"],
    ["beetrace ucalls -l python 2020 1", "functions of Python, each second"],
    ["beetrace ucalls -LS -T 10 443", "methods and system calls, the ten that took most time"],
    ["beetrace ucalls -l none -S 6712", "system calls only"],
  ],
  hooks: "usdt method__entry, function__entry, sub__entry or proc__entry, and their returns; tracepoint raw_syscalls",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const process = languageProcess(given, CALLING_LANGUAGES);
  const script = scriptOf(given, machine, process);
  return {
    script,
    pid: process.pid,
    config: { max_strlen: NAME_BYTES },
    params: { latency: given.has("latency") },
    intro: introOf(given, process, script),
    screen: screenOf(given, process, machine.syscalls()),
  };
}

function scriptOf(given: Given, machine: Machine, process: LanguageProcess<CallingLanguage>): string {
  const { language } = process;
  if (language === undefined && !given.has("syscalls"))
    throw new ToolError(`process ${process.pid} runs no language that is known here`, "-S counts its system calls");
  const ends = given.has("latency");
  const text = (part: string) => TOOL_SCRIPTS[`ucalls/${part}.bt`];
  const syscalls = given.has("syscalls") ? text("syscalls") + (ends ? text("syscall-ends") : "") : "";
  if (language === undefined) return text("ucalls") + syscalls;
  const probes: MethodProbes = methodProbes(language);
  const runtime = { file: runtimeWith(machine, process, probes.return[0]), probes };
  const methods = ends ? text("methods") + text("method-ends") : text("methods").replace(/ENTRY/, countedAt(runtime));
  return text("ucalls") + withMethodProbes(methods, runtime) + syscalls;
}

function countedAt(runtime: RuntimeMethods): string {
  return cheaperToCount(runtime).toUpperCase();
}

function introOf(given: Given, { pid, language }: LanguageProcess<CallingLanguage>, script: string): string {
  const needs = language === undefined ? undefined : methodProbes(language).needs;
  return [
    ...(given.has("verbose") ? [script] : []),
    ...(given.has("syscalls") ? ["Attached kernel tracepoints for syscall tracing."] : []),
    `Tracing calls in process ${pid} (language: ${language ?? "none"})... Ctrl-C to quit.`,
    ...(needs === undefined ? [] : [needs]),
  ].join("\n");
}

function screenOf(given: Given, process: LanguageProcess, names: readonly string[]): Screen {
  const seconds = given.int("interval");
  return {
    maps: [...(process.language === undefined ? [] : ["@methods"]), ...(given.has("syscalls") ? ["@syscalls"] : [])],
    ...(seconds === undefined ? {} : { intervalMs: seconds * 1000 }),
    ...(given.has("count") ? { count: given.int("count") ?? 0 } : {}),
    blocks: (maps, moment) =>
      blocksOf(given, [...methods(maps("@methods")), ...syscalls(maps("@syscalls"), names)], moment),
  };
}

function methods({ entries }: MapEntries): Row[] {
  return entries.map(({ key, value }) => {
    const [className, method] = key as readonly [string, string];
    return { kind: "method", class: className, name: method, ...callsOf(value) };
  });
}

function syscalls({ entries }: MapEntries, names: readonly string[]): Row[] {
  return entries.map(({ key, value }) => ({
    kind: "syscall",
    class: "",
    name: names[Number(key)] || `[unknown: ${key}]`,
    ...callsOf(value),
  }));
}

function callsOf(value: JsonValue): Row {
  if (typeof value !== "object") return { calls: Number(value) };
  const { count, total } = value as unknown as JsonStats;
  return { calls: Number(count), total_ns: Number(total) };
}

function blocksOf(given: Given, rows: readonly Row[], { isLast }: Moment): readonly Block[] {
  const by = given.has("latency") ? "total_ns" : "calls";
  const sorted = rows.toSorted((a, b) => Number(a[by]) - Number(b[by]));
  const top = given.int("top");
  return [
    { kind: "lines", text: "\n" },
    { kind: "table", columns: columnsOf(given), rows: top === undefined ? sorted : sorted.slice(-top) },
    ...(isLast && given.has("syscalls")
      ? [{ kind: "lines", text: "Detaching kernel probes, please wait...\n" } as const]
      : []),
  ];
}

function columnsOf(given: Given): readonly Column[] {
  const [unit, divisor] = given.has("milliseconds") ? ["ms", 1e6] : ["us", 1e3];
  return [
    {
      title: "METHOD",
      field: "name",
      width: -50,
      text: (name, { kind, class: className }) =>
        kind === "method" ? methodTitle(String(className), String(name)) : String(name),
    },
    { title: "# CALLS", field: "calls", width: 8 },
    ...(given.has("latency")
      ? [
          {
            title: `TIME (${unit})`,
            field: "total_ns",
            width: 8,
            text: (ns: JsonValue) => fixed(2)(Number(ns) / divisor),
          },
        ]
      : []),
  ];
}
