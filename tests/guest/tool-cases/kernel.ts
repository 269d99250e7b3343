import { between, during, sumOf, type ToolCase } from "../tool-case.ts";

/** How often the kernel looked for timers that are due. */
const TIMERS = `awk "/TIMER:/ && !/HR/ { print \\$2 + \\$3 }" /proc/softirqs`;

/** Makes /run/script.bt of a tool's script, edited by sed so that it runs on a kernel that lacks what the tool takes. */
function asScript(tool: string, ...edits: readonly string[]): string {
  const all = [`s|"filter.bt"|"$PWD/tools/filter.bt"|`, ...edits].map((edit) => `-e "${edit.replaceAll('"', '\\"')}"`);
  return `./beetrace ${tool} --ebpf | sed ${all.join(" ")} >/run/script.bt`;
}

export const kernelFunctionCases: readonly ToolCase[] = [
  {
    tool: "argdist",
    name: "argdist: sizes of writes, by a function of the kernel",
    command: `tests/guest/tool '.cache/workloads/writes 100 4321' \\
      argdist --json -C 'p::vfs_write(void *file, void *from, size_t count):size_t:count:count == 4321' | grep -o '"count = .*'`,
    stdout: '"count = 4321","count":100}\n',
  },
  {
    tool: "bpflist",
    name: "bpflist: what a tracer holds, as /proc has it",
    command: `cat >/tmp/look <<'END'
./beetrace bpflist --json >/tmp/held
pid=$(grep '"comm":"beetrace"' /tmp/held | head -n 1 | tr -dc '0-9,' | cut -d, -f1)
for kind in map link prog; do
  told=$(grep '"pid":'$pid,.*$kind /tmp/held | grep -o '"count":.*')
  [ "$told" = '"count":'$(ls -l /proc/$pid/fd | grep -c bpf.$kind)'}' ] && echo $kind
done >/tmp/equal
END
      tests/guest/tool 'bash /tmp/look' killsnoop >/dev/null
      cat /tmp/equal`,
    stdout: "map\nlink\nprog\n",
  },
  {
    tool: "criticalstat",
    name: "criticalstat: the option that the kernel lacks",
    command: "./beetrace criticalstat 2>&1; ./beetrace criticalstat -p 2>&1 | grep -c 'preempt_disable: .*PREEMPTIRQ'",
    stdout: `ERROR: this kernel has no tracepoint preemptirq:irq_disable: it was built without CONFIG_PREEMPTIRQ_TRACEPOINTS
HINT: boot a kernel that was built with CONFIG_IRQSOFF_TRACER, which brings it
1
`,
  },
  {
    tool: "criticalstat",
    name: "criticalstat: its script, with a function of a program in the place of a section",
    command: `${asScript("criticalstat", "s|rawtracepoint:irq_disable|uprobe:.cache/workloads/spin:outer|", "s|rawtracepoint:irq_enable|uretprobe:.cache/workloads/spin:outer|", "/end = /s/arg[01]/0/g")}
      tests/guest/tool 'for i in 1 2 3; do taskset -c 0 .cache/workloads/spin 30; done' -f json /run/script.bt -- --min_us=20000 |
        grep -c '"comm": "spin", "cpu": 0, "ns": [0-9]*'`,
    stdout: "3\n",
  },
  {
    tool: "funccount",
    name: "funccount: 20 times each function",
    command: `${during("funccount --json vfs_*dir", "files 20 /dev/shm")} | sort`,
    stdout: '{"func":"vfs_mkdir","count":20}\n{"func":"vfs_rmdir","count":20}\n',
  },
  {
    tool: "funcinterval",
    name: "funcinterval: between 20 sleeps",
    command: `${during("funcinterval -m --name sleeper --json hrtimer_nanosleep", "sleeper 20 50")} | ${sumOf("count")}`,
    stdout: "19\n",
  },
  {
    tool: "funclatency",
    name: "funclatency: 20 sleeps of 50 ms",
    command: `${during("funclatency -m --name sleeper --json hrtimer_nanosleep", "sleeper 20 50")} |
      grep -E '"min":(32|64|128),' | ${sumOf("count")}`,
    stdout: "20\n",
  },
  {
    tool: "funcslower",
    name: "funcslower: 20 sleeps",
    command: `${during("funcslower -m 40 --name sleeper --json hrtimer_nanosleep", "sleeper 20 50")} |
      grep -c '"retval":"0x0","function":"hrtimer_nanosleep"'`,
    stdout: "20\n",
  },
  {
    tool: "hardirqs",
    name: "hardirqs: as many of a device as the kernel counts",
    // What is read comes from the host.
    command: between(
      'awk "/-requests/ { sum += \\$2 + \\$3 } END { print sum }" /proc/interrupts',
      "hardirqs -C --json",
      "cat .cache/guest/*/initramfs.gz",
      `grep -e '-requests"' | ${sumOf("count")}`,
    ),
    stdout: "between\n",
  },
  {
    tool: "inject",
    name: "inject: the option that the kernel lacks",
    command: "./beetrace inject kmalloc 'SyS_mount()' 2>&1",
    exitCode: 1,
    stdout: `ERROR: programs cannot make functions of this kernel fail: it was built without CONFIG_BPF_KPROBE_OVERRIDE
HINT: boot a kernel that was built with it, CONFIG_FUNCTION_ERROR_INJECTION, CONFIG_FAILSLAB and CONFIG_FAIL_PAGE_ALLOC
`,
  },
  {
    tool: "inject",
    name: "inject: its script finds 3 of the last 10 of 20 writes, and lets none fail",
    command: `modprobe null_blk
      chain='(bio->bi_iter.bi_size == 4096) => submit_bio() => blkdev_write_iter(struct kiocb *iocb)(iocb->ki_pos >= 40960)'
      for count in '-c 3' ''; do
        ${asScript(`inject bio $count "$chain"`, "/override/d", "s/kprobe:should_fail_bio/kprobe:submit_bio_noacct/")}
        tests/guest/tool 'dd if=/dev/zero of=/dev/nullb0 bs=4k count=20 oflag=direct status=none' -f json /run/script.bt |
          grep -c '"comm": "dd"'
      done`,
    stdout: "3\n10\n",
  },
  {
    tool: "klockstat",
    name: "klockstat: each mutex that is taken, how long it is waited for and held",
    command: `tests/guest/tool 'dd if=/dev/zero bs=1 count=300 status=none | cat' klockstat --name dd -c pipe_write |
      awk '/pipe_write/ { print $3 }'`,
    stdout: "300\n300\n",
    timeoutSeconds: 120, // each mutex that anything takes is traced
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
    tool: "kvmexit",
    name: "kvmexit: the script first, and one thread that adds up",
    command: `modprobe kvm_amd
      ${during("kvmexit -d -m 1 --name vm", "vm 30")} | grep -oE '^tracepoint:kvm:kvm_exit|  io +30' | tr -s ' '`,
    stdout: "tracepoint:kvm:kvm_exit\n io 30\n",
  },
  {
    tool: "softirqs",
    name: "softirqs: as many as the kernel counts",
    command: between(TIMERS, "softirqs -C --json", "sleep 1", `grep '"timer"' | ${sumOf("count")}`),
    stdout: "between\n",
  },
  {
    tool: "softirqslower",
    name: "softirqslower: as many as the kernel counts",
    command: between(TIMERS, "softirqslower 0 --json", "sleep 1", `grep -c '"stage":"run","softirq":"timer"'`),
    stdout: "between\n",
  },
  {
    tool: "stackcount",
    name: "stackcount: 200 system calls from one place",
    command: `${during("stackcount -f --name opens t:syscalls:sys_enter_openat", "opens 200 /etc/hostname")} |
      grep -c '^opens;.*do_syscall_64;.* 200$'`,
    stdout: "1\n",
  },
  {
    tool: "syscount",
    name: "syscount: 300 calls",
    command: `${during("syscount --name syscalls --json", "syscalls 300")} | grep getppid`,
    stdout: '{"syscall":"getppid","count":300}\n',
  },
  {
    tool: "tplist",
    name: "tplist: a tracepoint",
    command: `./beetrace tplist 'sched:sched_wakin?'`,
    stdout: "sched:sched_waking\n",
  },
  {
    tool: "trace",
    name: "trace: an argument and a result of functions of the kernel",
    command: `tests/guest/tool '.cache/workloads/writes 20 4321' \\
      trace --name writes 'p::vfs_write(void *file, void *from, size_t count) (count == 4321) "%d bytes", count' \\
        'r::vfs_write (retval == 4321) "wrote %d", retval' | grep -oE '4321 bytes|wrote 4321' | sort | uniq -c`,
    stdout: "     20 4321 bytes\n     20 wrote 4321\n",
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
    tool: "wqlat",
    name: "wqlat: 20 reads of a loop device",
    // One after the other: work that is queued twice before it begins is done once.
    command: `modprobe loop
      truncate -s 4M /dev/shm/looped
      disk=$(losetup --show -f /dev/shm/looped)
      read="dd if=$disk of=/dev/null bs=4k count=1 iflag=direct status=none"
      tests/guest/tool "for i in {1..20}; do $read; sleep 0.1; done" wqlat -W --json |
        grep '"wqname = loop' | ${sumOf("count")}
      losetup -d $disk`,
    stdout: "20\n",
  },
];
