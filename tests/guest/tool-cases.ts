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
function sumOf(field: string): string {
  return `grep -o '"${field}":[0-9]*' | awk -F: '{ sum += $2 } END { print sum }'`;
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
    tool: "cpudist",
    name: "cpudist: 20 sleeps",
    command: `${during("cpudist -O --name sleeper --json", "sleeper 20 50")} |
      grep -E '"min":(32768|65536|131072),' | ${sumOf("count")}`,
    stdout: "20\n",
  },
  {
    tool: "execsnoop",
    name: "execsnoop: 10 execs",
    command: `${during("execsnoop -n ^true$ --json", "execs 10")} | grep -c '"args":"/bin/true"'`,
    stdout: "10\n",
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
    stdout: /^(2\d|3\d)\n$/,
  },
  {
    tool: "slabratetop",
    name: "slabratetop: a struct file for each open",
    command: `${during("slabratetop --name opens --json 600", "opens 500 /etc/hostname")} |
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
    tool: "tcptracer",
    name: "tcptracer: 10 connections are made, accepted and closed at both ends",
    command: `${during("tcptracer --name connects --json", "connects 10")} | grep -o '"type":"[a-z]*"' | sort | uniq -c`,
    stdout: '     10 "type":"accept"\n     20 "type":"close"\n     10 "type":"connect"\n',
  },
];
