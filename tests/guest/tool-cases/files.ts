import { during, mounted, sumOf, type ToolCase, unmounted } from "../tool-case.ts";

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

/** A tool, and what it tells while a file is used that a server of NFS 4.2 in the same guest has: see {@link NFS_COUNTS}. */
function duringNfs(tool: string): string {
  return `for module in nfsd nfsv4; do modprobe $module; done
      mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
      exported=$(mktemp -d /dev/shm/exported.XXXXXX)
      folder=$(mktemp -d /dev/shm/nfs.XXXXXX)
      exportfs -o rw,no_root_squash,fsid=0,insecure 127.0.0.1:$exported
      rpc.mountd --foreground --no-nfs-version 3 &
      rpc.nfsd --no-nfs-version 3 --no-udp --host 127.0.0.1 1
      echo Y >/proc/fs/nfsd/v4_end_grace # it would wait for clients of a server before it
      mount -t nfs4 127.0.0.1:/ $folder
      touch $folder/data
      output=$(tests/guest/tool "
        .cache/workloads/writes 20 100 $folder/data
        .cache/workloads/reads 10 50 $folder/data
        .cache/workloads/opens 15 $folder/data
        dd if=/dev/zero of=$folder/data bs=4k count=5 oflag=sync conv=notrunc status=none
        stat $folder/data $folder/data $folder/data" ${tool})
      umount $folder
      rpc.nfsd 0
      exportfs -u 127.0.0.1:$exported
      kill $!
      echo "$output"`;
}

/** Each writes and reads from where it has come to; dd syncs each of its writes. */
const NFS_COUNTS = { read: 10, write: 20 + 5, open: 1 + 1 + 15 + 1, fsync: 5, getattr: 3 };
const NFS_OFFSETS = 100 * 190 + 50 * 45 + 4096 * 10;

/** A tool of the page cache, and 500 pages that are read. */
function pageCase(tool: string, what: string): ToolCase {
  const run = (count: number) => during(`${tool} --name reads --json 600`, `reads ${count} 4096 /dev/shm/pages`);
  return {
    tool,
    name: `${tool}: 500 pages that ${what}`,
    command: `head -c 4M /dev/zero >/dev/shm/pages
      accesses() { grep -o '"hits":[0-9]*,"misses":[0-9]*' | tr ':,' '  ' | awk '{ print $2 + $4 }'; }
      none=$(${run(0)} | accesses)
      all=$(${run(500)} | accesses)
      echo $((all - none))`,
    stdout: /^(4[5-9]|5[0-4])\d\n$/,
  };
}

export const fileCases: readonly ToolCase[] = [
  pageCase("cachestat", "are read"),
  pageCase("cachetop", "a process reads"),
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
    tool: "filegone",
    name: "filegone: 20 times a file and a folder",
    command: `output=$(${during("filegone --name files --json", "files 20 /dev/shm")})
      echo "$output" | grep -c '"action":"RENAME","file":"a","new_name":"b"'
      echo "$output" | grep -c '"action":"DELETE","file":"[bc]"'`,
    stdout: "20\n40\n",
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
  ...["btrfs", "ext4", "f2fs", "xfs"].flatMap(fileSystemCases),
  {
    tool: "fsdist",
    name: "fsdist: 20 writes",
    command: `${mounted("ext4")}
      tests/guest/tool ".cache/workloads/writes 20 100 $folder/data" fsdist -t ext4 --name writes --json |
        grep '"operation = write"' | ${sumOf("count")}${unmounted}`,
    stdout: "20\n",
  },
  {
    tool: "fsslower",
    name: "fsslower: the offsets of 20 writes",
    command: `${mounted("ext4")}
      tests/guest/tool ".cache/workloads/writes 20 100 $folder/data" fsslower -t ext4 -m 0 --name writes --json |
        grep '"bytes":100,.*"file":"data","type":"W"' | ${sumOf("offset")}${unmounted}`,
    stdout: "19000\n",
  },
  {
    tool: "mountsnoop",
    name: "mountsnoop: a file system comes and goes",
    command: `tests/guest/tool 'mount -t tmpfs -o size=1m source /mnt; umount /mnt' mountsnoop --json |
      grep -o '"call":.*'`,
    stdout: [
      `"call":"mount(\\"source\\", \\"/mnt\\", \\"tmpfs\\", 0x0, \\"size=1m\\") = 0"}`,
      `"call":"umount(\\"/mnt\\", 0x0) = 0"}\n`,
    ].join("\n"),
  },
  {
    tool: "nfsdist",
    name: "nfsdist: how often each operation",
    command: `output=$(${duringNfs("nfsdist --json")})
      for operation in ${Object.keys(NFS_COUNTS).join(" ")}; do
        echo $operation $(echo "$output" | grep "\\"operation = $operation\\"" | ${sumOf("count")})
      done`,
    stdout: Object.entries(NFS_COUNTS)
      .map(([operation, count]) => `${operation} ${count}\n`)
      .join(""),
    timeoutSeconds: 180,
  },
  {
    tool: "nfsslower",
    name: "nfsslower: each operation, with its bytes, and the offsets of all",
    command: `output=$(${duringNfs("nfsslower 0 --json")})
      echo "$output" | sed -E 's/.*("bytes":)/\\1/; s/"(offset|latency_ns)":[0-9]+,//g' | sort | uniq -c
      echo "$output" | ${sumOf("offset")}`,
    stdout: [
      '      3 "bytes":0,"file":"data","type":"G"}',
      '     18 "bytes":0,"file":"data","type":"O"}',
      '      5 "bytes":0,"file":"data","type":"S"}',
      '     20 "bytes":100,"file":"data","type":"W"}',
      '      5 "bytes":4096,"file":"data","type":"W"}',
      '     10 "bytes":50,"file":"data","type":"R"}',
      `${NFS_OFFSETS}\n`,
    ].join("\n"),
    timeoutSeconds: 180,
  },
  {
    tool: "opensnoop",
    name: "opensnoop: 20 opens",
    command: `${during("opensnoop -n opens --json", "opens 20 /etc/hostname")} | grep -c '"path":"/etc/hostname"'`,
    stdout: "20\n",
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
    tool: "readahead",
    name: "readahead: 300 pages of those that were read ahead",
    command: `${mounted("ext4")}
      head -c 4M /dev/zero >$folder/data
      sync
      echo 3 >/proc/sys/vm/drop_caches
      tests/guest/tool ".cache/workloads/reads 300 4096 $folder/data" readahead --name reads --json | grep -o '"used":[0-9]*'${unmounted}`,
    stdout: /^"used":30\d\n$/,
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
    tool: "statsnoop",
    name: "statsnoop: 20 files",
    command: `${during("statsnoop --name files --json", "files 20 /dev/shm")} | grep -c '"err":0,"path":"b","syscall":"newfstatat"'`,
    stdout: "20\n",
  },
  {
    tool: "syncsnoop",
    name: "syncsnoop: each kind of call",
    command: `tests/guest/tool 'for i in 1 2 3; do sync; done; sync -d /dev/shm; sync -f /dev/shm' syncsnoop --name sync --json |
      grep -o '"call":.*' | sort | uniq -c`,
    stdout: '      1 "call":"fdatasync"}\n      3 "call":"sync"}\n      1 "call":"syncfs"}\n',
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
];
