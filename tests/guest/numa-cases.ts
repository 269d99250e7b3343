import { sumOf, type ToolCase } from "./tool-case.ts";

const ON_NODES = { numa: true, kernels: ["6.12"], timeoutSeconds: 120 } as const;

/** Tools that show something only where there are several NUMA nodes. */
export const numaCases: readonly ToolCase[] = [
  {
    tool: "numamove",
    name: "numamove: 2,000 pages follow their user to another node",
    ...ON_NODES,
    command: `cat >/tmp/load.py <<'END'
import mmap, os, time
memory = mmap.mmap(-1, 2000 * 4096)
for cpu, seconds in (0, 0), (1, 8):
    os.sched_setaffinity(0, {cpu})
    end = time.time() + seconds
    while True:
        for at in range(0, len(memory), 4096): memory[at] = 1
        if time.time() > end: break
END
tests/guest/tool '/usr/bin/python3.11 -I /tmp/load.py' numamove --name python3 --json 600 | ${sumOf("migrations")}`,
    // Its libraries and its stack follow as well.
    stdout: /^[2-4]\d{3}\n$/,
  },
  {
    tool: "numasched",
    name: "numasched: 10 moves to and fro",
    ...ON_NODES,
    command: `cp /bin/bash /tmp/mover
      echo 'for cpu in 0 1 0 1 0 1 0 1 0 1; do taskset -pc $cpu $$; done >/dev/null' >/tmp/moves
      tests/guest/tool 'taskset -c 1 /tmp/mover /tmp/moves' numasched -c mover --json | grep -c '"from":'`,
    stdout: "10\n",
  },
];
