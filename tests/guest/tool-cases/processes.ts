import { during, sumOf, type ToolCase } from "../tool-case.ts";

export const processCases: readonly ToolCase[] = [
  {
    tool: "capable",
    name: "capable: what chroot needs, three times",
    command: `tests/guest/tool 'for i in 1 2 3; do chroot / /bin/true; done' capable --name chroot --json |
      grep -c '"cap":18,"name":"CAP_SYS_CHROOT","audit":1,"insetid":0,"verdict":"allow"'`,
    stdout: "3\n",
  },
  {
    tool: "execsnoop",
    name: "execsnoop: 10 execs",
    command: `${during("execsnoop -n ^true$ --json", "execs 10")} | grep -c '"args":"/bin/true"'`,
    stdout: "10\n",
  },
  {
    tool: "exitsnoop",
    name: "exitsnoop: 20 children that end with status 7",
    command: `${during("exitsnoop --name forks --json", "forks 20")} | grep -c '"code":7,"signal":0'`,
    stdout: "20\n",
  },
  {
    tool: "killsnoop",
    name: "killsnoop: 30 signals",
    command: `${during("killsnoop --name signals --json", "signals 30")} | grep -c '"signal":10,.*"result":0'`,
    stdout: "30\n",
  },
  {
    tool: "pidpersec",
    name: "pidpersec: 20 children",
    command: `${during("pidpersec --name forks --json", "forks 20")} | ${sumOf("count")}`,
    stdout: "20\n",
  },
  {
    tool: "sigsnoop",
    name: "sigsnoop: 30 signals, and what became of them",
    command: `${during("sigsnoop --name signals --json", "signals 30")} | grep -c '"signal":10,.*"result":"delivered"'`,
    stdout: "30\n",
  },
  {
    tool: "threadsnoop",
    name: "threadsnoop: 20 threads",
    command: `${during("threadsnoop --name threads --json", "threads 20")} | grep -c '"func":"work"'`,
    stdout: "20\n",
  },
  {
    tool: "ttysnoop",
    name: "ttysnoop: what is written to a terminal",
    command: `/usr/bin/python3.11 -I -c 'import os, time
held, terminal = os.openpty()
open("/tmp/terminal", "w").write(os.ttyname(terminal))
time.sleep(100)' &
      until [ -s /tmp/terminal ]; do sleep 0.1; done
      tests/guest/tool 'echo what is written >$(cat /tmp/terminal)' ttysnoop -C $(cat /tmp/terminal)
      kill $!`,
    stdout: "what is written\n",
  },
];
