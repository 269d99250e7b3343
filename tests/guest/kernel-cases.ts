import type { GuestCase } from "./cases.ts";

/** Traces one workload with one script; what it says on standard error comes with the rest. */
function traced(script: string, workload: string, options = "-q"): string {
  return `./beetrace ${options} -e '${script}' -c '.cache/workloads/${workload}' 2>&1 | grep -v '^$'`;
}

const hundredReads = "reads 100 4321";

/** Probes on functions of the kernel, of its modules and of BPF programs. */
const onFunctions: readonly GuestCase[] = [
  {
    name: "a kprobe and a kretprobe of one function are one program",
    command: traced(
      `kprobe:vfs_read /arg2 == 4321/ { @entered = count(); @size[tid] = arg2; }
       kretprobe:vfs_read /retval == 4321/ { @left = count(); @same = sum(@size[tid] == retval); delete(@size, tid); }`,
      hundredReads,
      "",
    ),
    stdout: "Attached 1 probe\n@entered: 100\n@left: 100\n@same: 100\n",
    kernels: ["6.12"],
  },
  {
    name: "and two without sessions",
    command: traced(
      "kprobe:vfs_read /arg2 == 4321/ { @entered = count(); } kretprobe:vfs_read /retval == 4321/ { @left = count(); }",
      hundredReads,
      "--no-feature kprobe_session",
    ),
    stdout: "Attached 2 probes\n@entered: 100\n@left: 100\n",
  },
  {
    name: "sessions of many functions know which of them returns",
    command: `${traced(
      `kprobe:tcp_s* /comm == "connects"/ { @in[probe] = count(); }
       kretprobe:tcp_s* /comm == "connects"/ { @out[probe] = count(); }`,
      "connects 30",
    )} | grep -E 'tcp_sendmsg\\]'`,
    stdout: "@in[kprobe:tcp_sendmsg]: 30\n@out[kretprobe:tcp_sendmsg]: 30\n",
    kernels: ["6.12"],
  },
  {
    name: "more than 200 functions by one program, each with its name",
    command: `${traced('kprobe:tcp_* /comm == "connects"/ { @[probe] = count(); }', "connects 30", "")} |
      grep -E '^Attached [2-9][0-9][0-9] probes$|tcp_(connect|sendmsg)\\]' | sed 's/[0-9]* probes/N probes/'`,
    stdout: "Attached N probes\n@[kprobe:tcp_connect]: 30\n@[kprobe:tcp_sendmsg]: 30\n",
    kernels: ["6.12"],
  },
  {
    name: "functions and types of a module",
    // On Linux 6.1 a worker of the kernel hands the requests on: no process is chosen.
    command: `modprobe null_blk
      tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=50 oflag=direct status=none' -q -e '
        fentry:null_blk:null_queue_rq {
          @[((struct nullb_queue *)args.hctx->driver_data)->dev->blocksize] = count(); @by = count(); }
        kprobe:null_queue_rq { @unnamed = count(); }' | grep -v '^$'`,
    stdout: "@[512]: 50\n@by: 50\n@unnamed: 50\n",
  },
  {
    name: "functions of a BPF program",
    command: `./beetrace -q -e 'kprobe:hrtimer_nanosleep { @ = count(); }' >/dev/null &
      until bpftool prog show | grep -q kprobe_hrtimer; do sleep 0.2; done
      ${traced('fentry:bpf:kprobe_hrtimer* /comm == "sleeper"/ { @[probe] = count(); }', "sleeper 20 1")} |
        sed 's/bpf:[0-9]*/bpf:ID/'
      kill -INT %1
      wait`,
    stdout: "@[fentry:bpf:ID:kprobe_hrtimer_nanosleep_1]: 20\n",
  },
];

