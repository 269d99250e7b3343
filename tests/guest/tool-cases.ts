import type { GuestCase } from "./cases.ts";

/** A ready-made tool in a guest. */
export interface ToolCase extends GuestCase {
  readonly tool: string;
}

/** Runs a tool (`opensnoop -x`), and a program of tests/workloads while its probes are attached; gives its output. */
function during(tool: string, workload: string): string {
  return `tests/guest/tool '.cache/workloads/${workload}' ${tool}`;
}

/** Adds up a field of the JSON objects that come in. */
export function sumOf(field: string): string {
  return `grep -o '"${field}":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }'`;
}

/** Mounts a new file system with an empty file in it, unless there is nothing to make one with. */
function mounted(type: string): string {
  return `command -v mkfs.${type} >/dev/null || { echo no mkfs.${type}; exit; }
      for module in loop crc32c_generic ${type}; do modprobe $module; done
      folder=$(mktemp -d /dev/shm/${type}.XXXXXX)
      truncate -s 320M $folder.image
      mkfs.${type} -q $folder.image >/dev/null 2>&1
      mount -o loop $folder.image $folder
      touch $folder/data`;
}

const unmounted = `
      umount $folder
      rm $folder.image`;

/** The two tools of a file system, and 20 writes to a file of it. */
function fileSystemCases(type: string): readonly ToolCase[] {
  const run = (tool: string) =>
    `${mounted(type)}; ${during(`${tool} --name writes --json`, "writes 20 100 $folder/data").replaceAll("'", '"')}`;
  const orNone = (text: string) => new RegExp(`^(${text}|no mkfs.${type})\n$`);
  return [
    {
      tool: `${type}dist`,
      name: `${type}dist: 20 writes`,
      command: `${run(`${type}dist`)} | grep '"operation = write"' | ${sumOf("count")}${unmounted}`,
      stdout: orNone("20"),
    },
    {
      tool: `${type}slower`,
      name: `${type}slower: the offsets of 20 writes`,
      command: `${run(`${type}slower 0`)} | grep '"bytes":100,.*"file":"data","type":"W"' | ${sumOf("offset")}${unmounted}`,
      stdout: orNone("19000"),
    },
  ];
}

/** Runs a program of Debian's Python, which waits in a pipe until a tool has attached its probes to it. */
function duringPython(tool: string, program: string): string {
  return `rm -f /tmp/ready /tmp/go
    mkfifo /tmp/go
    /usr/bin/python3.11 -I -c 'open("/tmp/ready", "w").close(); open("/tmp/go").read()${program}' &
    until [ -e /tmp/ready ]; do sleep 0.1; done
    tests/guest/tool "echo >/tmp/go; tail --pid=$! -f /dev/null" ${tool} $!`;
}

