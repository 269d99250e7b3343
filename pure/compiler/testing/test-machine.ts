import type { UsdtSite } from "../target.ts";
import type { RecordedMachine } from "./recorded-machine.ts";

/** Fields as a format file of tracefs lists them: `TYPE NAME;offset;size;signed`. */
function format(name: string, id: number, fields: readonly string[]): string {
  const line = (text: string) => {
    const [declaration, offset, size, signed] = text.split(";");
    return `\tfield:${declaration};\toffset:${offset};\tsize:${size};\tsigned:${signed};`;
  };
  const common = ["unsigned short common_type;0;2;0", "unsigned char common_flags;2;1;0", "int common_pid;4;4;1"];
  return [
    `name: ${name}`,
    `ID: ${id}`,
    "format:",
    ...common.map(line),
    "",
    ...fields.map(line),
    "",
    'print fmt: ""',
    "",
  ].join("\n");
}

const SCHED_SWITCH = [
  "char prev_comm[16];8;16;0",
  "pid_t prev_pid;24;4;1",
  "int prev_prio;28;4;1",
  "long prev_state;32;8;1",
  "char next_comm[16];40;16;0",
  "pid_t next_pid;56;4;1",
  "int next_prio;60;4;1",
];
const SYSCALL = "int __syscall_nr;8;4;1";

function site(
  provider: string,
  name: string,
  fileOffset: number,
  registers: readonly string[],
  semaphoreFileOffset?: number,
): UsdtSite {
  return {
    path: "/usr/bin/tested",
    provider,
    name,
    address: fileOffset,
    fileOffset,
    ...(semaphoreFileOffset === undefined ? {} : { semaphoreFileOffset }),
    args: registers.map((register) => ({ size: 4, signed: true, location: { kind: "register", register } })),
    argText: registers.map((register) => `-4@%${register}`).join(" "),
  };
}

/** The machine of the compiler's tests: a few of everything. */
export const TEST_MACHINE: RecordedMachine = {
  tracepoints: {
    "sched:sched_switch": format("sched_switch", 372, SCHED_SWITCH),
    "sched:sched_wakeup": format("sched_wakeup", 373, ["char comm[16];8;16;0", "pid_t pid;24;4;1"]),
    "net:netif_rx": format("netif_rx", 2302, [
      "void * skbaddr;8;8;0",
      "unsigned int len;16;4;0",
      "__data_loc char[] name;20;4;0",
    ]),
    "syscalls:sys_enter_openat": format("sys_enter_openat", 782, [
      SYSCALL,
      "int dfd;16;8;0",
      "const char * filename;24;8;0",
      "int flags;32;8;0",
      "umode_t mode;40;8;0",
    ]),
    "syscalls:sys_enter_read": format("sys_enter_read", 842, [
      SYSCALL,
      "unsigned int fd;16;8;0",
      "char * buf;24;8;0",
      "size_t count;32;8;0",
    ]),
    "syscalls:sys_exit_read": format("sys_exit_read", 841, [SYSCALL, "long ret;16;8;1"]),
  },
  bpfFunctions: [
    { programId: 7, name: "interval_us_100000_1" },
    { programId: 8, name: "interval_us_100000_2" },
  ],
  kernelFunctions: [
    { name: "vfs_read" },
    { name: "vfs_write" },
    { name: "do_exit" },
    { name: "wake_up_new_task" },
    { name: "takes_struct" },
    { name: "takes_seven" },
    { name: "ext4_read", module: "ext4" },
  ],
  kernelAddresses: { vfs_read: "18446744071580000000", avenrun: "18446744071590000000" },
  rawTracepoints: ["sched_switch"],
  userFunctions: [
    { path: "/usr/bin/tested", name: "main", address: 0x401000, fileOffset: 0x1000, sizeBytes: 64 },
    { path: "/usr/bin/tested", name: "read_line", address: 0x401100, fileOffset: 0x1100, sizeBytes: 32 },
    { path: "/usr/bin/tested", name: "read_word", address: 0x401200, fileOffset: 0x1200, sizeBytes: 32 },
    { path: "/usr/bin/tested", name: "_init", address: 0x400f00, fileOffset: 0xf00, sizeBytes: 0 },
    { path: "/usr/bin/tested-pie", name: "main", address: 0x1000, fileOffset: 0x1000, sizeBytes: 64 },
    { path: "/usr/bin/tested-pie", name: "read_line", address: 0x1100, fileOffset: 0x1100, sizeBytes: 32 },
    { path: "/usr/bin/tested-go", name: "main.main", address: 0x401000, fileOffset: 0x1000, sizeBytes: 64 },
  ],
  usdtSites: [
    site("app", "start", 0x2000, ["rdi", "rsi"]),
    site("app", "end", 0x2100, ["rdi"], 0x3000),
    site("app", "again", 0x2140, ["rdi"]),
    site("app", "again", 0x2180, ["rsi"]),
    site("other", "end", 0x2200, ["rdx"]),
  ],
  softwareEvents: { "cpu-clock": 1_000_000, cpu: 1_000_000, "page-faults": 100, faults: 100 },
  hardwareEvents: { "cache-misses": 1_000_000, instructions: 1_000_000 },
  iterators: ["task"],
  cgroups: { "/sys/fs/cgroup/unified": "1" },
};