/** What the kernel gives to some functions only, or only to kernels with these options. */
const onObjects: readonly GuestCase[] = [
  {
    name: "path of a struct path, cookies of sockets",
    command: `touch /dev/shm/named
      ${traced(
        'fentry:security_file_open /comm == "opens"/ { @[path(args.file->f_path)] = count(); }',
        "opens 20 /dev/shm/named",
      )} | grep named
      ${traced("fentry:tcp_connect { @[socket_cookie(args.sk)] = count(); }", "connects 10")} | grep -c ']: 1$'`,
    stdout: "@[/dev/shm/named]: 20\n10\n",
  },
  {
    name: "path where the kernel does not allow it is told at its place",
    command: "./beetrace -e 'fentry:vfs_read { print(path(args.file->f_path)); }' 2>&1 | head -n 1",
    stdout: "stdin:1:25-48: ERROR: helper bpf_d_path not allowed in probe\n",
  },
  {
    name: "variables of a CPU",
    command: `./beetrace -q -e 'begin {
      printf("%d %d\\n", ((struct rq *)percpu_kaddr("runqueues", 0))->cpu, ((struct rq *)percpu_kaddr("runqueues", 1))->cpu);
      printf("%d\\n", ((struct rq *)percpu_kaddr("runqueues"))->cpu == cpu);
      printf("%d\\n", percpu_kaddr("runqueues", 4000) == 0);
    }' | grep -v '^$'`,
    stdout: "0 1\n1\n1\n",
  },
  {
    name: "the name of a process by its number",
    command: `exec -a somebody sleep 100 &
      ./beetrace -q -e "rawtracepoint:vmlinux:sched_switch { printf(\\"%s\\\\n\\", comm($!)); exit(); }" | grep -v '^$' | head -n 1
      kill %1`,
    stdout: "sleep\n",
    kernels: ["6.12"],
  },
  {
    name: "a function of the kernel by its name",
    command: `sleep 100 &
      ./beetrace --unsafe -q -e 'rawtracepoint:sched_switch {
        $task = bpf_task_from_pid($1);
        if ($task != 0) { print($task.comm); bpf_task_release($task); exit(); } }' $! | head -n 1
      kill %1`,
    stdout: "sleep\n",
    kernels: ["6.12"],
  },
  {
    name: "fields behind pointers that only the script knows, in a kprobe",
    command: traced(
      `kprobe:vfs_read /arg2 == 4321/ { $file = (struct file *)arg0;
        @[str($file.f_path.dentry.d_name.name), $file.f_inode.i_sb.s_magic > 0, ((uint64)$file & 7) == 0] = count(); }`,
      `${hundredReads} /dev/zero`,
    ),
    stdout: "@[zero, true, true]: 100\n",
  },
  {
    name: "a signal ends who sleeps",
    command: `tests/guest/tool '.cache/workloads/sleeper 1 30000; echo $? >/dev/shm/status' -q --unsafe \\
        -e 'kprobe:hrtimer_nanosleep /comm == "sleeper"/ { signal("KILL"); exit(); }' >/dev/null
      cat /dev/shm/status`,
    stdout: "137\n",
  },
  {
    name: "writes to a variable of a process",
    command: `address=$(nm .cache/workloads/targets-static | awk '$3 == "total" { print $1 }')
      ./beetrace -q -e "watchpoint:0x$address:8:w /comm == \\"targets-static\\"/ { @ = count(); }" \\
        -c '.cache/workloads/targets-static 10' | grep -v '^$'`,
    // The emulated processor runs an instruction again now and then.
    stdout: /^@: 1[0-4]\d\n$/,
  },
  {
    name: "a map that is full is told, a key that is not there too",
    command: `./beetrace -e 'let @a = hash(1); begin { @a[1] = 1; @a[2] = 2; @b[1] = 1;
        printf("%d %d\\n", delete(@b, 1), delete(@b, 1)); exit(); }' 2>&1 | grep -oE "Map full|^[01] [01]|@a\\[1\\]: 1" | LC_ALL=C sort`,
    stdout: "1 0\n@a[1]: 1\nMap full\n",
  },
  {
    name: "kernel stacks begin at the event, by perf, by a raw tracepoint, and in a program that probes share",
    command: `action='/comm == "syscalls"/ { @[kstack(2)] = count(); }'
      top() { ./beetrace -q -e "$1" -c '.cache/workloads/syscalls 100' | grep -A 1 '^@\\['; }
      perf=$(top "tracepoint:syscalls:sys_enter_getppid $action")
      raw=$(top "tracepoint:syscalls:sys_enter_getppi* $action")
      both=$(top "tracepoint:syscalls:sys_enter_getppi* $action tracepoint:syscalls:sys_enter_gettid { @n = count(); }")
      [ "$perf" = "$raw" ] && [ "$both" = "$raw" ] && echo "$perf"`,
    stdout: /^@\[\n +\w*syscall/,
  },
  {
    name: "the function that returns",
    command: `./beetrace -q -e 'uretprobe:.cache/workloads/targets:return_* { @[func] = count(); }' \\
        -c '.cache/workloads/targets 10' 2>&1 | grep -oE 'func is 0|@\\[return_[a-z0-9]*\\]: 10' | sort -u | head -n 1`,
    stdout: /^(func is 0|@\[return_\w+\]: 10)\n$/,
  },
  {
    name: "fmod_ret: what a function returns in its place, for one program",
    command: `cp "$(command -v mkdir)" /dev/shm/makes
      tests/guest/tool '/dev/shm/makes /dev/shm/denied /dev/shm/denied-too; mkdir /dev/shm/made' -q --unsafe -e '
        fmod_ret:security_inode_mkdir /comm == "makes"/ { @[comm] = count(); return -28; }' 2>&1 |
        grep -oE '^@.*|No space left.*'
      ls -d /dev/shm/denied* /dev/shm/made 2>/dev/null`,
    stdout: "No space left on device\nNo space left on device\n@[makes]: 2\n/dev/shm/made\n",
    exitCode: 2,
  },
  {
    name: "fmod_ret: that a function cannot be replaced is told",
    command: "./beetrace --unsafe -e 'fmod_ret:vfs_read { return 1; }' 2>&1 | grep -E 'ERROR|error_injection'",
    stdout:
      /ERROR: the kernel's verifier refuses .*: vfs_read\(\) is not modifiable\n.*HINT: fmod_ret is for security_\*/,
  },
  {
    name: "mptcpify: a kernel that asks no program for the protocol of a socket",
    command: "./beetrace mptcpify 2>&1",
    stdout:
      "ERROR: this kernel has no update_socket_protocol, which decides on the protocol of a socket\n" +
      "HINT: it takes Linux 6.6\n",
    exitCode: 1,
    kernels: ["6.1"],
  },
  {
    name: "that functions cannot be made to fail is told",
    command: `./beetrace --unsafe -e 'kprobe:vfs_read { override(-12); }' 2>&1 | grep ERROR`,
    stdout: /ERROR: .*override/,
  },
];

/** Rows for tests/guest/cases.ts. */
export const kernelCases: readonly GuestCase[] = [...onFunctions, ...onObjects];
