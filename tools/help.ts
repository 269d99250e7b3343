import { optionsOf } from "./options.ts";
import type { Tool, ToolOption } from "./tool.ts";

const WIDTH = 30;

/** What `beetrace NAME --help` prints. */
export function toolHelp(tool: Tool): string {
  const places = (tool.positionals ?? []).map(({ name }) => ` [${name.toUpperCase()}]`).join("");
  const own = new Set(tool.options);
  const lines = (options: readonly ToolOption[]) => options.map(optionLine).join("");
  const options = optionsOf(tool);
  const positionals = (tool.positionals ?? []).map(({ name, help }) => entry(`  ${name.toUpperCase()}`, help)).join("");
  const common = options.filter((option) => !own.has(option));
  return `${tool.name}: ${tool.summary}

USAGE: beetrace ${tool.name} [OPTIONS]${places}

${positionals}${lines(tool.options)}
OPTIONS OF ALL TOOLS:
${lines(common)}
EXAMPLES:
${tool.examples.map(([command, what]) => entry(`  ${command}`, what)).join("")}
HOOKS: ${tool.hooks}
`;
}

function optionLine({ long, letter, argument, help }: ToolOption): string {
  const name = `${letter ? `-${letter}, ` : "    "}--${long}${argument ? ` ${argument}` : ""}`;
  return entry(`  ${name}`, help);
}

function entry(left: string, right: string): string {
  return left.length < WIDTH ? `${left.padEnd(WIDTH)}${right}\n` : `${left}\n${" ".repeat(WIDTH)}${right}\n`;
}

/** What `beetrace --list-tools` prints. */
export function toolList(tools: readonly Tool[]): string {
  const groups = [...new Set(tools.map(({ group }) => group))].sort();
  return groups
    .map((group) => {
      const own = tools.filter((tool) => tool.group === group);
      return `${group}\n${own.map(({ name, summary }) => `  ${name.padEnd(16)} ${summary}\n`).join("")}`;
    })
    .join("\n");
}
