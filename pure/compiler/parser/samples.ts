import { parseScript } from "./parser.ts";

/** Scripts without errors that between them use all of the syntax: for tests of the parser and the printer. */
export const samples: readonly string[] = [
  `begin { }`,
  `BEGIN { printf("Hello\\n"); exit() }`,
  `kprobe:do_sys_openat2 / comm == "nginx" / { printf("%s: %s\\n", comm, str(arg1)); }`,
  `kprobe:tcp_sendmsg { @start[tid] = nsecs; }

kretprobe:tcp_sendmsg /@start[tid]/ {
  $us = (nsecs - @start[tid]) / 1000;  // how long
  @us = hist($us);
  delete(@start[tid]);
}`,
  `uprobe:/usr/lib/x86_64-linux-gnu/libssl.so.3:SSL_write { printf("PID %d: %s\\n",
    pid, str(arg1, arg2)); }`,
  `tracepoint:syscalls:sys_enter_* { @[comm, probe] = count(); }`,
  `tracepoint:sched:sched_switch {
  // $prev = args->prev_comm;

  if (@start[args->prev_pid]) { @runtime[args->prev_comm] = hist((nsecs - @start[args->prev_pid]) / 1000); }

  @start[args->next_pid] = nsecs;
}
interval:s:10 { printf("Distribution (μs):\\n"); print(@runtime, 10); clear(@runtime); }`,
  `#!/usr/bin/env bpftrace
# slow.bt - 慢

usdt:/usr/sbin/mysqld:mysql:query__done
/@start[arg1]/
{
  $ms = (nsecs - @start[arg1]) / 1000000;
  if ($ms < 10) { @fast = @fast + 1; // <10ms
  } else if ($ms < 100) { @medium = @medium + 1 } else { @slow++ }
  printf("%.1f%%\\n", @fast * 100.0 / @slow);
}
END { clear(@start) }`,
  `#ifndef BPFTRACE_HAVE_BTF
#include <linux/path.h>
#else
/* types come from BTF */
#endif
#define PORT (80 + 1)
#define MAX(a, b) ((a) > (b) ? (a) : (b))

struct event {
  u32 pid; /* who */
  char comm[16];
} __attribute__((packed));
enum state { IDLE, BUSY = 1 << 4 };

config = { // settings
  max_strlen = 128;
  missing_probes = "warn" // why not
}
import "net.bt";
import "disk.bt";

let @a = hash(10);
let @b = lruhash(PORT);
macro swap($a, @m, e) { let $t = $a; $a = e; @m[$t] = e; $t }
macro nothing() { }
fn square($x: int64): int64 { return $x * $x; }
kprobe:f { $p = (struct event *)arg0; @[$p->comm] = sum($p.pid); print(square(2)); swap($p, @a, 3) }`,
  `begin { $t = (1, "a", (2, 3)); print($t.2.1); $r = (x = 1, y = (a = 2)); print($r.y.a); @[()] = (1,); }`,
  `begin { for $i : 0..$1 { if $i == 3 { continue } print($i) } for ($kv : @m) { print(($kv.0, $kv.1)); break; } }`,
  `begin { $x = 3; while ($x > 0) { $x--; --$x; $x -= 1; } unroll ($#) { @++ } { let $y: uint8[4]; ; } return; }`,
  `begin { let $a = if comptime (sizeof(struct x) == 8) { 1 } else if $x { { 2 } } else { foo(); 3 }; _ = $a; }`,
  `begin { if 1 { 1 } else { 2 } }`,
  `macro m(x) { if x { 1 } else { { let $y = 2; $y } } }`,
  `macro m(x) { ({ x; }) }`,
  `macro m(x) { ({ x }) + 1 }`,
  `begin { ({ 1 }); (if 1 { 2 }); ({ 1 }) ? { 2 } : { 3 } }`,
  `begin { print((uint8[4])(uint32)0x01020304); print(sizeof(typeof($x) *)); print(offsetof(struct a, b.c)); }`,
  `begin { print(typeinfo($x).base_type); static_assert(typeof($x) == typeof($y), "same"); f(typeof($x).y); }`,
  `begin { let $a: typeof(*$p) = *$p; let $b: string[64] = ""; let $c: struct foo ** = 0; let $d: unsigned long; }`,
  `begin { print(a | b ^ c & d == e < f << 1 + 2 * -3); print(~1 ?: !2); print(&$x, *$p, &@m[1], -(-1), + +1, - --$x); }`,
  `uprobe:"/bin/my prog":cpp:"operator new(unsigned long)",
kprobe:f+0x10, label=profile:99ms,
/ (pid / { 2 }) == 3 / { }`,
  `kprobe:f / *$p == 1 || a && b / { @x[(1, 2)] = 1ULL; @x[1, 2][3] = 100ms; (@y)[1]; config().max_strlen }`,
  `begin /* a */ { /* b */ } // c
// d

/* e
   f */
end { // g
  // h

  $x = /* i */ 1; /* j */ // k
  if /* l */ 1 { } // m
  else { } // n
  // o
}
// p`,
];

/** The tree of a script without places. Comments count by their text only, as the printer may move them. */
export function shapeOf(source: string): unknown {
  const { script } = parseScript(source, { params: [] });
  const comments = script.comments.map((comment) => comment.text).sort();
  const shape = JSON.stringify({ ...script, comments }, (key, value) => {
    if (key === "span" || key.endsWith("Span") || key === "preamble") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  });
  return JSON.parse(shape);
}
