/** Completion of the command line for shells: names of tools, then the options of the tool that is named. */
import { optionsOf } from "./options.ts";
import type { Tool } from "./tool.ts";

/** Shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A script to be sourced by a shell; `options` are those of the command itself. */
export function completionScript(
  shell: (typeof SHELLS)[number],
  tools: readonly Tool[],
  options: readonly string[],
): string {
  switch (shell) {
    case "bash":
      return bash(tools, options);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(tools, options)}`;
    case "fish":
      return fish(tools, options);
  }
}

function words(tool: Tool): string {
  return optionsOf(tool)
    .flatMap(({ long, letter }) => [`--${long}`, ...(letter ? [`-${letter}`] : [])])
    .join(" ");
}

function bash(tools: readonly Tool[], options: readonly string[]): string {
  const cases = tools.map((tool) => `    ${tool.name}) words='${words(tool)}' ;;`).join("\n");
  return `_beetrace() {
  local words
  case \${COMP_WORDS[1]} in
${cases}
    *) words='${tools.map(({ name }) => name).join(" ")} ${options.join(" ")}' ;;
  esac
  [ "$COMP_CWORD" = 1 ] && words='${tools.map(({ name }) => name).join(" ")} ${options.join(" ")}'
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _beetrace beetrace
`;
}

function fish(tools: readonly Tool[], options: readonly string[]): string {
  const names = tools.map(
    ({ name, summary }) => `complete -c beetrace -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
  );
  const own = tools.flatMap((tool) =>
    optionsOf(tool).map(
      ({ long, letter, help }) =>
        `complete -c beetrace -n '__fish_seen_subcommand_from ${tool.name}' -l ${long}${letter ? ` -s ${letter}` : ""} -d '${quoted(help)}'`,
    ),
  );
  const command = options
    .filter((option) => option.startsWith("--"))
    .map((option) => `complete -c beetrace -n __fish_use_subcommand -l ${option.slice(2)}`);
  return `${[...names, ...own, ...command].join("\n")}\n`;
}

function quoted(text: string): string {
  return text.replaceAll("'", "\\'");
}
