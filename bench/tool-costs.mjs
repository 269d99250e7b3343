/**
 * Measures what the ready-made tools cost, and writes it to tests/tools/costs.json, from which docs/tools.md is made:
 * `node bench/tool-costs.mjs [TOOL…]`. Needs root, gcc, bpftool and the workloads (tests/workloads/build).
 */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = resolve(import.meta.dirname, "..");
const BEETRACE = resolve(ROOT, "beetrace");
const COSTS = resolve(ROOT, "tests/tools/costs.json");
const SECONDS = 3;
/** Of fewer events nothing can be said. */
const LEAST = 100;

/**
 * What the machine is busy with: lines that are run again and again, beside each other where there are several. `mixed` is
 * a bit of everything; the others have one kind of event as often as can be, for tools that see few of theirs in the mix.
 */
const LOADS = {
  mixed: [
    `./opens 2000 /etc/hostname; ./reads 2000 4096 "$folder/data"; ./writes 2000 100 "$folder/data"; ./files 200 "$folder"
     ./direct-writes 100 "$folder/data"; ./connects 300 1000; ./execs 20; ./threads 50; ./signals 500; ./switches 200; ./faults 500`,
  ],
  disk: ['./direct-writes 20000 "$folder/data"'],
  sleeps: Array(12).fill("./switches 20000"),
  processes: ["./forks 5000", "./forks 5000"],
  connections: ["./connects 5000 1000", "./connects 5000 1000"],
  stream: [
    `python3 -c '
import socket
listener = socket.create_server(("127.0.0.1", 0))
near = socket.create_connection(listener.getsockname())
far = listener.accept()[0]
for i in range(100000):
    near.sendall(bytes(1000))
    far.recv(1000)'`,
  ],
  // Of a file that is not in memory.
  cold: [
    `python3 -c '
import os
path = os.environ["folder"] + "/cold"
with open(path, "wb") as file:
    file.write(bytes(1 << 28))
    os.fsync(file.fileno())
descriptor = os.open(path, os.O_RDONLY)
for i in range(20):
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.lseek(descriptor, 0, os.SEEK_SET)
    while os.read(descriptor, 4096): pass'`,
  ],
  // All three take the lock of the pipe.
  pipe: ["{ head -c 2000000000 /dev/zero & head -c 2000000000 /dev/zero; } | cat"],
  // What is written to a terminal, the kernel passes on by a work queue.
  terminal: [
    `python3 -c '
import os, pty, tty
near, far = pty.openpty()
tty.setraw(far)
for i in range(200000):
    os.write(near, b"x")
    os.read(far, 1)'`,
  ],
  names: [
    `python3 -c '
import socket
for i in range(100000): socket.getaddrinfo("127.0.0.1", 80)'`,
  ],
  // Of these two, its process is the one whose number the tools are given.
  queries: ['rm -r "$folder"; exec ./mysqld < <(yes "1 0 select 1")'],
  python: [
    `rm -r "$folder"; exec /usr/bin/python3.11 -c '
import gc, threading
def made(count): return [str(i) for i in range(count)]
while True:
    for i in range(1000): made(3)
    gc.collect()
    threading.Thread(target=made, args=(3,)).start()'`,
  ],
  signals: ["./signals 20000"],
  threads: ["./threads 5000"],
};

/** The tools that are measured under another load than the mix. */
const LOAD_OF = Object.fromEntries(
  Object.entries({
    disk: ["biolatency", "biolatpcts", "biopattern", "biosnoop", "biostacks", "biotop", "bitesize", "hardirqs"],
    sleeps: ["cpudist", "offcputime", "offwaketime", "runqlat", "runqslower", "wakeuptime"],
    processes: ["exitsnoop", "pidpersec"],
    connections: ["tcpdrop", "tcpstates", "tcplife", "tcpconnlat", "softirqs", "softirqslower", "netqtop"],
    stream: ["tcppktlat", "tcprtt", "tcpsubnet", "tcptop"],
    cold: ["readahead"],
    pipe: ["klockstat"],
    terminal: ["wqlat"],
    queries: ["dbslower", "dbstat", "mysqld_qslower"],
    names: ["gethostlatency"],
    python: ["ucalls", "uflow", "ugc", "uobjnew", "ustat", "uthreads"],
    signals: ["killsnoop", "sigsnoop"],
    threads: ["threadsnoop"],
  }).flatMap(([load, tools]) => tools.map((tool) => [tool, load])),
);

