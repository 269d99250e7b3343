/** The script of ksnoop: a probe at the entry and one at the return of each function. */
import type { Shown, Traced } from "./spec.ts";

/** What the probes are. */
export interface ScriptOptions {
  /** fentry and fexit, with typed arguments; else kprobe and kretprobe. */
  readonly isTyped: boolean;
  /** Each function only within the one before it. */
  readonly isNested: boolean;
}

/** The script that prints what is shown of these functions. */
export function ksnoopScript(functions: readonly Traced[], options: ScriptOptions): string {
  const probes = functions.map(
    (traced, index) => entryText(traced, index, options) + returnText(traced, index, options),
  );
  return `import "filter.bt";\n${probes.join("")}`;
}

/** Without a need for a probe at the entry there is none. */
function entryText(traced: Traced, index: number, options: ScriptOptions): string {
  const values = traced.shown.filter(({ when }) => when === "entry");
  if (values.length === 0 && !options.isNested && !traced.waits) return "";
  const nested = options.isNested ? [`(int64)@within[tid] == ${index}`] : [];
  const inside = options.isNested ? `    @within[tid] = (int64)${index + 1};\n` : "";
  const passed = traced.waits ? `      @passed[tid, (uint32)${index}] = true;\n` : "";
  const point = `${options.isTyped ? "fentry" : "kprobe"}:${traced.name}`;
  return `
${point}
{
  if (${["traced()", ...nested].join(" && ")}) {
${inside}    if (${conditions(traced, values, options)}) {
${passed}${values.length > 0 ? `      ${printText(traced, index, values, options)}` : ""}    }
  }
}
`;
}

function returnText(traced: Traced, index: number, options: ScriptOptions): string {
  const values = traced.shown.filter(({ when }) => when === "return");
  if (values.length === 0 && !options.isNested) return "";
  const point = `${options.isTyped ? "fexit" : "kretprobe"}:${traced.name}`;
  const nested = options.isNested ? [`(int64)@within[tid] == ${index + 1}`] : [];
  const waits = traced.waits ? [`has_key(@passed, (tid, (uint32)${index}))`] : [];
  const leave = options.isNested ? `    @within[tid] = (int64)${index};\n` : "";
  const forget = traced.waits ? `    delete(@passed, (tid, (uint32)${index}));\n` : "";
  return `
${point}
{
  if (${["traced()", ...nested, ...waits].join(" && ")}) {
${leave}${forget}${
  values.length > 0
    ? `    if (${conditions(traced, values, options)}) {\n      ${printText(traced, index, values, options)}    }\n`
    : ""
}  }
}
`;
}

function conditions(traced: Traced, values: readonly Shown[], options: ScriptOptions): string {
  const all = values.filter(({ predicate }) => predicate !== undefined);
  return all.map((value) => `${expression(traced, value, options)} ${value.predicate}`).join(" && ") || "true";
}

function printText(traced: Traced, index: number, values: readonly Shown[], options: ScriptOptions): string {
  const fields = values.flatMap((value) => {
    const at = traced.shown.indexOf(value);
    const text = expression(traced, value, options);
    const isPointer = value.member === undefined && value.type?.endsWith("*");
    return [`v${at} = ${isPointer ? `(uint64)${text}` : text}`, ...(value.isFollowed ? [`d${at} = *${text}`] : [])];
  });
  const head = [
    `function = ${index}`,
    `when = "${values[0].when}"`,
    "ns = nsecs(monotonic)",
    "cpu = cpu",
    "pid = pid",
    "tid = tid",
    "comm = comm",
    "pid_ns = curtask.nsproxy.pid_ns_for_children.ns.inum",
  ];
  return `print((${[...head, ...fields].join(", ")}));\n`;
}

function expression({ prototype }: Traced, { parameter, member, type }: Shown, { isTyped }: ScriptOptions): string {
  const typed = parameter === undefined ? "retval" : `args.${prototype.parameters[parameter].name}`;
  const raw = `((${type})${parameter === undefined ? "retval" : `arg${parameter}`})`;
  return `${isTyped ? typed : raw}${member === undefined ? "" : `.${member}`}`;
}
