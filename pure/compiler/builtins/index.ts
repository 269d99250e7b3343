/** All builtins. A new one is an object in a file of this folder and a place in the list below. */
import { assertStr, fail } from "./assertions.ts";
import type { Builtin } from "./builtin.ts";
import { memcmp, writeUser } from "./bytes.ts";
import { cpu, elapsed, jiffies, ncpus, nsecs, numaid, rand, strftime } from "./clock.ts";
import { args, ctx, func, probe, probetype, reg, retval, usermode } from "./context.ts";
import { debugf, unwatch } from "./debug.ts";
import { containerOf, path, percpuKaddr, socketCookie } from "./kernel-objects.ts";
import {
  avg,
  count,
  deleteBuiltin,
  find,
  hasKey,
  hasPinnedKey,
  hist,
  len,
  lhist,
  max,
  min,
  stats,
  sum,
  tseries,
} from "./maps.ts";
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

/** All builtins by what they are about, as the reference shows them. */
export const BUILTIN_SECTIONS: readonly (readonly [title: string, builtins: readonly Builtin[]])[] = [
  ["Who runs", [pid, tid, uid, gid, username, comm, ppid, pcomm, leaderTid, curtask, cgroup, cpid, hasCpid]],
  ["Time and the machine", [nsecs, elapsed, jiffies, cpu, ncpus, numaid, rand, strftime]],
  ["The probe", [probe, probetype, args, retval, func, ctx, reg, usermode, getopt]],
  ["Text and bytes", [str, buf, strncmp, memcmp, strlen, strcap, strstr, strConcat, bswap, kptr, uptr]],
  ["Network", [ntop, pton, macaddr]],
  ["Symbols and stacks", [kstack, ustack, dwUstack, ksym, usym, kaddr, uaddr, percpuKaddr, cgroupid, cgroupPath]],
  ["Objects of the kernel", [containerOf, path, socketCookie, skboutput]],
  ["Names of numbers", [strerror, signalName, syscallName]],
  ["Maps", [deleteBuiltin, hasKey, hasPinnedKey, find, len, count, sum, min, max, avg, stats, hist, lhist, tseries]],
  ["Output", [printf, print, errorf, warnf, time, join, cat, system, clear, zero, exit, debugf]],
  ["What is known when the script is compiled", [isLiteral, isScalarValue, kfuncExist, kfuncAllowed, config]],
  ["What must hold", [assertStr, fail]],
  ["What changes things", [signal, signalThread, override, writeUser, unwatch]],
];

/** Builtins by name. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  BUILTIN_SECTIONS.flatMap(([, builtins]) => builtins.map((builtin) => [builtin.name, builtin])),
);
