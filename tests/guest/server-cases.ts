import { sumOf, type ToolCase } from "./tool-case.ts";

const ON_SERVER = { server: true, timeoutSeconds: 120 } as const;

/** Lets frequencies be set by hand, and sets one. */
const SLOW = `for module in acpi-cpufreq cpufreq_userspace; do modprobe $module; done
      for policy in /sys/devices/system/cpu/cpufreq/policy*; do
        echo userspace >$policy/scaling_governor
        echo 1200000 >$policy/scaling_setspeed
      done`;

/** Tools that show something only where there are several NUMA nodes, or frequencies. */
export const serverCases: readonly ToolCase[] = [
  {
    tool: "numamove",
    name: "numamove: 2,000 pages follow their user to another node",
    ...ON_SERVER,
    // By the kernel's own tracefs too; 5 is MR_NUMA_MISPLACED. Its libraries and its stack follow as well.
    command: `cat >/tmp/load.py <<'END'
import mmap, os, time
memory = mmap.mmap(-1, 2000 * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
memory.madvise(mmap.MADV_NOHUGEPAGE)
def touch(seconds):
    end = time.time() + seconds
    while time.time() < end:
        for at in range(0, len(memory), 4096): memory[at] = 1
os.sched_setaffinity(0, {0})
touch(0.1)
os.sched_setaffinity(0, {1})
while not "N1=2000" in open("/proc/self/numa_maps").read(): touch(1)
END
      event=/sys/kernel/tracing/events/migrate/mm_migrate_pages
      echo 'hist:keys=common_pid.execname if reason == 5' >$event/trigger
      moves=$(tests/guest/tool '/usr/bin/python3.11 -I /tmp/load.py' numamove --name python3 --json 600 | ${sumOf("migrations")})
      counted=$(awk '/python3/ { sum += $NF } END { print sum }' $event/hist)
      [ $moves -ge 2000 ] && [ $moves = $counted ] && echo equal || echo $moves $counted`,
    stdout: "equal\n",
  },
  {
    tool: "numasched",
    name: "numasched: 10 moves to and fro",
    ...ON_SERVER,
    command: `cp /bin/bash /tmp/mover
      echo 'for cpu in 0 1 0 1 0 1 0 1 0 1; do taskset -pc $cpu $$; done >/dev/null' >/tmp/moves
      tests/guest/tool 'taskset -c 1 /tmp/mover /tmp/moves' numasched -c mover --json | grep -c '"from":'`,
    stdout: "10\n",
  },
  {
    tool: "cpufreq",
    name: "cpufreq: a second at each of three frequencies",
    ...ON_SERVER,
    command: `${SLOW}
      cat >/tmp/speeds <<'END'
for khz in 1200000 2000000 2400000; do
  for file in /sys/devices/system/cpu/cpufreq/policy*/scaling_setspeed; do echo $khz >$file; done
  .cache/workloads/spin 1000
done
END
      tests/guest/tool 'bash /tmp/speeds' cpufreq --name spin --json | grep '"unit":"spin"' | grep -v '"count":0'`,
    // 99 samples a second, as well as an emulated clock keeps them.
    stdout: new RegExp(
      `^${[1200, 2000, 2400].map((mhz) => `\\{"unit":"spin","value":${mhz},"count":(\\d\\d|1[0-4]\\d)\\}\n`).join("")}$`,
    ),
  },
  {
    tool: "cpufreq",
    name: "cpufreq: a processor that is switched off has no frequency",
    ...ON_SERVER,
    command: `${SLOW}
      echo 0 >/sys/devices/system/cpu/cpu1/online
      tests/guest/tool '.cache/workloads/spin 500' cpufreq --json | grep '"unit":"syswide"' | grep -o '"value":.*,'
      echo 1 >/sys/devices/system/cpu/cpu1/online`,
    stdout: '"value":1200,\n',
  },
];
