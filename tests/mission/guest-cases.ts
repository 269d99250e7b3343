import type { GuestCase } from "../guest/cases.ts";

/** Prints how many values the histograms have that come in. */
const histogramTotal = `awk '/^[[(]/ { sub(/^[^])]*[])]/, ""); total += $1 } END { print total }'`;

/** Every tenth of a second a byte. */
const slowly = "for _ in 1 2 3 4 5; do sleep 0.1; printf x; done";

/** nginx serves a page 20 times. */
const nginx = `
  folder=$(mktemp -d)
  mkdir "$folder/www"
  echo page >"$folder/www/index.html"
  echo "daemon off; master_process off; pid $folder/pid; events { }
    http { access_log off; client_body_temp_path $folder/t; proxy_temp_path $folder/t; fastcgi_temp_path $folder/t;
      uwsgi_temp_path $folder/t; scgi_temp_path $folder/t;
      server { listen unix:$folder/socket; root $folder/www; } }" >"$folder/nginx.conf"
  nginx -p "$folder" -c nginx.conf -e errors &
  request() { curl -s -o /dev/null --unix-socket "$folder/socket" http://localhost/index.html; }
  until request; do sleep 0.2; done
  requests() { for _ in {1..20}; do request; done; }`;

/** The scripts on kprobes, each as it was asked for and as an example, against work of known numbers. */
const onKprobes: readonly GuestCase[] = [
  ...both("01", "-file-opens-kprobe", "200 opens", {
    command: (script) =>
      `tests/mission/trace ${script} opens 200 /etc/hostname | grep -c '^opens opened /etc/hostname$'`,
    stdout: "200\n",
  }),
  ...both("02", "-file-opens-of-nginx", "20 requests to nginx", {
    command: (script) => `${nginx}
      export -f request requests
      export folder
      tests/mission/trace ${script} bash -c requests | grep -c "^nginx opened: $folder/www/index.html$"
      kill %1
      wait`,
    stdout: "20\n",
  }),
  ...both("03", "-file-opens-by-process-kprobe", "200 opens", {
    command: (script) => `tests/mission/trace ${script} opens 200 /etc/hostname`,
    stdout: /^@opens\[opens\]: 200$/m,
  }),
  ...both("04", "-tcp-send-latency", "30 sends", {
    command: (script) => `tests/mission/trace ${script} connects 30 100 | ${histogramTotal}`,
    stdout: "30\n",
  }),
  ...both("16", "-slow-reads", "5 reads that wait", {
    command: (script) => `mkfifo /tmp/fifo
      (${slowly}) >/tmp/fifo &
      tests/mission/trace ${script} reads 5 1 /tmp/fifo | grep -c '^reads slow read: [0-9]* ms$'
      rm /tmp/fifo`,
    stdout: "5\n",
  }),
  ...both("18", "-tcp-bytes-sent", "30 sends of 100 bytes", {
    command: (script) => `tests/mission/trace ${script} connects 30 100`,
    stdout: /^@send_bytes\[connects\]: 3000$/m,
  }),
  ...both("19", "-tcp-send-latency-by-process", "30 sends", {
    command: (script) => `tests/mission/trace ${script} connects 30 100 | ${histogramTotal}`,
    stdout: "30\n",
  }),
  {
    name: "17.bt: says that tcp_connect has no such argument, and what it has",
    command: "./beetrace tests/mission/17.bt 2>&1",
    stdout:
      /17\.bt:1:70-75: ERROR: kprobe:tcp_connect has no argument 'saddr'\n.*\n.*\nHINT: it has sk \(struct sock \*\)\n$/,
    exitCode: 1,
  },
  {
    name: "17-tcp-connects.bt: 10 connections over IPv4",
    command: `tests/mission/trace examples/17-tcp-connects.bt connects 10 | grep -Ec '^connects connecting to 127.0.0.1:[0-9]+$'`,
    stdout: "10\n",
  },
  {
    name: "17-tcp-connects.bt: a connection over IPv6",
    command: `tests/mission/trace examples/17-tcp-connects.bt bash -c '(: </dev/tcp/::1/9) 2>/dev/null; true'`,
    stdout: /^bash connecting to \[::1\]:9$/m,
  },
  {
    name: "20.bt: says that what it prints is not text, and runs",
    command: "tests/mission/trace tests/mission/20.bt connects 3 2>&1",
    stdout:
      /^DNS lookup: [\s\S]*WARNING: str\(arg1\): this argument of __inet_lookup_established is 'hashinfo' of type 'struct inet_hashinfo \*', which is not text$/m,
  },
];

/** User-space probes without uprobe_multi, which Linux 6.1 does not have. */
const onUprobes: readonly GuestCase[] = [
  {
    name: "20-host-lookups.bt: 5 names",
    command: `tests/mission/trace examples/20-host-lookups.bt bash -c 'for _ in {1..5}; do getent ahosts localhost; done' |
      grep -c '^getent looked up localhost in [0-9]* us$'`,
    stdout: "5\n",
  },
  {
    name: "28-leaks.bt: 100 of 300 blocks",
    command: "tests/mission/trace examples/28-leaks.bt myapp 300 1000 200",
    stdout: /^@leaked_bytes\[\n[^\]]*\]: 100000\n@total_allocs: 300\n@total_frees: 200\n/m,
  },
  {
    name: "11-slow-queries.bt: 2 of 3 queries",
    command: `export PATH=$PWD/.cache/workloads:$PATH
      queries() { printf '%s\\n' '1 300 SELECT a' '2 0 SELECT b' '1 200 SELECT c' | mysqld; }
      export -f queries
      tests/mission/trace examples/11-slow-queries.bt bash -c queries`,
    stdout: /^Slow query \(3\d\d ms\): SELECT a\nSlow query \(2\d\d ms\): SELECT c\n\n*$/,
  },
];

/** Rows for tests/guest/cases.ts. */
export const missionCases: readonly GuestCase[] = [...onKprobes, ...onUprobes];

interface Work {
  readonly command: (script: string) => string;
  readonly stdout: string | RegExp;
}

/** The same work for a script as it was asked for, and for the example made of it. */
function both(number: string, example: string, what: string, { command, stdout }: Work): readonly GuestCase[] {
  const files = [`tests/mission/${number}.bt`, `examples/${number}${example}.bt`];
  return files.map((file) => ({ name: `${file.replace(/^.*\//, "")}: ${what}`, command: command(file), stdout }));
}
