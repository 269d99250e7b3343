import { duringWaiting, type ToolCase } from "../tool-case.ts";

export const programCases: readonly ToolCase[] = [
  {
    tool: "bashreadline",
    name: "bashreadline: two lines",
    command: `tests/guest/tool 'printf "true one\\n# two words\\n" | bash --norc --noprofile -i' bashreadline --json | grep -o '"command":.*'`,
    stdout: '"command":"true one"}\n"command":"# two words"}\n',
  },
  {
    tool: "deadlock",
    name: "deadlock: a cycle of three, where each is taken, and who began its thread",
    command: `${duringWaiting("deadlock --dump-graph /tmp/graph --json", "philosophers 1 wrong")} >/tmp/rows
      wc -l </tmp/rows
      grep -o '"variable":"[a-z_]*"' /tmp/rows | sort
      grep -o '"second_stack":\\["pthread_mutex_lock","eat","[a-z]*"' /tmp/rows | grep -o '[a-z]*"$' | sort
      grep -o '"stack":\\["pthread_create","dine","main"' /tmp/rows
      grep -o '"id"' /tmp/graph | wc -l
      grep -o '"source"' /tmp/graph | wc -l`,
    stdout: [
      "1\n",
      ...["a", "b", "c"].map((name) => `"variable":"fork_${name}"\n`),
      'hegel"\nkant"\nplato"\n',
      '"stack":["pthread_create","dine","main"\n'.repeat(3),
      "3\n3\n",
    ].join(""),
    timeoutSeconds: 240, // stacks are unwound
  },
];
