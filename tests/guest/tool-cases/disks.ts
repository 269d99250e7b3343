import { sumOf, type ToolCase } from "../tool-case.ts";

/** Runs a tool, and 50 writes of 4 KiB to a disk that is nothing but memory meanwhile. */
function duringWrites(tool: string): string {
  return `modprobe null_blk
      tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=50 oflag=direct status=none' ${tool}`;
}

export const diskCases: readonly ToolCase[] = [
  {
    tool: "biolatency",
    name: "biolatency: 50 writes",
    command: `${duringWrites("biolatency -d nullb0 --json")} | ${sumOf("count")}`,
    stdout: "50\n",
  },
  {
    tool: "biolatency",
    name: "biolatency: by the process that made them",
    command: `modprobe null_blk
      tests/guest/tool 'dd if=/dev/nullb0 of=/dev/null bs=4k count=30 iflag=direct status=none' \\
        biolatency -d nullb0 --name dd --json | ${sumOf("count")}`,
    stdout: "30\n",
  },
  {
    tool: "biolatpcts",
    name: "biolatpcts: 50 writes",
    command: `${duringWrites("biolatpcts nullb0 -i 600 -j -p 50 100")} |
        grep -cE '"read":\\{"50":0,"100":0\\},"write":\\{"50":0\\.0*[1-9]'`,
    stdout: "1\n",
  },
  {
    tool: "biopattern",
    name: "biopattern: 49 writes, each after the one before",
    command: `${duringWrites("biopattern -d nullb0 --json")} |
        grep -o '"random_percent":0,"sequential_percent":100,"count":49,"kbytes":196'`,
    stdout: '"random_percent":0,"sequential_percent":100,"count":49,"kbytes":196\n',
  },
  {
    tool: "biosnoop",
    name: "biosnoop: 50 writes",
    command: `${duringWrites("biosnoop -d nullb0 --json")} | grep -c '"comm":"dd".*"operation":"W".*"bytes":4096'`,
    stdout: "50\n",
  },
  {
    tool: "biostacks",
    name: "biostacks: 50 writes, where they are made",
    command: `${duringWrites("biostacks -d nullb0 --name dd --json")} | grep -E '"kernel_stack":\\[.*submit_bio' | ${sumOf("count")}`,
    stdout: "50\n",
  },
  {
    tool: "biotop",
    name: "biotop: 50 writes of a process",
    command: `${duringWrites("biotop -d nullb0 --json 600")} | grep '"comm":"dd","operation":"W"' | ${sumOf("io")}`,
    stdout: "50\n",
  },
  {
    tool: "bitesize",
    name: "bitesize: 50 writes of 4 KiB",
    command: `${duringWrites("bitesize -d nullb0 --json")} | grep '"Process Name = dd".*"min":4,' | ${sumOf("count")}`,
    stdout: "50\n",
  },
  {
    tool: "mdflush",
    name: "mdflush: a flush for each of 10 writes that are synced",
    command: `for module in loop md_mod raid1; do modprobe $module; done
      echo md9 >/sys/module/md_mod/parameters/new_array
      cd /sys/block/md9/md && echo raid1 >level && echo 2 >raid_disks && echo 16384 >component_size
      for slot in 0 1; do
        truncate -s 32M /dev/shm/md.$slot
        disk=$(basename $(losetup --show -f /dev/shm/md.$slot))
        cat /sys/class/block/$disk/dev >new_dev
        echo $slot >dev-$disk/slot
      done
      echo active >array_state
      cd "$OLDPWD"
      tests/guest/tool 'dd if=/dev/zero of=/dev/md9 bs=4k count=10 oflag=sync status=none' mdflush --name dd --json |
        grep -c '"comm":"dd","device":"md9"'`,
    stdout: "10\n",
  },
];
