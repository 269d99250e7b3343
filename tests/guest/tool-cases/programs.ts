import type { ToolCase } from "../tool-case.ts";

export const programCases: readonly ToolCase[] = [
  {
    tool: "bashreadline",
    name: "bashreadline: two lines",
    command: `tests/guest/tool 'printf "true one\\n# two words\\n" | bash --norc --noprofile -i' bashreadline --json | grep -o '"command":.*'`,
    stdout: '"command":"true one"}\n"command":"# two words"}\n',
  },
];
