import { during, sumOf, type ToolCase } from "../tool-case.ts";

export const memoryCases: readonly ToolCase[] = [
  {
    tool: "compactsnoop",
    name: "compactsnoop: all zones",
    command: `tests/guest/tool 'echo 1 >/proc/sys/vm/compact_memory' compactsnoop --json |
      grep '"comm":"bash"' | grep -o '"zone":"[A-Z0-9_]*","order":-1,"sync":true'`,
    stdout: /"zone":"ZONE_DMA32","order":-1,"sync":true\n/,
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
