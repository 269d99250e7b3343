/** All builtins. A new one is an object in a file of this folder and a place in this list. */
import type { Builtin } from "./builtin.ts";
import { cpu, elapsed, jiffies, ncpus, nsecs, numaid, rand, strftime } from "./clock.ts";
import { args, ctx, func, probe, probetype, reg, retval, usermode } from "./context.ts";
import { avg, count, deleteBuiltin, hasKey, hist, len, lhist, max, min, stats, sum, tseries } from "./maps.ts";
import { macaddr, ntop, pton } from "./network.ts";
import { notYet } from "./not-yet.ts";
import { cat, clear, errorf, exit, join, print, printf, system, time, warnf, zero } from "./output.ts";
import { getopt } from "./params.ts";
import { override, signal, signalThread } from "./signals.ts";
import { cgroupid, cgroupPath, kaddr, kstack, ksym, percpuKaddr, uaddr, ustack, usym } from "./symbols.ts";
import { cgroup, comm, cpid, curtask, gid, hasCpid, leaderTid, pcomm, pid, ppid, tid, uid, username } from "./task.ts";
import { bswap, buf, kptr, str, strlen, strncmp, uptr } from "./text.ts";

const ALL: readonly Builtin[] = [
  // who runs
  pid,
  tid,
  uid,
  gid,
  username,
  comm,
  ppid,
  pcomm,
  leaderTid,
  curtask,
  cgroup,
  cpid,
  hasCpid,
  // time and machine
  nsecs,
  elapsed,
  jiffies,
  cpu,
  ncpus,
  numaid,
  rand,
  strftime,
  // the probe
  probe,
  probetype,
  args,
  retval,
  func,
  ctx,
  reg,
  usermode,
  getopt,
  // text and bytes
  str,
  buf,
  strncmp,
  strlen,
  bswap,
  kptr,
  uptr,
  // network
  ntop,
  pton,
  macaddr,
  // symbols and stacks
  kstack,
  ustack,
  ksym,
  usym,
  kaddr,
  uaddr,
  percpuKaddr,
  cgroupid,
  cgroupPath,
  // maps
  deleteBuiltin,
  hasKey,
  len,
  count,
  sum,
  min,
  max,
  avg,
  stats,
  hist,
  lhist,
  tseries,
  // output
  printf,
  print,
  errorf,
  warnf,
  time,
  join,
  cat,
  system,
  clear,
  zero,
  exit,
  // what changes things
  signal,
  signalThread,
  override,
  ...notYet,
];

/** Builtins by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(ALL.map((builtin) => [builtin.name, builtin]));
