import type { GuestCase } from "./cases.ts";

interface Peer {
  /** The name of the tool here and in libbpf-tools. */
  readonly tool: string;
  readonly workload: string;
  /** awk: what of a line must be the same, which the two have in columns of their own. */
  readonly peer: string;
  readonly own?: string;
  /** How many lines. */
  readonly count: number;
  /** Where that of Debian 12 runs; by default everywhere. */
  readonly kernels?: GuestCase["kernels"];
}

const connects = ".cache/workloads/connects 10 1000";
const python = (text: string) => `/usr/bin/python3.11 -I -c 'import socket; ${text}'`;

/** What the tools of the same name in libbpf-tools, as Debian has them, say of the same events. */
const PEERS: readonly Peer[] = [
  {
    tool: "opensnoop",
    workload: ".cache/workloads/opens 20 /etc/hostname",
    peer: "/hostname/ { print $1, $2, $3, $4, $5 }",
    count: 20,
  },
  {
    tool: "execsnoop",
    workload: ".cache/workloads/execs 10",
    peer: '$1 == "true" { print $1, $2, $3, $4 }',
    count: 10,
  },
  {
    tool: "exitsnoop",
    workload: ".cache/workloads/forks 10",
    peer: '$1 == "forks" { print $1, $2, $3, $4, $6, $7 }',
    count: 11,
  },
  {
    tool: "sigsnoop",
    workload: ".cache/workloads/signals 10",
    peer: '$3 == "signals" && $4 == 10 { print $2, $3, $5, $6 }',
    own: '$3 == "signals" && $4 == 10 { print $2, $3, $5, $7 }',
    count: 10,
  },
  {
    tool: "capable",
    workload: "chroot / /bin/true",
    // The root of the guest is an overlayfs, which asks for CAP_SYS_ADMIN where it looks up a name for the first time.
    peer: '$4 == "chroot" && $6 != "CAP_SYS_ADMIN" { print $2, $3, $5, $6, $7 }',
    count: 1,
  },
  {
    tool: "filelife",
    workload: ".cache/workloads/files 10 /dev/shm",
    peer: '$3 == "files" { print $2, $5 }',
    count: 10,
    kernels: ["6.1"],
  },
  {
    tool: "mountsnoop",
    workload: "mkdir -p /tmp/mounted; mount -t tmpfs name /tmp/mounted; umount /tmp/mounted",
    peer: "/mounted/",
    count: 2,
  },
  {
    tool: "biolatency",
    workload: `modprobe loop; truncate -s 1M /tmp/disk; disk=$(losetup -f --show /tmp/disk)
      dd if=/dev/zero of=$disk bs=4096 count=30 oflag=direct; losetup -d $disk`,
    peer: '$2 == "->" { sum += $5 } END { print (sum >= 30 ? sum : "too few") }',
    count: 1,
  },
  { tool: "tcpconnect", workload: connects, peer: '$2 == "connects" { $1 = $1; print }', count: 10 },
  { tool: "tcpconnlat", workload: connects, peer: '$2 == "connects" { print $1, $3, $4, $5, $6 }', count: 10 },
  { tool: "tcplife", workload: connects, peer: '$2 == "connects" { print $1, $3, $4, $5, $6 }', count: 20 },
  { tool: "tcptracer", workload: connects, peer: '$3 == "connects" { $1 = $1; print }', count: 40 },
  {
    tool: "tcpstates",
    workload: connects,
    // Who runs when a segment arrives may be anybody.
    peer: '$10 == "ESTABLISHED" { $11 = ""; $1 = $1; print }',
    count: 20,
  },
  {
    tool: "bindsnoop",
    workload: python('socket.create_server(("127.0.0.1", 5555))'),
    peer: '$2 == "python3.11" { print $1, $4, $7, $8 }',
    own: '$2 == "python3.11" { print $1, $3, $5, $4 }',
    count: 1,
    kernels: ["6.1"],
  },
  {
    tool: "solisten",
    workload: python('socket.create_server(("127.0.0.1", 5556), backlog=7)'),
    peer: '$2 == "python3.11" { print $1, $4, $5, $6, $7 }',
    own: '$2 == "python3.11" { print $1, $4, $3, $5, $6 }',
    count: 1,
  },
  {
    tool: "gethostlatency",
    workload: python('socket.getaddrinfo("localhost", 1)'),
    peer: '$3 == "python3.11" { print $2, $5 }',
    count: 1,
  },
];

/** Rows for tests/guest/cases.ts. */
export const peerCases: readonly GuestCase[] = PEERS.map(({ tool, workload, peer, own, count, kernels }) => ({
  name: `${tool} says what libbpf-tools' says`,
  command: `tests/guest/beside ${[workload, tool, peer, tool, own ?? peer].map(quoted).join(" ")}`,
  stdout: `${count} lines, the same\n`,
  ...(kernels ? { kernels } : {}),
}));

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
