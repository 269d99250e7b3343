import { duringPython, duringWaiting, type ToolCase } from "../tool-case.ts";

export const languageCases: readonly ToolCase[] = [
  {
    tool: "ucalls",
    name: "ucalls: 300 calls of a function of Python",
    command: `${duringPython(
      "ucalls --json",
      `
def called(): pass
for i in range(300): called()`,
    )} | grep '"name":"called"'`,
    stdout: /"calls":300\D/,
  },
  {
    tool: "uflow",
    name: "uflow: into a function and out of it",
    command: `${duringPython(
      "uflow --json",
      `
def outer(): inner()
def inner(): pass
outer()`,
    )} | grep -oE '"event":"[a-z]*".*"method":"(inner|outer)"'`,
    stdout:
      '"event":"entry","depth":1,"class":"<string>","method":"outer"\n"event":"entry","depth":2,"class":"<string>","method":"inner"\n"event":"return","depth":2,"class":"<string>","method":"inner"\n"event":"return","depth":1,"class":"<string>","method":"outer"\n',
  },
  {
    tool: "ugc",
    name: "ugc: 5 collections of Python",
    command: `${duringPython(
      "ugc -F 'gen 1' --json",
      `
import gc
gc.disable()
for i in range(5): gc.collect(1)`,
    )} | wc -l`,
    stdout: "5\n",
  },
  {
    tool: "uobjnew",
    name: "uobjnew: 40 blocks of C",
    command: `${duringWaiting("uobjnew --json", "myapp 40 1000 0")} | grep '"block size 1000"'`,
    stdout: '{"type":"block size 1000","allocs":40,"bytes":40000}\n',
  },
  {
    tool: "ustat",
    name: "ustat: calls of a function of Python",
    command: `${duringPython(
      "ustat -l python --json 600",
      `
def called(): pass
for i in range(300): called()`,
    )} | grep -o '"method":3[0-9][0-9]'`,
    stdout: /^"method":3\d\d\n$/,
  },
  {
    tool: "uthreads",
    name: "uthreads: 20 threads of C",
    command: `${duringWaiting("uthreads --json", "threads 20")} | grep -c '"work'`,
    stdout: "20\n",
  },
];
