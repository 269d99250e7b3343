/** Completion of the command line for shells: names of tools, then the options of the tool that is named. */
import { optionsOf } from "./options.ts";
import type { Tool } from "./tool.ts";

/** Shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** An option of the command or of a tool; it has a long name, a letter, or both. */
export interface CompletedOption {
  readonly long?: string | undefined;
  readonly letter?: string | undefined;
  /** What it takes, if it takes anything. */
  readonly argument?: string | undefined;
  readonly help: string;
}

/** A script to be sourced by a shell; `options` are those of the command itself. */
export function completionScript(shell: Shell, tools: readonly Tool[], options: readonly CompletedOption[]): string {
  switch (shell) {
    case "bash":
      return bash(tools, options);
    case "zsh":
      return zsh(tools, options);
    case "fish":
      return fish(tools, options);
  }
}

/** `-p` and `--pid`. */
function forms({ long, letter }: CompletedOption): readonly string[] {
  return [...(letter ? [`-${letter}`] : []), ...(long ? [`--${long}`] : [])];
}

/** Where nothing fits, bash completes files by itself: scripts, and arguments of options. */
function bash(tools: readonly Tool[], options: readonly CompletedOption[]): string {
  const words = (list: readonly CompletedOption[]) => list.flatMap(forms).join(" ");
  const cases = tools.map((tool) => `    ${tool.name}) words='${words(optionsOf(tool))}' ;;`);
  return `_beetrace() {
  local words cur=\${COMP_WORDS[COMP_CWORD]}
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
    *) words='${words(options)}' ;;
  esac
  if [ "$COMP_CWORD" = 1 ]; then words="${tools.map(({ name }) => name).join(" ")} ${words(options)}"; fi
  if [ "\${COMP_WORDS[COMP_CWORD-1]}" = --completion ]; then words='${SHELLS.join(" ")}'; fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _beetrace beetrace
`;
}

/** Each word has its description behind a colon. */
function zsh(tools: readonly Tool[], options: readonly CompletedOption[]): string {
  const described = (word: string, help: string) => quoted(`${word}:${help}`);
  const words = (list: readonly CompletedOption[]) =>
    list.flatMap((option) => forms(option).map((form) => described(form, option.help))).join(" ");
  const cases = tools.map((tool) => `    ${tool.name}) options=(${words(optionsOf(tool))}) ;;`);
  return `#compdef beetrace
_beetrace() {
  local -a tools options
  case $words[2] in
${cases.join("\n")}
    *) options=(${words(options)}) ;;
  esac
  if [[ $words[CURRENT-1] == --completion ]]; then
    compadd ${SHELLS.join(" ")}
  elif [[ $PREFIX == -* ]]; then
    _describe -o option options
  else
    tools=(${tools.map(({ name, summary }) => described(name, summary)).join(" ")})
    (( CURRENT == 2 )) && _describe tool tools
    _files
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _beetrace beetrace
`;
}

function fish(tools: readonly Tool[], options: readonly CompletedOption[]): string {
  const line = (condition: string, { long, letter, argument, help }: CompletedOption) =>
    [
      `complete -c beetrace -n ${quoted(condition)}`,
      ...(long ? [`-l ${long}`] : []),
      ...(letter ? [`-s ${letter}`] : []),
      ...(argument ? ["-r"] : []),
      ...(long === "completion" ? [`-f -a ${quoted(SHELLS.join(" "))}`] : []),
      `-d ${quoted(help)}`,
    ].join(" ");
  const first = "__fish_use_subcommand";
  const lines = [
    ...tools.map(({ name, summary }) => `complete -c beetrace -n ${first} -a ${name} -d ${quoted(summary)}`),
    ...options.map((option) => line(first, option)),
    ...tools.flatMap((tool) =>
      optionsOf(tool).map((option) => line(`__fish_seen_subcommand_from ${tool.name}`, option)),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** In single quotes, as zsh and fish take them. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