/** Tools that have to be told what to look at; `PID` stands for the load's process. */
const ARGUMENTS = {
  argdist: ["-C", "t:syscalls:sys_enter_openat():int:args->flags"],
  biolatpcts: [readdirSync("/sys/block").find((name) => !/^(loop|ram|zram|dm-|md)/.test(name))],
  dbslower: ["mysql"],
  dbstat: ["mysql"],
  dirtop: ["-d", "/etc"],
  fsdist: ["-t", "ext4"],
  fsslower: ["-t", "ext4"],
  funccount: ["c:m*alloc"],
  funcinterval: ["c:malloc"],
  funclatency: ["c:malloc"],
  funcslower: ["-u", "1", "c:malloc"],
  mysqld_qslower: ["PID"],
  netqtop: ["-n", "lo"],
  profile: ["-F", "999"],
  stackcount: ["c:malloc"],
  trace: ["t:syscalls:sys_enter_openat"],
  ucalls: ["-l", "python", "PID"],
  uflow: ["-l", "python", "PID"],
  ugc: ["-l", "python", "PID"],
  uobjnew: ["-l", "c", "PID"],
  ustat: ["-l", "python"],
  uthreads: ["-l", "none", "PID"],
};

const chosen = process.argv.slice(2);
const list = execFileSync(BEETRACE, ["--list-tools"], { encoding: "utf8" });
const tools = [...list.matchAll(/^ {2}(\S+) /gm)].map(([, name]) => name);
const costs = JSON.parse(readFileSync(COSTS, "utf8"));
for (const name of Object.keys(costs)) if (!tools.includes(name)) delete costs[name];

const statistics = "/proc/sys/kernel/bpf_stats_enabled";
const before = readFileSync(statistics, "utf8");
writeFileSync(statistics, "1");
try {
  for (const load of Object.keys(LOADS)) {
    const measured = (chosen.length > 0 ? chosen : tools).filter((tool) => (LOAD_OF[tool] ?? "mixed") === load);
    if (measured.length > 0) await under(load, measured);
  }
} finally {
  writeFileSync(statistics, before);
}
writeFileSync(COSTS, `${JSON.stringify(Object.fromEntries(Object.entries(costs).sort()), undefined, 2)}\n`);

async function under(load, measured) {
  const busy = LOADS[load].map((lines) => spawn("bash", ["-c", endless(lines)], { stdio: "ignore" }));
  try {
    for (const tool of measured) {
      const cost = await measure(tool, busy[0].pid);
      if (cost === undefined) delete costs[tool];
      else costs[tool] = cost;
      console.log(
        load.padEnd(12),
        tool.padEnd(16),
        cost === undefined ? "too little to measure" : JSON.stringify(cost),
      );
    }
  } finally {
    for (const each of busy) each.kill("SIGTERM");
    await Promise.all(busy.map((each) => new Promise((done) => each.once("close", done))));
  }
}

function endless(lines) {
  return `cd ${ROOT}/.cache/workloads
    folder=$(mktemp -d /var/tmp/busy.XXXXXX)
    export folder
    trap 'rm -r "$folder"' EXIT
    trap exit TERM
    head -c 1048576 /dev/zero >"$folder/data"
    while :; do ${lines}; done >/dev/null 2>&1`;
}

/** `{ ns, perSecond }`: nanoseconds of all programs for each run of the one that runs most often, and those in a second. */
async function measure(tool, pid) {
  const others = new Set(programs().map(({ id }) => id));
  const given = (ARGUMENTS[tool] ?? []).map((each) => (each === "PID" ? String(pid) : each));
  const child = spawn(BEETRACE, [tool, ...given], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, __BPFTRACE_NOTIFY_PROBES_ATTACHED: "1" },
  });
  const ended = new Promise((done) => child.once("close", done));
  const attached = new Promise((done) => child.stdout.on("data", (text) => String(text).includes("__BPF") && done()));
  await Promise.race([attached, ended]);
  const own = () => programs().filter(({ id }) => !others.has(id));
  const first = new Map(own().map((program) => [program.id, program]));
  await sleep(SECONDS * 1000);
  const rows = own().map(({ id, run_cnt = 0, run_time_ns = 0 }) => {
    const { run_cnt: runs = 0, run_time_ns: ns = 0 } = first.get(id) ?? {};
    return { runs: run_cnt - runs, ns: run_time_ns - ns };
  });
  child.kill("SIGINT");
  await ended;
  const events = Math.max(0, ...rows.map(({ runs }) => runs));
  if (events < LEAST) return undefined;
  const total = rows.reduce((sum, { ns }) => sum + ns, 0);
  return { ns: Math.round(total / events), perSecond: Math.round(events / SECONDS) };
}

function programs() {
  return JSON.parse(execFileSync("bpftool", ["prog", "show", "--json"], { encoding: "utf8", maxBuffer: 1 << 26 }));
}
