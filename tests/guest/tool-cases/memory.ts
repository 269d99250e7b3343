import { during, sumOf, type ToolCase } from "../tool-case.ts";

export const memoryCases: readonly ToolCase[] = [
  {
    tool: "compactsnoop",
    name: "compactsnoop: each zone, five times",
    command: `tests/guest/tool 'for i in 1 2 3 4 5; do echo 1 >/proc/sys/vm/compact_memory; done' compactsnoop --json |
      grep '"comm":"bash"' | grep -o '"zone":"[A-Z0-9_]*","order":-1,"sync":true' | sort | uniq -c`,
    stdout: ["ZONE_DMA", "ZONE_DMA32"].map((zone) => `      5 "zone":"${zone}","order":-1,"sync":true\n`).join(""),
  },
  {
    tool: "drsnoop",
    name: "drsnoop: as often and as many pages as the kernel counts",
    // For a moment much more memory is to be free than is, of which a disk's cache has enough.
    command: `modprobe null_blk
      cat >/tmp/short.py <<'END'
import mmap
def of(file, *names):
    return sum(int(line.split()[1]) for line in open(file) if line.startswith(names))
def counted():
    return of("/proc/vmstat", "allocstall_"), of("/proc/vmstat", "pgsteal_direct ")
def keep_free(kib):
    open("/proc/sys/vm/min_free_kbytes", "w").write(str(kib))
disk = open("/dev/nullb0", "rb", buffering=0)
for i in range(200): disk.read(1 << 20)
usual = int(open("/proc/sys/vm/min_free_kbytes").read())
stalls, pages = counted()
keep_free(of("/proc/meminfo", "MemFree:") + 100 * 1024)
memory = mmap.mmap(-1, 16 << 20)
for at in range(0, len(memory), 4096): memory[at] = 1
keep_free(usual)
now = counted()
print(now[0] - stalls, now[1] - pages, file=open("/tmp/counted", "w"))
END
      tests/guest/tool '/usr/bin/python3.11 -I /tmp/short.py' drsnoop -e --json >/tmp/rows
      grep -q '"comm":"python3.11"' /tmp/rows && grep -v '"free_kb":[1-9]' /tmp/rows
      [ "$(wc -l </tmp/rows) $(</tmp/rows ${sumOf("pages")})" = "$(</tmp/counted)" ] && echo equal`,
    stdout: "equal\n",
    timeoutSeconds: 240,
  },
  {
    tool: "memleak",
    name: "memleak: 30 blocks of 1000 bytes",
    command: `./beetrace memleak -c '.cache/workloads/myapp 50 1000 20' --json | grep -o '^{"bytes":30000,"count":30,'`,
    stdout: '{"bytes":30000,"count":30,\n',
  },
  {
    tool: "oomkill",
    name: "oomkill: a process that takes more than its group may have",
    command: `echo +memory >/sys/fs/cgroup/cgroup.subtree_control
      mkdir /sys/fs/cgroup/hogs
      echo 16M >/sys/fs/cgroup/hogs/memory.max
      cat >/tmp/hog.py <<'END'
import os
open("/sys/fs/cgroup/hogs/cgroup.procs", "w").write(str(os.getpid()))
bytearray(b"x" * (64 << 20))
END
      tests/guest/tool '/usr/bin/python3.11 -I /tmp/hog.py' oomkill --json | grep -o '"victim_comm":"[^"]*"'
      rmdir /sys/fs/cgroup/hogs`,
    stdout: '"victim_comm":"python3.11"\n',
  },
  {
    tool: "shmsnoop",
    name: "shmsnoop: a piece of memory comes and goes",
    command: `tests/guest/tool 'ipcrm -m $(ipcmk -M 4096 | grep -o "[0-9]*")' shmsnoop --json |
      grep -oE '"sys":"(SHMGET|SHMCTL)"|size: 4096|IPC_CREAT|IPC_RMID'`,
    stdout: '"sys":"SHMGET"\nsize: 4096\nIPC_CREAT\n"sys":"SHMCTL"\nIPC_RMID\n',
  },
  {
    tool: "slabratetop",
    name: "slabratetop: a struct file for each open",
    command: `touch /dev/shm/named
      ${during("slabratetop --name opens --json 600", "opens 500 /dev/shm/named")} |
      grep '"cache":"filp"' | ${sumOf("allocs")}`,
    stdout: /^50\d\n$/,
  },
  {
    tool: "swapin",
    name: "swapin: 50 pages",
    command: `modprobe zram
      echo 64M >/sys/block/zram0/disksize
      mkswap -q /dev/zram0 && swapon /dev/zram0 && sysctl -qw vm.page-cluster=0
      ${during("swapin --name swaps --json 600", "swaps 50")} | grep '"comm":"swaps"' | ${sumOf("count")}
      swapoff /dev/zram0`,
    stdout: "50\n",
  },
];
