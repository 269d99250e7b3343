/** All builtins. A new one is an object in a file of this folder and a place in this list. */
import { assertStr, fail } from "./assertions.ts";
import type { Builtin } from "./builtin.ts";
import { memcmp, writeUser } from "./bytes.ts";
import { cpu, elapsed, jiffies, ncpus, nsecs, numaid, rand, strftime } from "./clock.ts";
import { args, ctx, func, probe, probetype, reg, retval, usermode } from "./context.ts";
import { debugf, unwatch } from "./debug.ts";
import { containerOf, path, percpuKaddr, socketCookie } from "./kernel-objects.ts";
import { avg, count, deleteBuiltin, find, hasKey, hist, len, lhist, max, min, stats, sum, tseries } from "./maps.ts";
import { signalName, strerror, syscallName } from "./names.ts";
import { macaddr, ntop, pton } from "./network.ts";
import { cat, clear, errorf, exit, join, print, printf, system, time, warnf, zero } from "./output.ts";
import { skboutput } from "./packets.ts";
import { getopt } from "./params.ts";
import { isLiteral, isScalarValue, kfuncAllowed, kfuncExist } from "./predicates.ts";
import { config } from "./settings.ts";
import { override, signal, signalThread } from "./signals.ts";
import { cgroupid, cgroupPath, kaddr, kstack, ksym, uaddr, ustack, usym } from "./symbols.ts";
import { cgroup, comm, cpid, curtask, gid, hasCpid, leaderTid, pcomm, pid, ppid, tid, uid, username } from "./task.ts";
import { bswap, buf, kptr, str, strncmp, uptr } from "./text.ts";
import { strConcat, strcap, strlen, strstr } from "./text-search.ts";
import { dwUstack } from "./unwound-stack.ts";

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
  memcmp,
  strlen,
  strcap,
  strstr,
  strConcat,
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
  dwUstack,
  ksym,
  usym,
  kaddr,
  uaddr,
  percpuKaddr,
  cgroupid,
  cgroupPath,
  // objects of the kernel
  containerOf,
  path,
  socketCookie,
  skboutput,
  // names of numbers
  strerror,
  signalName,
  syscallName,
  // maps
  deleteBuiltin,
  hasKey,
  find,
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
  // what is known when the script is compiled
  isLiteral,
  isScalarValue,
  kfuncExist,
  kfuncAllowed,
  config,
  // what must hold
  assertStr,
  fail,
  debugf,
  // what changes things
  signal,
  signalThread,
  override,
  writeUser,
  unwatch,
];

/** Builtins by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(ALL.map((builtin) => [builtin.name, builtin]));