/** Every case is exact where the workload is; tools without one are held to their numbers by their own tests only. */
export const toolCases: readonly ToolCase[] = [
  {
    tool: "bindsnoop",
    name: "bindsnoop: a socket that is bound",
    command: `${during("bindsnoop --name connects --json", "connects 1")} |
      grep -o '"ret":0,"ip":4,"addr":"127.0.0.1"'`,
    stdout: '"ret":0,"ip":4,"addr":"127.0.0.1"\n',
  },
  {
    tool: "bindsnoop",
    name: "bindsnoop: an option of the socket",
    command: `tests/guest/tool 'python3 -c "import socket; socket.create_server((str(), 0))"' bindsnoop --json |
      grep -o '"options":"[^"]*"'`,
    stdout: '"options":"...R."\n',
  },
  {
    tool: "biolatency",
    name: "biolatency: 50 writes",
    command: `modprobe null_blk
      tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=50 oflag=direct status=none' \\
        biolatency -d nullb0 --json | ${sumOf("count")}`,
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
    tool: "biosnoop",
    name: "biosnoop: 50 writes",
    command: `modprobe null_blk
      tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=50 oflag=direct status=none' \\
        biosnoop -d nullb0 --json | grep -c '"comm":"dd".*"operation":"W".*"bytes":4096'`,
    stdout: "50\n",
  },
  {
    tool: "cachestat",
    name: "cachestat: 500 pages that are read",
    command: `head -c 4M /dev/zero >/dev/shm/pages
      accesses() { grep -o '"hits":[0-9]*,"misses":[0-9]*' | tr ':,' '  ' | awk '{ print $2 + $4 }'; }
      none=$(${during("cachestat --name reads --json 600", "reads 0 4096 /dev/shm/pages")} | accesses)
      all=$(${during("cachestat --name reads --json 600", "reads 500 4096 /dev/shm/pages")} | accesses)
      echo $((all - none))`,
    stdout: /^(4[5-9]|5[0-4])\d\n$/,
  },
  {
    tool: "capable",
    name: "capable: what chroot needs, three times",
    command: `tests/guest/tool 'for i in 1 2 3; do chroot / /bin/true; done' capable --name chroot --json |
      grep -c '"cap":18,"name":"CAP_SYS_CHROOT","audit":1,"insetid":0,"verdict":"allow"'`,
    stdout: "3\n",
  },
  {
    tool: "biostacks",
    name: "biostacks: 50 writes, where they are made",
    command: `modprobe null_blk
      tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=50 oflag=direct status=none' \\
        biostacks -d nullb0 --name dd --json | grep -E '"kernel_stack":\\[.*submit_bio' | ${sumOf("count")}`,
    stdout: "50\n",
  },
  {
    tool: "cpudist",
    name: "cpudist: 20 sleeps",
    command: `${during("cpudist -O --name sleeper --json", "sleeper 20 50")} |
      grep -E '"min":(32768|65536|131072),' | ${sumOf("count")}`,
    stdout: "20\n",
  },
  ...["btrfs", "ext4", "f2fs", "xfs"].flatMap(fileSystemCases),
  {
    tool: "dcsnoop",
    name: "dcsnoop: a name that is not there, 20 times",
    command: `${during("dcsnoop --name files --json", "files 20 /dev/shm")} | grep -c '"type":"M","file":"c"'`,
    stdout: "20\n",
  },
  {
    tool: "dcstat",
    name: "dcstat: three names that are not there, 20 times",
    command: `${during("dcstat --name files --json 600", "files 20 /dev/shm")} | grep -o '"miss":6[0-9],'`,
    stdout: /^"miss":6\d,\n$/,
  },
  {
    tool: "dirtop",
    name: "dirtop: 30 reads in a folder",
    command: `mkdir -p /dev/shm/outer/inner
      echo text >/dev/shm/outer/inner/file
      ${during("dirtop -d /dev/shm/o* --json 600", "reads 30 100 /dev/shm/outer/inner/file")}`,
    stdout: '{"path":"/dev/shm/outer","reads":30,"writes":0,"rbytes":3000,"wbytes":0}\n',
  },
  {
    tool: "execsnoop",
    name: "execsnoop: 10 execs",
    command: `${during("execsnoop -n ^true$ --json", "execs 10")} | grep -c '"args":"/bin/true"'`,
    stdout: "10\n",
  },
  {
    tool: "filelife",
    name: "filelife: 20 files, by the names that they had at last",
    command: `${during("filelife -F --name files --json", "files 20 /dev/shm")} | grep -c '"file":"/dev/shm/b"'`,
    stdout: "20\n",
  },
  {
    tool: "fileslower",
    name: "fileslower: 30 reads",
    command: `touch /dev/shm/slow
      ${during("fileslower --name reads --json 0", "reads 30 77 /dev/shm/slow")} | grep -c '"operation":"R","bytes":77.*"file":"slow"'`,
    stdout: "30\n",
  },
  {
    tool: "filetop",
    name: "filetop: 30 reads",
    command: `touch /dev/shm/top
      ${during("filetop --name reads --json 600", "reads 30 100 /dev/shm/top")} | grep -c '"file":"top","reads":30,"writes":0,"rbytes":3000'`,
    stdout: "1\n",
  },
  {
    tool: "filegone",
    name: "filegone: 20 times a file and a folder",
    command: `output=$(${during("filegone --name files --json", "files 20 /dev/shm")})
      echo "$output" | grep -c '"action":"RENAME","file":"a","new_name":"b"'
      echo "$output" | grep -c '"action":"DELETE","file":"[bc]"'`,
    stdout: "20\n40\n",
  },
  {
    tool: "funcinterval",
    name: "funcinterval: between 20 sleeps",
    command: `${during("funcinterval -m --name sleeper --json hrtimer_nanosleep", "sleeper 20 50")} | ${sumOf("count")}`,
    stdout: "19\n",
  },
  {
    tool: "funcslower",
    name: "funcslower: 20 sleeps",
    command: `${during("funcslower -m 40 --name sleeper --json hrtimer_nanosleep", "sleeper 20 50")} |
      grep -c '"retval":"0x0","function":"hrtimer_nanosleep"'`,
    stdout: "20\n",
  },
  {
    tool: "ksnoop",
    name: "ksnoop: 100 reads, by size, with their results",
    command: `tests/guest/tool '.cache/workloads/reads 100 4321' ksnoop --name reads --json \
      'vfs_read(count == 4321, return)' | grep -c '"name":"return","type":"ssize_t","value":4321'`,
    stdout: "100\n",
  },
  {
    tool: "kvmexit",
    name: "kvmexit: 30 writes to a port and a halt",
    command: `modprobe kvm_amd
      ${during("kvmexit --name vm --json", "vm 30")} | grep -oE '"reason":"(io|hlt)","count":[0-9]*' | sort`,
    stdout: '"reason":"hlt","count":1\n"reason":"io","count":30\n',
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
  {
    tool: "klockstat",
    name: "klockstat: each mutex that is taken, how long it is waited for and held",
    command: `tests/guest/tool 'dd if=/dev/zero bs=1 count=300 status=none | cat' klockstat --name dd -c pipe_write |
      awk '/pipe_write/ { print $3 }'`,
    stdout: "300\n300\n",
  },
  {
    tool: "memleak",
    name: "memleak: 30 blocks of 1000 bytes",
    command: `./beetrace memleak -c '.cache/workloads/myapp 50 1000 20' --json | grep -o '^{"bytes":30000,"count":30,'`,
    stdout: '{"bytes":30000,"count":30,\n',
  },
  {
    tool: "netqtop",
    name: "netqtop: a long packet for each of 10 conversations",
    command: `${during("netqtop -n lo -i 600 --json", "connects 10 16000")} | grep '"TX"' | ${sumOf("to16K")}
      ${during("netqtop -n lo -i 600 --json", "connects 10 10000")} | grep '"RX"' | ${sumOf("to16K")}`,
    stdout: "10\n10\n",
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
    name: "offwaketime: sleeps that a timer ends",
    command: `${during("offwaketime -K -f --name sleeper -m 40000", "sleeper 20 50")} |
      grep -c '^sleeper;.*;do_nanosleep;schedule;__schedule;--;try_to_wake_up;hrtimer_wakeup;'`,
    stdout: /^[1-9]/,
  },
  {
    tool: "opensnoop",
    name: "opensnoop: 20 opens",
    command: `${during("opensnoop -n opens --json", "opens 20 /etc/hostname")} | grep -c '"path":"/etc/hostname"'`,
    stdout: "20\n",
  },
  {
    tool: "profile",
    name: "profile: where the time goes",
    command: `${during("profile -f --name spin", "spin 2000")} | grep -c '^spin;.*main;outer'`,
    stdout: /^[1-9]/,
  },
  {
    tool: "runqlat",
    name: "runqlat: a wait after each of 20 sleeps",
    command: `${during("runqlat -L --name sleeper --json", "sleeper 20 20")} | ${sumOf("count")}`,
    stdout: /^[2-9]\d\n$/,
  },
  {
    tool: "opensnoop",
    name: "opensnoop: of a container, in a group below its own",
    command: `group=/sys/fs/cgroup/system.slice/docker-$(printf 'ab%.0s' {1..32}).scope/below
      mkdir -p $group
      tests/guest/tool "sh -c 'echo \\$\\$ >$group/cgroup.procs; exec cat /etc/hostname'; cat /etc/hosts" \\
        opensnoop --container abab --json | grep -o '"path":"/etc/host[a-z]*"'
      rmdir $group`,
    stdout: '"path":"/etc/hostname"\n',
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
    tool: "sofdsnoop",
    name: "sofdsnoop: two descriptors, at both ends",
    command: `tests/guest/tool 'python3 -c "import socket
a, b = socket.socketpair()
socket.send_fds(a, [bytes(1)], [0, 1])
socket.recv_fds(b, 1, 2)"' sofdsnoop --json | grep -o '"action":"[A-Z]*"' | sort | uniq -c`,
    stdout: '      2 "action":"RECV"\n      2 "action":"SEND"\n',
  },
  {
    tool: "solisten",
    name: "solisten: a socket that listens",
    command: `${during("solisten --name connects --json", "connects 1")} | grep -o '"ret":0,"backlog":1,'`,
    stdout: '"ret":0,"backlog":1,\n',
  },
  {
    tool: "sslsniff",
    name: "sslsniff: a line that one openssl sends another",
    command: `talk='-cipher aNULL:@SECLEVEL=0 -tls1_2 -quiet'
      sleep 100 | openssl s_server -accept 4433 -nocert $talk -naccept 1 >/dev/null &
      tests/guest/tool "(echo plain text; sleep 8) | timeout 8 openssl s_client -connect 127.0.0.1:4433 $talk" \\
        sslsniff -c openssl --json |
        grep -o '"func":"[A-Z/]*".*"data":"plain text' | grep -o '^"func":"[A-Z/]*"' | sort`,
    stdout: '"func":"READ/RECV"\n"func":"WRITE/SEND"\n',
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
  {
    tool: "stackcount",
    name: "stackcount: 200 system calls from one place",
    command: `${during("stackcount -f --name opens t:syscalls:sys_enter_openat", "opens 200 /etc/hostname")} |
      grep -c '^opens;.*do_syscall_64;.* 200$'`,
    stdout: "1\n",
  },
  {
    tool: "tcpaccept",
    name: "tcpaccept: 10 connections that are accepted",
    command: `${during("tcpaccept --name connects --json", "connects 10")} | grep -c '"comm":"connects","ip":4'`,
    stdout: "10\n",
  },
  {
    tool: "tcpcong",
    name: "tcpcong: states of a connection that loses segments",
    command: `modprobe sch_netem
      tc qdisc add dev lo root netem loss 20%
      ${during("tcpcong --json", "connects 20 16000")} | grep -c '"changes":[1-9]'
      tc qdisc del dev lo root`,
    stdout: /^[1-9]/,
  },
  {
    tool: "tcpconnect",
    name: "tcpconnect: 10 connections that are made",
    command: `${during("tcpconnect --name connects --json", "connects 10")} | grep -c '"comm":"connects","ip":4'`,
    stdout: "10\n",
  },
  {
    tool: "tcpdrop",
    name: "tcpdrop: a connection to a port that nobody has",
    command: `tests/guest/tool 'bash -c ": </dev/tcp/127.0.0.1/1"' tcpdrop --json |
      grep -o '"daddr":"127.0.0.1","dport":1,"state":"-","flags":"SYN","reason":"NO_SOCKET"' | wc -l`,
    stdout: "1\n",
  },
  {
    tool: "tcplife",
    name: "tcplife: both ends of 10 sessions",
    command: `${during("tcplife --name connects --json", "connects 10 1000")} | grep -c '"ip":4,"laddr":"127.0.0.1"'`,
    stdout: "20\n",
  },
  {
    tool: "tcppktlat",
    name: "tcppktlat: 10 segments that are read",
    command: `${during("tcppktlat --name connects --json", "connects 10")} | grep -c '"comm":"connects","ip":4'`,
    stdout: "10\n",
  },
  {
    tool: "tcpretrans",
    name: "tcpretrans: a connection that nobody answers",
    // The first is sent again after a second, the next two seconds later: nothing goes through a device of this kind.
    command: `modprobe dummy
      ip link add quiet type dummy
      ip address add 198.51.100.1/24 dev quiet
      ip link set quiet up arp off
      tests/guest/tool 'timeout 2 bash -c "exec 3<>/dev/tcp/198.51.100.2/80"' tcpretrans --json |
        grep -c '"raddr":"198.51.100.2","rport":80.*"state":"SYN_SENT"'
      ip link del quiet`,
    stdout: "1\n",
  },
  {
    tool: "tcprtt",
    name: "tcprtt: times of connections",
    command: `${during("tcprtt --raddr 127.0.0.1 --json", "connects 10")} | ${sumOf("count")}`,
    stdout: /^[1-9]\d+\n$/,
  },
  {
    tool: "tcpsubnet",
    name: "tcpsubnet: bytes that 10 connections send",
    command: `${during("tcpsubnet --name connects -i 600 --json", "connects 10 1000")} | ${sumOf("127.0.0.1/32")}`,
    stdout: "10000\n",
  },
  {
    tool: "tcpsynbl",
    name: "tcpsynbl: 10 arrivals at a socket that lets one wait",
    command: `${during("tcpsynbl --json", "connects 10")} | grep '"backlog_max = 1"' | ${sumOf("count")}`,
    stdout: "10\n",
  },
  {
    tool: "tcptop",
    name: "tcptop: bytes sent and received",
    command: `output=$(${during("tcptop --name connects --json 60", "connects 10 1000")})
      echo "$output" | ${sumOf("tx_bytes")}
      echo "$output" | ${sumOf("rx_bytes")}`,
    stdout: "10000\n10000\n",
  },
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
    tool: "vfscount",
    name: "vfscount: 20 times each call",
    command: `${during("vfscount --name files --json", "files 20 /dev/shm")} | grep -o '"func":"vfs_\\(mkdir\\|rmdir\\|rename\\|unlink\\)","count":20' | sort`,
    stdout: [
      '"func":"vfs_mkdir","count":20',
      '"func":"vfs_rename","count":20',
      '"func":"vfs_rmdir","count":20',
      '"func":"vfs_unlink","count":20\n',
    ].join("\n"),
  },
  {
    tool: "vfsstat",
    name: "vfsstat: 20 times each call",
    command: `${during("vfsstat --name files --json 600", "files 20 /dev/shm")} | grep -o '"create":.*'`,
    stdout: '"create":0,"unlink":20,"mkdir":20,"rmdir":20}\n',
  },
  {
    tool: "tcptracer",
    name: "tcptracer: 10 connections are made, accepted and closed at both ends",
    command: `${during("tcptracer --name connects --json", "connects 10")} | grep -o '"type":"[a-z]*"' | sort | uniq -c`,
    stdout: '     10 "type":"accept"\n     20 "type":"close"\n     10 "type":"connect"\n',
  },
  {
    tool: "virtiostat",
    name: "virtiostat: 16 MiB that are read from the host",
    command: `tests/guest/tool 'dd if=$(ls .cache/guest/*/vmlinux | head -n 1) of=/dev/null bs=1M count=16 status=none' virtiostat --json 600 |
        grep '^{"driver":"9pnet_virtio"' | ${sumOf("in_bytes")} |
        awk '{ print ($1 >= 16777216 && $1 < 25000000) ? "read" : $1 }'`,
    stdout: "read\n",
  },
  {
    tool: "wakeuptime",
    name: "wakeuptime: who wakes a sleeper",
    command: `${during("wakeuptime --name sleeper -m 40000 --json", "sleeper 20 50")} |
      grep '"try_to_wake_up+.*hrtimer_wakeup+' | ${sumOf("us")}`,
    stdout: /^(9\d|1[0-4]\d)\d{4}\n$/,
  },
];
