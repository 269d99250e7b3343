import type { Column, Row } from "../columns.ts";
import {
  type LanguageProcess,
  languageOption,
  languageProcess,
  PID,
  runtimeFilesOf,
  runtimeWith,
} from "../languages.ts";
import { TOOL_SCRIPTS } from "../scripts.ts";
import { type Given, type Machine, type Plan, type Tool, ToolError } from "../tool.ts";

/** `beetrace uthreads` */
export const tool: Tool = {
  name: "uthreads",
  summary: "threads that begin, and in Java those that end",
  group: "languages",
  options: [
    languageOption(["java", "none"]),
    { long: "verbose", letter: "v", help: "print the script first, and at the end what each probe cost" },
  ],
  positionals: [PID],
  examples: [
    ["beetrace uthreads 185", "of process 185; those of Java with their names"],
    ["beetrace uthreads -l none 12245", "only what pthread_create() makes"],
  ],
  hooks:
    "uprobe and uretprobe libc:pthread_create, tracepoint task:task_newtask; usdt thread__start, thread__stop of Java",
  plan,
};

function plan(given: Given, machine: Machine): Plan {
  const process = languageProcess(given, ["java"]);
  const script = scriptOf(machine, process);
  return {
    script,
    pid: process.pid,
    intro: `${given.has("verbose") ? script : ""}Tracing thread events in process ${process.pid} (language: ${process.language ?? "none"})... Ctrl-C to quit.`,
    columns: columns(),
    toRow: ({ routine, name, type, ...row }) => ({ ...row, type, name: type === "pthread" ? routine : name }),
  };
}

function scriptOf(machine: Machine, process: LanguageProcess): string {
  const pthreads = TOOL_SCRIPTS["uthreads/pthreads.bt"].replaceAll("LIBC", threadLibrary(machine, process.pid));
  const java =
    process.language === undefined
      ? ""
      : TOOL_SCRIPTS["uthreads/java.bt"].replaceAll("RUNTIME", runtimeWith(machine, process, "thread__start"));
  return TOOL_SCRIPTS["uthreads/uthreads.bt"] + pthreads + java;
}

/** The process's own C library: since glibc 2.34 threads are in it. */
function threadLibrary(machine: Machine, pid: number): string {
  const file = runtimeFilesOf(pid, "c").find((each) => machine.userFunctions(each, "pthread_create").length > 0);
  if (file !== undefined) return file;
  throw new ToolError(`process ${pid} has no C library with pthread_create()`, "its program may be linked statically");
}

/** Seconds since the tool began; Java's number of a thread and the kernel's. */
function columns(): readonly Column[] {
  const start = Number(process.hrtime.bigint());
  return [
    { title: "TIME", field: "ns", width: -8, text: (ns) => ((Number(ns) - start) / 1e9).toFixed(3) },
    { title: "ID", field: "tid", width: -16, text: (tid, row) => idText(String(tid), row) },
    { title: "TYPE", field: "type", width: -8 },
    { title: "DESCRIPTION", field: "name", width: -30 },
  ];
}

function idText(tid: string, { type, id }: Row): string {
  return type === "pthread" ? tid : `R=${id}/N=${tid}`;
}
