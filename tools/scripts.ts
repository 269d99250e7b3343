/* The texts of the tools' scripts, made of the .bt files below by scripts/embed-tools.mjs (npm run docs). */
/** By path below tools/. */
export const TOOL_SCRIPTS: Readonly<Record<string, string>> = {
  "filter.bt": `// Whether the current task is one that the options of all tools ask for.
macro traced() {
  (getopt("pid", 0) == 0 || pid == (uint32)getopt("pid", 0)) &&
  (getopt("tid", 0) == 0 || tid == (uint32)getopt("tid", 0)) &&
  (getopt("uid", -1) == -1 || uid == (uint64)getopt("uid", -1)) &&
  (getopt("cgroup", 0) == 0 || cgroup == getopt("cgroup", 0)) &&
  (getopt("name", "") == "" || strcontains(comm, getopt("name", "")))
}
`,
  "opensnoop/opensnoop.bt": `import "filter.bt";

tracepoint:syscalls:sys_enter_open,
tracepoint:syscalls:sys_enter_openat
{
  if (traced() && (getopt("flags", 0) == 0 || (args.flags & getopt("flags", 0)) != 0)) {
    @open[tid] = (args.filename, (uint32)args.flags, (uint32)args.mode);
  }
}

tracepoint:syscalls:sys_enter_openat2
{
  $how = args.how;
  if (traced() && (getopt("flags", 0) == 0 || ($how.flags & getopt("flags", 0)) != 0)) {
    @open[tid] = (args.filename, (uint32)$how.flags, (uint32)$how.mode);
  }
}

tracepoint:syscalls:sys_exit_open,
tracepoint:syscalls:sys_exit_openat,
tracepoint:syscalls:sys_exit_openat2
{
  if (has_key(@open, tid)) {
    $call = @open[tid];
    delete(@open, tid);
    $ret = (int32)args.ret;
    if (!getopt("failed", false) || $ret < 0) {
      print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, fd = $ret < 0 ? -1 : $ret, err = $ret < 0 ? -$ret : 0,
        flags = $call.1, mode = $call.2, path = str($call.0)));
    }
  }
}
`,
  "runqlat/runqlat.bt": `macro waits(@since, task) {
  if (getopt("only", 0) == 0 || task.tgid == getopt("only", 0)) {
    @since[task.pid] = nsecs;
  }
}

rawtracepoint:sched_wakeup,
rawtracepoint:sched_wakeup_new
{
  waits(@queued, args.p);
}

rawtracepoint:sched_switch
{
  // Who was preempted waits as well: TASK_RUNNING is 0.
  if (args.prev.__state == 0) {
    waits(@queued, args.prev);
  }
  $next = args.next;
  $since = @queued[$next.pid];
  if ($since != 0) {
    $wait = (nsecs - $since) / (uint64)getopt("divisor", 1000);
    if comptime (getopt("section", "") == "pid") {
      @wait[$next.tgid] = hist($wait);
    } else if comptime (getopt("section", "") == "tid") {
      @wait[$next.pid] = hist($wait);
    } else if comptime (getopt("section", "") == "pidns") {
      @wait[$next.nsproxy.pid_ns_for_children.ns.inum] = hist($wait);
    } else {
      @wait[0] = hist($wait);
    }
    delete(@queued, $next.pid);
  }
}
`,
};
