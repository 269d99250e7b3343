import { during, sumOf, type ToolCase } from "../tool-case.ts";

export const schedulerCases: readonly ToolCase[] = [
  {
    tool: "cpudist",
    name: "cpudist: 20 sleeps",
    command: `${during("cpudist -O --name sleeper --json", "sleeper 20 50")} |
      grep -E '"min":(32768|65536|131072),' | ${sumOf("count")}`,
    stdout: "20\n",
  },
  {
    tool: "cpufreq",
    name: "cpufreq: a machine whose processors have no frequencies is told so",
    refused: true,
    command: "./beetrace cpufreq 2>&1",
    stdout: /^ERROR: the kernel does not set frequencies here\n/,
    exitCode: 1,
  },
  {
    tool: "cpuunclaimed",
    name: "cpuunclaimed: three that want the same of two processors",
    command: `tests/guest/tool 'for i in 1 2 3; do taskset -c 1 .cache/workloads/spin 700 & done; wait' cpuunclaimed -j |
      grep -cE '^[0-9]+,[01],3$'`,
    stdout: /^\d{2,}\n$/,
  },
  {
    tool: "futexctn",
    name: "futexctn: 10 waits that another thread ends",
    command: `cat >/tmp/waits.py <<'END'
import ctypes, threading, time
syscall, word = ctypes.CDLL(None).syscall, ctypes.byref(ctypes.c_int(0))
def wake():
    while True:
        time.sleep(0.2)
        syscall(202, word, 129, 1, 0, 0, 0)
threading.Thread(target=wake, daemon=True).start()
for i in range(10): syscall(202, word, 128, 0, 0, 0, 0)
END
      tests/guest/tool '/usr/bin/python3.11 -I /tmp/waits.py' futexctn --name python3.11 --json |
        grep '"average"' | ${sumOf("count")}`,
    // Python's own locks are waited for now and then.
    stdout: /^1[0-2]\n$/,
  },
  {
    tool: "llcstat",
    name: "llcstat: a machine without counters is told so",
    refused: true,
    command: "./beetrace llcstat 1 2>&1",
    stdout:
      /probe: hardware:cache-references:100: this kernel does not have .*no such counter on this machine.*\nHINT: virtual/,
    exitCode: 255,
  },
  {
    tool: "offcputime",
    name: "offcputime: 20 sleeps of 50 ms",
    command: `${during("offcputime -K --name sleeper -m 40000 --json", "sleeper 20 50")} |
      grep '"do_nanosleep+' | ${sumOf("us")}`,
    stdout: /^1[0-4]\d{5}\n$/,
  },
  {
    tool: "offwaketime",
    name: "offwaketime: 20 sleeps of 50 ms that a timer ends",
    command: `${during("offwaketime -K -f --name sleeper -m 40000", "sleeper 20 50")} |
      grep '^sleeper;.*;do_nanosleep;schedule;__schedule;--;try_to_wake_up;hrtimer_wakeup;' |
      awk '{ sum += $NF } END { print sum }'`,
    stdout: /^1[0-4]\d{5}\n$/,
  },
  {
    tool: "profile",
    name: "profile: where the time goes",
    command: `${during("profile -f --name spin", "spin 2000")} |
      awk '/^spin;(.*;)?main;(outer;)?inner / { sum += $NF } END { print sum }'`,
    stdout: /^(\d{2}|1\d{2}|2[01]\d)\n$/,
  },
  {
    tool: "runqlat",
    name: "runqlat: as many waits as the kernel counts",
    // It has the name for as long as it counts; between the one and the other it may wait as well.
    command: `mkfifo /tmp/never
      cat >/tmp/waits <<'END'
printf waiter >/proc/$$/comm
read -r _ _ began </proc/$$/schedstat
for i in {1..20}; do read -t 0.02 <>/tmp/never; done
read -r _ _ ended </proc/$$/schedstat
printf bash >/proc/$$/comm
echo $((ended - began)) >/tmp/counted
END
      told=$(tests/guest/tool 'bash /tmp/waits' runqlat -L --name waiter --json | ${sumOf("count")})
      counted=$(</tmp/counted)
      [ $counted -ge 20 ] && [ $((told - counted)) -ge 0 ] && [ $((told - counted)) -le 2 ] && echo equal || echo $told $counted`,
    stdout: "equal\n",
  },
  {
    tool: "runqlen",
    name: "runqlen: two that want the same processor",
    command: `tests/guest/tool 'for i in 1 2; do taskset -c 1 .cache/workloads/spin 1000 & done; wait' runqlen --name spin --json |
      grep -E '"value":[1-9]' | ${sumOf("count")}`,
    stdout: /^\d{2,}\n$/,
  },
  {
    tool: "runqslower",
    name: "runqslower: who waits for whom",
    command: `tests/guest/tool 'for i in 1 2; do taskset -c 1 .cache/workloads/spin 1000 & done; wait' runqslower 1000 --name spin --json |
      grep -c '"prev_comm":"spin"'`,
    stdout: /^[1-9]/,
  },
  {
    tool: "wakeuptime",
    name: "wakeuptime: who wakes a sleeper",
    command: `${during("wakeuptime --name sleeper -m 40000 --json", "sleeper 20 50")} |
      grep '"try_to_wake_up+.*hrtimer_wakeup+' | ${sumOf("us")}`,
    stdout: /^(9\d|1[0-4]\d)\d{4}\n$/,
  },
];
