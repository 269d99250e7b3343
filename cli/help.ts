import { wrapText } from "@beetrace/std";
import { OPTION_GROUPS, OPTIONS, type OptionSpec } from "./option-table.ts";
import type { CommandName } from "./process-name.ts";
import { BPFTRACE_LEVEL } from "./version.ts";

/** The ways to call the command. */
export function synopsis(name: CommandName): string {
  return `USAGE:
    ${name} [OPTIONS] FILE [PARAMETER…]
    ${name} [OPTIONS] - [PARAMETER…]            (the script on standard input)
    ${name} [OPTIONS] -e 'PROGRAM' [PARAMETER…]
    ${name} -l [SEARCH | FILE | -e 'PROGRAM']   (list probes)
    parameters that start with a dash go behind --
${name === "beetrace" ? "    beetrace flame FOLDED [FOLDED]               (draw a flame graph; beetrace flame --help)\n" : ""}`;
}

/** Scripts worth trying first. */
export const EXAMPLES = [
  { command: "-l 'tracepoint:syscalls:*open*'", says: "list probes" },
  { command: "-lv 'tracepoint:syscalls:sys_enter_openat'", says: "list a probe's arguments" },
  {
    command: `-e 'tracepoint:syscalls:sys_enter_openat { printf("%s %s\\n", comm, str(args.filename)); }'`,
    says: "files opened, by process",
  },
  { command: "-e 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }'", says: "system calls, by process" },
  { command: "-e 'profile:hz:99 { @[kstack] = count(); }'", says: "where the kernel spends its time" },
  {
    command: "-e 'tracepoint:block:block_rq_issue { @ = hist(args.bytes); }'",
    says: "sizes of disk requests, as a histogram",
  },
] as const;

const INDENT = 4;
const HELP_COLUMN = 30;
const WIDTH = 100;

/** What `--help` prints. */
export function helpText(name: CommandName): string {
  const parts = [
    `${name} asks a running Linux kernel what it is doing, in bpftrace's language (level ${BPFTRACE_LEVEL})\n`,
    synopsis(name),
  ];
  for (const group of OPTION_GROUPS) {
    parts.push(`${group.toUpperCase()}:\n${optionLines(optionsOf(group))}`);
  }
  const examples = EXAMPLES.map(({ command, says }) => `    ${name} ${command}\n        ${says}\n`);
  parts.push(`EXAMPLES:\n${examples.join("")}`);
  parts.push(
    "ENVIRONMENT:\n    BPFTRACE_COLOR=auto|always|never, and BPFTRACE_NAME=VALUE for every setting of the config block\n",
  );
  return parts.join("\n");
}

/** A line or more for each option. */
export function optionLines(options: readonly OptionSpec[]): string {
  return options.map((option) => `${optionLine(option)}\n`).join("");
}

/** The options of one group. */
export function optionsOf(group: OptionSpec["group"]): readonly OptionSpec[] {
  return (OPTIONS as readonly OptionSpec[]).filter((option) => option.group === group);
}

/** `-p, --pid PID`. */
export function optionForm({ letter, long, argument }: OptionSpec): string {
  const names = [...(letter === undefined ? [] : [`-${letter}`]), ...(long === undefined ? [] : [`--${long}`])];
  return [names.join(", "), ...(argument === undefined ? [] : [argument])].join(" ");
}

function optionLine(option: OptionSpec): string {
  const form = " ".repeat(INDENT) + optionForm(option);
  const [first, ...rest] = wrapText(option.help, WIDTH - HELP_COLUMN);
  const indent = " ".repeat(HELP_COLUMN);
  const lines = form.length < HELP_COLUMN ? [form.padEnd(HELP_COLUMN) + first] : [form, indent + first];
  return [...lines, ...rest.map((line) => indent + line)].join("\n");
}
