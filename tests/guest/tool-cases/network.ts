import { during, sumOf, type ToolCase } from "../tool-case.ts";

/** A device that does RDMA in software, and `listening`, which waits for a program that awaits connections. */
const SOFT_RDMA = `for module in dummy rdma_rxe rdma_ucm; do modprobe $module; done
      ip link add rdma type dummy
      ip address add 198.51.100.1/24 dev rdma
      ip address add 2001:db8::1/64 dev rdma nodad
      ip link set rdma up
      rdma link add soft type rxe netdev rdma
      listening() { until rdma resource show cm_id | grep -q LISTEN; do sleep 0.1; done; }
      export -f listening`;

/** And away with it. */
const NO_SOFT_RDMA = `
      rdma link del soft
      ip link del rdma`;

export const networkCases: readonly ToolCase[] = [
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
    tool: "gethostlatency",
    name: "gethostlatency: three look-ups",
    command: `tests/guest/tool 'for i in 1 2 3; do getent ahosts localhost; done' gethostlatency --json |
      grep -c '"comm":"getent",.*"host":"localhost"'`,
    stdout: "3\n",
  },
  {
    tool: "mptcpify",
    name: "mptcpify: sockets of one program, and not those of another",
    command: `cp /usr/bin/python3.11 /dev/shm/chosen
      asks='import socket as s; print([s.socket(f, t).getsockopt(s.SOL_SOCKET, s.SO_PROTOCOL)
        for f in (s.AF_INET, s.AF_INET6, s.AF_UNIX) for t in (s.SOCK_STREAM | s.SOCK_NONBLOCK, s.SOCK_DGRAM)])'
      for each in /dev/shm/chosen /usr/bin/python3.11; do echo "$each -c '$asks' >>/dev/shm/protocols"; done >/dev/shm/both
      tests/guest/tool 'bash /dev/shm/both' mptcpify -t other,chosen --json | sed 's/"pid":[0-9]*,//'
      cat /dev/shm/protocols`,
    stdout: `${[4, 6].map((ip) => `{"comm":"chosen","ip":${ip}}\n`).join("")}[262, 17, 262, 17, 0, 0]\n[6, 17, 6, 17, 0, 0]\n`,
    kernels: ["6.12"],
  },
  {
    tool: "mptcpify",
    name: "mptcpify: 10 connections of programs that know nothing of it",
    // In /proc/net/netstat a line of names goes before a line of numbers.
    command: `connections() {
        awk '/^MPTcpExt:/ { if (at) print $at; for (i = 1; i <= NF; i++) if ($i == "MPCapableACKRX") at = i }' /proc/net/netstat
      }
      before=$(connections)
      ${during("mptcpify --name connects", "connects 10 1000")} | tail -n 1
      echo $(($(connections) - before))`,
    stdout: "Sockets changed: 11 (connects 11)\n10\n",
    kernels: ["6.12"],
  },
  {
    tool: "mptcpify",
    name: "mptcpify: MPTCP is switched off",
    command: `echo 0 >/proc/sys/net/mptcp/enabled
      ./beetrace mptcpify 2>&1
      echo $?
      echo 1 >/proc/sys/net/mptcp/enabled`,
    stdout: `ERROR: MPTCP is switched off: the sockets would fail\nHINT: sysctl net.mptcp.enabled=1 switches it on\n1\n`,
    kernels: ["6.12"],
  },
  {
    tool: "netqtop",
    name: "netqtop: a long packet for each of 10 conversations",
    command: `${during("netqtop -n lo -i 600 --json", "connects 10 16000")} | grep '"TX"' | ${sumOf("to16K")}
      ${during("netqtop -n lo -i 600 --json", "connects 10 10000")} | grep '"RX"' | ${sumOf("to16K")}`,
    stdout: "10\n10\n",
  },
  {
    tool: "rdmaucma",
    name: "rdmaucma: both ends of 10 connections",
    command: `${SOFT_RDMA}
      tests/guest/tool 'ucmatose -b 198.51.100.1 -c 10 &
          listening
          ucmatose -s 198.51.100.1 -c 10
          wait' rdmaucma --json |
        grep '"comm":"ucmatose","status":0,.*"family":"IPv4","laddr":"198.51.100.1"' |
        grep -o '"event":"[a-z ]*"' | sort | uniq -c${NO_SOFT_RDMA}`,
    stdout: [
      '     10 "event":"address resolved"',
      '     10 "event":"connect request"',
      '     10 "event":"connect response"',
      '     20 "event":"disconnected"',
      '     10 "event":"established"',
      '     10 "event":"route resolved"\n',
    ].join("\n"),
    timeoutSeconds: 120,
  },
  {
    tool: "rdmaucma",
    name: "rdmaucma: one of two programs, whose connection over IPv6 nobody answers",
    command: `${SOFT_RDMA}
      tests/guest/tool 'ucmatose -s 198.51.100.1 -c 1; rping -c -a 2001:db8::1 -p 5000' rdmaucma -x --name rping |
        sed -E 's/^[0-9:]{8} +[0-9]+ +/TIME PID /; s/:[0-9]+ +2001:db8::1:5000$/:PORT/'${NO_SOFT_RDMA}`,
    stdout: [
      "Tracing RDMA Userspace Connection Manager Access event... Hit Ctrl-C to end.",
      `Timestamp PID     COMM             Event            Status Family ${"Local".padEnd(45)} Remote`,
      "TIME PID rping            address resolved 0      IPv6   2001:db8::1:PORT",
      "TIME PID rping            route resolved   0      IPv6   2001:db8::1:PORT",
      "TIME PID rping            rejected         8      IPv6   2001:db8::1:PORT\n",
    ].join("\n"),
    timeoutSeconds: 120,
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
    name: "tcpcong: as many changes of connections that lose segments as tracefs tells of",
    // The first state that is set is not a change yet; a port that is used again would look like one. Segments are sent again
    // after a workload's end as well, those of an earlier one too.
    command: `modprobe sch_netem
      sysctl -qw net.ipv4.tcp_tw_reuse=0
      tc qdisc add dev lo root netem loss 20%
      tracing=/sys/kernel/tracing
      echo >$tracing/trace
      echo 1 >$tracing/events/tcp/tcp_cong_state_set/enable
      told=$(tests/guest/tool 'echo begun >/sys/kernel/tracing/trace_marker; .cache/workloads/connects 10 16000
        cat /sys/kernel/tracing/trace >/tmp/trace' tcpcong --json |
        ${sumOf("changes")})
      changes() {
        grep -o ' sport=.* cong_state=.*' | sed 's/ cong_state=/ /' |
          awk '{ state = $NF; $NF = ""; if ($0 in last && last[$0] != state) sum++; last[$0] = state } END { print sum + 0 }'
      }
      least=$(sed 1,/begun/d /tmp/trace | changes) most=$(changes <$tracing/trace)
      echo 0 >$tracing/events/tcp/tcp_cong_state_set/enable
      tc qdisc del dev lo root
      [ $least -gt 0 ] && [ $told -ge $least ] && [ $told -le $most ] && echo between || echo $least $told $most`,
    stdout: "between\n",
    timeoutSeconds: 120, // a connection that is asked for in vain asks again after a second, then after two
  },
  {
    tool: "tcpconnect",
    name: "tcpconnect: 10 connections that are made",
    command: `${during("tcpconnect --name connects --json", "connects 10")} | grep -c '"comm":"connects","ip":4'`,
    stdout: "10\n",
  },
  {
    tool: "tcpconnlat",
    name: "tcpconnlat: 10 connections",
    command: `${during("tcpconnlat --name connects --json", "connects 10")} | grep -c '"daddr":"127.0.0.1"'`,
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
    name: "tcprtt: a time at each segment that tracefs counts",
    command: `event=/sys/kernel/tracing/events/tcp/tcp_probe
      echo hist:keys=dport >$event/trigger
      told=$(${during("tcprtt --raddr 127.0.0.1 --json", "connects 10")} | ${sumOf("count")})
      counted=$(awk '/hitcount/ { sum += $NF } END { print sum }' $event/hist)
      echo !hist:keys=dport >$event/trigger
      [ $counted -gt 10 ] && [ $told = $counted ] && echo equal || echo $told $counted`,
    stdout: "equal\n",
  },
  {
    tool: "tcpstates",
    name: "tcpstates: both ends of 10 connections, and who listens",
    command: `${during("tcpstates --name connects --json", "connects 10")} | grep -o '"oldstate":.*' | sort | uniq -c`,
    stdout: /LISTEN/,
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
