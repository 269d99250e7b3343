import { wrapText } from "@beetrace/std";
import { optionsOf } from "./options.ts";
import type { Tool, ToolOption } from "./tool.ts";

const INDENT = 2;
const COLUMN = 30;
const WIDTH = 100;

/** What `beetrace NAME --help` prints. */
export function toolHelp(tool: Tool): string {
  const places = (tool.positionals ?? []).map(({ name, isMany }) => ` [${name.toUpperCase()}${isMany ? "…" : ""}]`);
  const own = new Set(tool.options);
  const common = optionsOf(tool).filter((option) => !own.has(option));
  const sections: readonly (readonly [title: string, text: string])[] = [
    ["USAGE", line(`beetrace ${tool.name} [OPTIONS]${places.join("")}`)],
    ["ARGUMENTS", (tool.positionals ?? []).map(({ name, help }) => entry(name.toUpperCase(), help)).join("")],
    ["OPTIONS", tool.options.map(optionLine).join("")],
    ["OPTIONS OF ALL TOOLS", common.map(optionLine).join("")],
    ["EXAMPLES", tool.examples.map(([command, what]) => line(command) + line(what, INDENT * 3)).join("")],
    ["HOOKS", line(tool.hooks)],
  ];
  const parts = sections.filter(([, text]) => text !== "").map(([title, text]) => `\n${title}:\n${text}`);
  return `${tool.name}: ${tool.summary}\n${parts.join("")}`;
}

function optionLine({ long, letter, argument, help }: ToolOption): string {
  return entry(`${letter ? `-${letter}, ` : "    "}--${long}${argument ? ` ${argument}` : ""}`, help);
}

/** What something is called, and beside it, or below where it is long, what it is. */
function entry(name: string, help: string): string {
  const left = " ".repeat(INDENT) + name;
  const [first, ...rest] = wrapText(help, WIDTH - COLUMN).map((text) => " ".repeat(COLUMN) + text);
  const head = left.length < COLUMN ? [left.padEnd(COLUMN) + first.trimStart()] : [left, first];
  return `${[...head, ...rest].join("\n")}\n`;
}

function line(text: string, indent = INDENT): string {
  return wrapText(text, WIDTH - indent)
    .map((each) => `${" ".repeat(indent)}${each}\n`)
    .join("");
}

/** What `beetrace --list-tools` prints: tools by what they are about, under each what it needs of the kernel. */
export function toolList(tools: readonly Tool[]): string {
  const groups = [...new Set(tools.map(({ group }) => group))].sort();
  const list = groups.map((group) => {
    const own = tools.filter((tool) => tool.group === group);
    return `${group}\n${own.map(listEntry).join("")}`;
  });
  return list.join("\n");
}

/** A tool that is another with an option given needs what that one needs. */
function listEntry({ name, summary, hooks, wraps }: Tool): string {
  return listed(name, summary) + (wraps === undefined ? listed("", `needs ${hooks}`) : "");
}

const LIST_COLUMN = 19;

function listed(name: string, text: string): string {
  const left = " ".repeat(INDENT) + name;
  const lines = wrapText(text, WIDTH - LIST_COLUMN).map((each) => " ".repeat(LIST_COLUMN) + each);
  return `${left.padEnd(LIST_COLUMN)}${lines.join("\n").trimStart()}\n`;
}
