/* The texts of the tools' scripts, made of the .bt files below by scripts/embed-tools.mjs (npm run docs). */
/** By path below tools/. */
export const TOOL_SCRIPTS: Readonly<Record<string, string>> = {
  "block-tasks.bt": `import "filter.bt";

// A task makes a request for a bio. Who it is, is kept under the bio until the request is issued: by then, the task
// that runs may be another. Of bios that are merged into other requests some stay: the oldest give way.
let @made = lruhash(16384);

rawtracepoint:block_getrq
{
  if (traced()) {
    @made[(uint64)args.bio] = (nsecs, pid, comm);
  } else {
    // The memory of a bio is used again.
    _ = delete(@made, (uint64)args.bio);
  }
}
`,
  "block.bt": `// Whether a request (struct request *) goes to the disk that is asked for.
macro on_disk(rq) {
  getopt("major", -1) == -1 ||
  (rq.q.disk.major == getopt("major", -1) && rq.q.disk.first_minor == getopt("minor", -1))
}

// Whether a request is done when so many of its bytes are: it may complete in parts. What is left of it is known before
// the part is taken off.
macro is_last_part(rq, bytes) {
  bytes >= rq.__data_len
}

// What a request does, in a letter: R, W, F (flush) or D (discard, secure erase). REQ_OP_* of include/linux/blk_types.h.
macro operation(rq) {
  let $op = rq.cmd_flags & 255;
  $op == 2 ? "F" : $op == 3 || $op == 5 ? "D" : ($op & 1) == 1 ? "W" : "R"
}
`,
  "filter.bt": `// Whether the current task is one that the options of all tools ask for.
macro traced() {
  (getopt("pid", -1) == -1 || listed_pid(pid)) &&
  (getopt("tid", -1) == -1 || listed_tid(tid)) &&
  (!getopt("command", false) || pid == (uint32)cpid) &&
  (getopt("uid", -1) == -1 || uid == (uint64)getopt("uid", -1)) &&
  (getopt("cgroup", 0) == 0 || cgroup == getopt("cgroup", 0)) &&
  (getopt("name", "") == "" || strcontains(comm, getopt("name", "")))
}

// Whether the options ask for no task in particular. Known when the script is compiled.
macro traces_all() {
  getopt("pid", -1) == -1 && getopt("tid", -1) == -1 && getopt("uid", -1) == -1 && getopt("cgroup", 0) == 0 &&
  getopt("name", "") == "" && !getopt("command", false)
}

// Whether a process is one that --pid lists.
macro listed_pid(id) {
  id == (uint32)getopt("pid", -1) ||
  (getopt("pid2", 0) != 0 && id == (uint32)getopt("pid2", 0)) ||
  (getopt("pid3", 0) != 0 && id == (uint32)getopt("pid3", 0)) ||
  (getopt("pid4", 0) != 0 && id == (uint32)getopt("pid4", 0)) ||
  (getopt("pid5", 0) != 0 && id == (uint32)getopt("pid5", 0))
}

// Whether a thread is one that --tid lists.
macro listed_tid(id) {
  id == (uint32)getopt("tid", -1) ||
  (getopt("tid2", 0) != 0 && id == (uint32)getopt("tid2", 0)) ||
  (getopt("tid3", 0) != 0 && id == (uint32)getopt("tid3", 0)) ||
  (getopt("tid4", 0) != 0 && id == (uint32)getopt("tid4", 0)) ||
  (getopt("tid5", 0) != 0 && id == (uint32)getopt("tid5", 0))
}

// The same as traced() of another task (\`struct task_struct *\`): one that is woken, or that comes next.
macro traced_task(task) {
  (getopt("pid", -1) == -1 || listed_pid(task.tgid)) &&
  (getopt("tid", -1) == -1 || listed_tid(task.pid)) &&
  (!getopt("command", false) || task.tgid == (uint32)cpid) &&
  (getopt("uid", -1) == -1 || task.cred.uid.val == (uint32)getopt("uid", -1)) &&
  (getopt("cgroup", 0) == 0 || task.cgroups.dfl_cgrp.kn.id == getopt("cgroup", 0)) &&
  (getopt("name", "") == "" || strcontains(task.comm, getopt("name", "")))
}
`,
  "run-queue.bt": `// Which tasks wait for a processor, and since when. Idle tasks, of which each processor has one, wait for nothing.

macro waits(@queued, task) {
  if (task.pid != 0 && traced_task(task)) {
    @queued[(uint32)task.pid] = nsecs;
  }
}

rawtracepoint:sched_wakeup { waits(@queued, args.p); }
rawtracepoint:sched_wakeup_new { waits(@queued, args.p); }
`,
  "socket-senders.bt": `let @sender = lruhash(65536);

// Who sent through a socket last, of the tasks that are asked for.
macro sends(@sender, sk) {
  if (traced() && is_tcp(sk)) {
    @sender[sk] = (pid = pid, comm = comm);
  }
}

rawtracepoint:sock_send_length
{
  $sk = (struct sock *)arg0;
  sends(@sender, $sk);
}

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  if (args.newstate == CLOSE) {
    forget(@sender, $sk);
  } else if (used_by_current($sk)) {
    sends(@sender, $sk);
  }
}
`,
  "socket-tasks.bt": `import "filter.bt";
import "socket.bt";

// The options that choose tasks, asked of a socket: what comes from the network runs in whatever task was there.
macro traced_socket(sk) {
  (getopt("uid", -1) == -1 || sk.sk_uid.val == (uint32)getopt("uid", -1)) &&
  (getopt("cgroup", 0) == 0 || sk.sk_cgrp_data.cgroup.kn.id == (uint64)getopt("cgroup", 0))
}

// Whether one of the tasks that are asked for sent through a socket last; of no importance without such options.
macro sent_by_traced(@sender, sk) {
  if comptime (getopt("by_sender", false)) {
    has_key(@sender, sk)
  } else {
    true
  }
}
`,
  "socket.bt": `// What the kernel keeps of an internet socket (\`struct sock *\`): include/net/sock.h, include/net/inet_sock.h.

// States of a TCP socket: include/net/tcp_states.h.
enum tcp_state {
  ESTABLISHED = 1,
  SYN_SENT,
  SYN_RECV,
  FIN_WAIT1,
  FIN_WAIT2,
  TIME_WAIT,
  CLOSE,
  CLOSE_WAIT,
  LAST_ACK,
  LISTEN,
  CLOSING,
  NEW_SYN_RECV
}

macro af_inet() {
  2
}

macro af_inet6() {
  10
}

macro ipproto_tcp() {
  6
}

// Whether the socket is one of TCP over IPv4 or IPv6.
macro is_tcp(sk) {
  sk.sk_protocol == ipproto_tcp() && (sk.__sk_common.skc_family == af_inet() || sk.__sk_common.skc_family == af_inet6())
}

// 4 or 6
macro ip_version(sk) {
  sk.__sk_common.skc_family == af_inet() ? 4 : 6
}

// Addresses as they are, in the order of the network.
macro local_ip4(sk) {
  sk.__sk_common.skc_rcv_saddr
}

macro remote_ip4(sk) {
  sk.__sk_common.skc_daddr
}

macro local_ip6(sk) {
  sk.__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8
}

macro remote_ip6(sk) {
  sk.__sk_common.skc_v6_daddr.in6_u.u6_addr8
}

// Addresses as text.
macro local_address(sk) {
  sk.__sk_common.skc_family == af_inet() ? ntop(local_ip4(sk)) : ntop(local_ip6(sk))
}

macro remote_address(sk) {
  sk.__sk_common.skc_family == af_inet() ? ntop(remote_ip4(sk)) : ntop(remote_ip6(sk))
}

// Stays when a socket that is closed has given its port back, which skc_num does not.
macro local_port(sk) {
  bswap(((struct inet_sock *)sk).inet_sport)
}

macro remote_port(sk) {
  bswap(sk.__sk_common.skc_dport)
}

// Whether the current task holds the lock of the socket: it is the one that uses it. What comes from the network
// finds it unlocked, and runs in whatever task was there.
macro used_by_current(sk) {
  sk.sk_lock.owned != 0
}

macro tcp_state_of(sk) {
  sk.__sk_common.skc_state
}

macro forget(@m, key) {
  if (has_key(@m, key)) {
    delete(@m, key);
  }
}

// The network namespace, by the number of its file in /proc/PID/ns.
macro network_namespace(sk) {
  sk.__sk_common.skc_net.net.ns.inum
}

// The file behind a descriptor of the current task.
macro file_behind(fd) {
  (struct file *)curtask.files.fdt.fd[fd]
}

// Whether a file is a socket: S_IFMT and S_IFSOCK of include/uapi/linux/stat.h.
macro is_socket(file) {
  (file.f_inode.i_mode & 0xf000) == 0xc000
}

macro socket_of(file) {
  ((struct socket *)file.private_data).sk
}
`,
  "bashreadline/bashreadline.bt": `import "filter.bt";

// Lines that end a shell (Ctrl-D) are no lines: NULL.
uretprobe:BINARY:FUNCTION
{
  if (comm == "bash" && retval != 0 && traced()) {
    print((pid = pid, uid = uid, command = str(retval)));
  }
}
`,
  "bindsnoop/bindsnoop.bt": `import "filter.bt";
import "socket.bt";

// Flags of a socket by the bit that the tool names them by: a word of them as of Linux 6.6, bitfields before.
macro bind_options(sk) {
  $inet = (struct inet_sock *)sk;
  $ip = (uint64)0;
  if comptime (getopt("has_flags", false)) {
    $ip = (($inet.inet_flags >> INET_FLAGS_FREEBIND) & 1) | (($inet.inet_flags >> INET_FLAGS_TRANSPARENT) & 1) << 1 |
      (($inet.inet_flags >> INET_FLAGS_BIND_ADDRESS_NO_PORT) & 1) << 2;
  } else {
    $ip = (uint64)$inet.freebind | (uint64)$inet.transparent << 1 | (uint64)$inet.bind_address_no_port << 2;
  }
  $ip | (uint64)(sk.__sk_common.skc_reuse != 0) << 3 | (uint64)sk.__sk_common.skc_reuseport << 4
}

tracepoint:syscalls:sys_enter_bind
{
  if (traced()) {
    @call[tid] = (fd = (uint64)args.fd, address = args.umyaddr);
  }
}

tracepoint:syscalls:sys_exit_bind
{
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    $file = file_behind($call.fd);
    if ((args.ret == 0 || getopt("errors", false)) && is_socket($file)) {
      $sk = socket_of($file);
      $version = ip_version($sk);
      if ($sk.__sk_common.skc_family == af_inet() || $sk.__sk_common.skc_family == af_inet6()) {
        // What could not be bound has neither address nor port: it is what was asked for that is shown.
        $in = (struct sockaddr_in *)$call.address;
        $in6 = (struct sockaddr_in6 *)$call.address;
        $port = args.ret == 0 ? local_port($sk) : bswap($in.sin_port);
        $address = args.ret == 0
          ? local_address($sk)
          : ($version == 4 ? ntop($in.sin_addr.s_addr) : ntop($in6.sin6_addr.in6_u.u6_addr8));
        if (wanted_socket($version, $port, 0)) {
          if comptime (getopt("count", false)) {
            @binds[$version, $address, $port] = count();
          } else {
            print((ns = nsecs, pid = pid, uid = uid, comm = comm, ret = (int32)args.ret, protocol = $sk.sk_protocol,
              ip = $version, addr = $address, port = $port, options = bind_options($sk),
              interface = $sk.__sk_common.skc_bound_dev_if));
          }
        }
      }
    }
  }
}
`,
  "biolatency/biolatency.bt": `rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  let $asked = on_disk($rq);
  let $since = nsecs;
  if comptime (getopt("made", false)) {
    $made = @made[(uint64)$rq.bio];
    _ = delete(@made, (uint64)$rq.bio);
    if comptime (getopt("queued", false)) {
      $since = $made.0 == 0 ? $since : $made.0;
    }
    if comptime (getopt("tasks", false)) {
      $asked = $asked && $made.0 != 0;
    }
    if comptime (getopt("section", "") == "pid") {
      if ($asked) {
        @task[(uint64)$rq] = ($made.1, $made.2);
      }
    }
  }
  if ($asked) {
    @start[(uint64)$rq] = $since;
  }
}

rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  $key = (uint64)$rq;
  $start = @start[$key];
  if ($start != 0 && is_last_part($rq, args.nr_bytes)) {
    $time = (nsecs - $start) / (uint64)getopt("divisor", 1000);
    if comptime (getopt("section", "") == "disk") {
      @latency[$rq.q.disk.disk_name] = hist($time);
    } else if comptime (getopt("section", "") == "flags") {
      @latency[(uint64)$rq.cmd_flags & (uint64)getopt("shown_flags", 255)] = hist($time);
    } else if comptime (getopt("section", "") == "pid") {
      @latency[@task[$key]] = hist($time);
      delete(@task, $key);
    } else {
      @latency[0] = hist($time);
    }
    if comptime (getopt("extension", false)) {
      @total = stats($time);
    }
    delete(@start, $key);
  }
}
`,
  "biopattern/biopattern.bt": `import "block.bt";

rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  if (args.nr_bytes > 0 && on_disk($rq)) {
    $disk = $rq.q.disk;
    $expected = @next[(uint64)$disk];
    // Where the last one ended; the first of a disk is neither.
    if ($expected != 0) {
      @bytes[$disk.disk_name, $expected == $rq.__sector] = stats(args.nr_bytes);
    }
    @next[(uint64)$disk] = $rq.__sector + args.nr_bytes / 512;
  }
}
`,
  "biosnoop/biosnoop.bt": `import "block.bt";
import "block-tasks.bt";

rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  $made = @made[(uint64)$rq.bio];
  _ = delete(@made, (uint64)$rq.bio);
  if (on_disk($rq) && (traces_all() || $made.0 != 0)) {
    @issued[(uint64)$rq] = (made = $made, ns = nsecs, sector = $rq.__data_len == 0 ? 0 : $rq.__sector, bytes = $rq.__data_len);
  }
}

rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  $key = (uint64)$rq;
  $issued = @issued[$key];
  if ($issued.ns != 0 && is_last_part($rq, args.nr_bytes)) {
    $now = nsecs;
    $made = $issued.made;
    $disk = $rq.q.disk;
    let $pattern = "?";
    if comptime (getopt("pattern", false)) {
      $before = @end[(uint64)$disk];
      $pattern = $before == 0 ? "?" : $before == $issued.sector ? "S" : "R";
      @end[(uint64)$disk] = $issued.sector + $issued.bytes / 512;
    }
    if ($now - $issued.ns >= (uint64)getopt("min_ns", 0)) {
      print((ns = $now, comm = $made.2, pid = $made.1, disk = $disk.disk_name, operation = operation($rq),
        sector = $issued.sector, bytes = $issued.bytes, pattern = $pattern,
        queued_ns = $made.0 == 0 ? 0 : $issued.ns - $made.0, latency_ns = $now - $issued.ns));
    }
    delete(@issued, $key);
  }
}
`,
  "biotop/biotop.bt": `import "block.bt";
import "block-tasks.bt";

rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  $made = @made[(uint64)$rq.bio];
  _ = delete(@made, (uint64)$rq.bio);
  if (on_disk($rq) && (traces_all() || $made.0 != 0)) {
    @issued[(uint64)$rq] = (made = $made, ns = nsecs, bytes = $rq.__data_len);
  }
}

rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  $key = (uint64)$rq;
  $issued = @issued[$key];
  if ($issued.ns != 0 && is_last_part($rq, args.nr_bytes)) {
    $disk = $rq.q.disk;
    $who = (pid = $issued.made.1, comm = $issued.made.2, operation = operation($rq), major = $disk.major,
      minor = $disk.first_minor, disk = $disk.disk_name);
    @bytes[$who] = stats($issued.bytes);
    @ns[$who] = sum(nsecs - $issued.ns);
    delete(@issued, $key);
  }
}
`,
  "bitesize/bitesize.bt": `import "block.bt";
import "block-tasks.bt";

rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  $made = @made[(uint64)$rq.bio];
  _ = delete(@made, (uint64)$rq.bio);
  if (on_disk($rq) && (traces_all() || $made.0 != 0)) {
    @kbytes[$made.0 != 0 ? $made.2 : comm] = hist($rq.__data_len / 1024);
  }
}
`,
  "cpudist/cpudist.bt": `import "filter.bt";

macro spent(@time, @extension, ns, task) {
  $time = (uint64)(ns) / getopt("divisor", 1000);
  if comptime (getopt("section", "") == "pid") {
    @time[(uint32)task.tgid] = hist($time);
  } else if comptime (getopt("section", "") == "tid") {
    @time[(uint32)task.pid] = hist($time);
  } else {
    @time[(uint32)0] = hist($time);
  }
  if comptime (getopt("extension", false)) {
    @extension = stats($time);
  }
}

// The task that leaves is the current one. An idle processor runs task 0, of which there is one for each.
rawtracepoint:sched_switch
{
  $prev = args.prev;
  $next = args.next;
  if comptime (getopt("offcpu", false)) {
    if ((getopt("idle", false) || $prev.pid != 0) && traced()) {
      @left[(uint32)$prev.pid, $prev.pid == 0 ? cpu : 0] = nsecs;
    }
    $place = ((uint32)$next.pid, $next.pid == 0 ? cpu : 0);
    $since = @left[$place];
    if ($since != 0) {
      delete(@left, $place);
      spent(@time, @extension, nsecs - $since, $next);
    }
  } else {
    $since = @came[cpu];
    if ($since != 0 && (getopt("idle", false) || $prev.pid != 0) && traced()) {
      spent(@time, @extension, nsecs - $since, $prev);
    }
    @came[cpu] = nsecs;
  }
}
`,
  "dbslower/dbslower.bt": `import "filter.bt";

// A server may clear its memory of a query before it ends: the text is kept from the beginning.
QUERY_START
{
  if (traced() && IS_QUERY) {
    @query[tid] = (nsecs(monotonic), str(QUERY_TEXT));
  }
}

QUERY_DONE
{
  if (has_key(@query, tid)) {
    $query = @query[tid];
    delete(@query, tid);
    $ns = nsecs(monotonic) - $query.0;
    if ($ns >= (uint64)getopt("threshold", 0)) {
      print((ns = $query.0, pid = pid, tid = tid, comm = comm, latency_ns = $ns, query = $query.1));
    }
  }
}
`,
  "dbstat/dbstat.bt": `import "filter.bt";

QUERY_START
{
  if (traced() && IS_QUERY) {
    @since[tid] = nsecs;
  }
}

QUERY_DONE
{
  if (has_key(@since, tid)) {
    $ns = nsecs - @since[tid];
    delete(@since, tid);
    if ($ns >= (uint64)getopt("threshold", 0)) {
      @latency[0] = hist($ns / (uint64)getopt("divisor", 1000000));
    }
  }
}
`,
  "execsnoop/execsnoop.bt": `import "filter.bt";

macro wanted() {
  traced() && (getopt("ppid", 0) == 0 || ppid == (uint32)getopt("ppid", 0))
}

// The new program has its arguments in one piece.
tracepoint:syscalls:sys_exit_execve,
tracepoint:syscalls:sys_exit_execveat
{
  if (args.ret == 0 && wanted()) {
    $mm = curtask.mm;
    print((pid = pid, tid = tid, ppid = ppid, uid = uid, cpu = cpu, comm = comm, pcomm = pcomm, ret = (int64)0,
      argv = buf(uptr((uint8 *)$mm.arg_start), (uint32)($mm.arg_end - $mm.arg_start))));
  }
  if comptime (getopt("fails", false)) {
    if (args.ret < 0 && wanted()) {
      $argv = @argv[tid];
      $max = getopt("max-args", 20);
      for $i : 0..($max + 1) {
        $arg = $argv[$i];
        if ((uint64)$arg == 0) {
          break;
        }
        print((tid = tid, arg = str($arg)));
      }
      print((pid = pid, tid = tid, ppid = ppid, uid = uid, cpu = cpu, comm = comm, pcomm = pcomm, ret = (int64)args.ret));
    }
    if (has_key(@argv, tid)) {
      delete(@argv, tid);
    }
  }
}
`,
  "execsnoop/fails.bt": `
// A call that fails leaves its arguments where they were.
tracepoint:syscalls:sys_enter_execve,
tracepoint:syscalls:sys_enter_execveat
{
  @argv[tid] = args.argv;
}
`,
  "exitsnoop/exitsnoop.bt": `import "filter.bt";

rawtracepoint:sched_process_exit
{
  $task = args.p;
  if (traced() && (getopt("per-thread", false) || $task.pid == $task.tgid) &&
      (!getopt("failed", false) || $task.exit_code != 0)) {
    $code = $task.exit_code;
    print((age_ns = nsecs(monotonic) - $task.start_time, pid = pid, tid = tid, ppid = ppid, comm = comm,
      code = ($code >> 8) & 255, signal = $code & 127, core_dumped = ($code & 128) != 0));
    if (getopt("pid", -1) != -1 && !getopt("per-thread", false)) {
      exit();
    }
  }
}
`,
  "funccount/funccount.bt": `import "filter.bt";

PROBES
{
  if (traced() && (getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1))) {
    @counts[probe] = count();
  }
}
`,
  "funclatency/funclatency.bt": `import "filter.bt";

// Without levels a call within a call is timed and the one around it is not, as its beginning is forgotten.
ENTRY
{
  if (traced()) {
    if comptime (getopt("level", 0) > 1) {
      $depth = (int64)@depth[tid];
      if ($depth < getopt("level", 0)) {
        @start[tid, $depth] = nsecs;
      }
      @depth[tid] = $depth + 1;
    } else {
      @start[tid, (int64)0] = nsecs;
    }
  }
}

macro timed(@start, @latency, @spent, depth) {
  if (has_key(@start, (tid, depth))) {
    $ns = nsecs - @start[tid, depth];
    delete(@start, (tid, depth));
    @spent = stats($ns);
    if comptime (getopt("section", "") == "process") {
      @latency[probe, pid] = hist($ns / (uint64)getopt("divisor", 1));
    } else if comptime (getopt("section", "") == "function") {
      @latency[probe, (uint32)0] = hist($ns / (uint64)getopt("divisor", 1));
    } else {
      @latency["", (uint32)0] = hist($ns / (uint64)getopt("divisor", 1));
    }
  }
}

RETURN
{
  if comptime (getopt("level", 0) > 1) {
    $depth = (int64)@depth[tid];
    if ($depth > 0) {
      if ($depth == 1) {
        delete(@depth, tid);
      } else {
        @depth[tid] = $depth - 1;
      }
      timed(@start, @latency, @spent, $depth - 1);
    }
  } else {
    timed(@start, @latency, @spent, (int64)0);
  }
}
`,
  "gethostlatency/gethostlatency.bt": `import "filter.bt";

uprobe:LIBC:getaddrinfo,
uprobe:LIBC:gethostbyname,
uprobe:LIBC:gethostbyname2
{
  // getaddrinfo() without a name is no look-up.
  if (arg0 != 0 && traced()) {
    @call[tid] = (ns = nsecs, host = str(arg0, 256));
  }
}

uretprobe:LIBC:getaddrinfo,
uretprobe:LIBC:gethostbyname,
uretprobe:LIBC:gethostbyname2
{
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    print((ns = nsecs, pid = pid, comm = comm, latency_ns = nsecs - $call.ns, host = $call.host));
  }
}
`,
  "hardirqs/hardirqs.bt": `// Task 0 is on each idle processor.
macro place() {
  ((uint32)tid, (uint32)cpu)
}

macro wanted() {
  getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)
}

rawtracepoint:irq_handler_entry
{
  if comptime (!getopt("count", false)) {
    if (wanted()) {
      @entered[place()] = nsecs;
    }
  }
}

// Several handlers may share an interrupt: IRQ_NONE, 0, is of one that it was not for.
rawtracepoint:irq_handler_exit
{
  if comptime (getopt("count", false)) {
    if (wanted() && args.ret != 0) {
      @irqs[str(args.action.name, 32)] = count();
    }
  } else {
    $since = @entered[place()];
    if ($since != 0) {
      delete(@entered, place());
      if (args.ret != 0) {
        if comptime (getopt("dist", false)) {
          @irqs[str(args.action.name, 32)] = hist((uint64)(nsecs - $since) / getopt("divisor", 1000));
        } else {
          @irqs[str(args.action.name, 32)] = sum((uint64)(nsecs - $since));
        }
      }
    }
  }
}
`,
  "killsnoop/killsnoop.bt": `import "filter.bt";

tracepoint:syscalls:sys_enter_kill
{
  if (traced() && (!getopt("by-target", false) || (int32)args.pid == getopt("tpid", 0)) &&
      (getopt("signals", 0) == 0 || (args.sig < 64 && ((uint64)getopt("signals", 0) >> (uint64)args.sig) & 1 == 1))) {
    @call[tid] = ((int32)args.pid, (int32)args.sig);
  }
}

tracepoint:syscalls:sys_exit_kill
{
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    if (!getopt("failed", false) || args.ret < 0) {
      print((pid = pid, tid = tid, uid = uid, comm = comm, signal = $call.1, tpid = $call.0, result = (int32)args.ret));
    }
  }
}
`,
  "memleak/kernel-memory.bt": `macro takes(@held, bytes, where) {
  $size = (uint64)bytes;
  $address = (uint64)where;
  if ($address != 0 && $size >= getopt("min", 0) && $size <= (uint64)getopt("max", -1) &&
    (getopt("sample", 1) == 1 || rand % getopt("sample", 1) == 0) && traced()) {
    @held[$address] = (size = $size, stack = kstack, ns = nsecs(monotonic));
    if (getopt("trace", false)) {
      print((pid = pid, tid = tid, comm = comm, event = "alloc", size = $size, address = $address));
    }
  }
}

macro frees(@held, where) {
  $address = (uint64)where;
  $was = @held[$address];
  if ($was.ns != 0) {
    delete(@held, $address);
    if (getopt("trace", false)) {
      print((pid = pid, tid = tid, comm = comm, event = "free", size = $was.size, address = $address));
    }
  }
}
`,
  "memleak/kernel.bt": `import "filter.bt";
import "memleak/kernel-memory.bt";

// Address to what was taken there, as long as it was not freed. A page stands under the address of its struct page.
let @held = hash(1000000);

rawtracepoint:kmalloc { takes(@held, args.bytes_alloc, args.ptr); }
rawtracepoint:kfree { frees(@held, args.ptr); }
rawtracepoint:kmem_cache_alloc { takes(@held, args.s.size, args.ptr); }
rawtracepoint:kmem_cache_free { frees(@held, args.ptr); }
rawtracepoint:mm_page_alloc { takes(@held, getopt("page", 4096) << args.order, args.page); }
rawtracepoint:mm_page_free { frees(@held, args.page); }
`,
  "memleak/percpu.bt": `import "filter.bt";
import "memleak/kernel-memory.bt";

// Address to what was taken there, as long as it was not freed.
let @held = hash(1000000);

rawtracepoint:percpu_alloc_percpu { takes(@held, args.size, args.ptr); }
rawtracepoint:percpu_free_percpu { frees(@held, args.ptr); }
`,
  "memleak/programs.bt": `import "filter.bt";

// Address to what was asked for there, as long as it was not freed.
let @held = hash(1000000);

// An allocator that is called by another one has no say: the outermost call counts. A call that never returned, as by
// longjmp(), is known by its stack pointer: the stack has grown over it since.
macro asks(@call, bytes, where) {
  if (traced() && @call[tid].sp <= reg("sp")) {
    @call[tid] = (sp = reg("sp"), size = bytes, at = where);
  }
}

macro gets(@call, @held, address) {
  $call = @call[tid];
  // On some processors a return takes its address off the stack.
  if ($call.sp != 0 && reg("sp") == $call.sp + getopt("return_bytes", 8)) {
    delete(@call, tid);
    if ((int64)address != 0 && (int64)address != -1 &&
      $call.size >= getopt("min", 0) && $call.size <= (uint64)getopt("max", -1) &&
      (getopt("sample", 1) == 1 || rand % getopt("sample", 1) == 0)) {
      @held[(uint64)address] = (size = $call.size, stack = ustack, ns = nsecs(monotonic));
      if (getopt("trace", false)) {
        print((pid = pid, tid = tid, comm = comm, event = "alloc", size = $call.size, address = (uint64)address));
      }
    }
  }
}

macro frees(@held, address) {
  $was = @held[address];
  if ($was.ns != 0) {
    delete(@held, address);
    if (getopt("trace", false)) {
      print((pid = pid, tid = tid, comm = comm, event = "free", size = $was.size, address = address));
    }
  }
}

uprobe:libc:malloc, uprobe:libc:valloc, uprobe:libc:pvalloc { asks(@call, arg0, 0); }
uprobe:libc:calloc { asks(@call, arg0 * arg1, 0); }
uprobe:libc:memalign, uprobe:libc:aligned_alloc, uprobe:libc:mmap { asks(@call, arg1, 0); }
uprobe:libc:posix_memalign { asks(@call, arg2, arg0); }

uretprobe:libc:malloc, uretprobe:libc:valloc, uretprobe:libc:pvalloc, uretprobe:libc:calloc,
uretprobe:libc:memalign, uretprobe:libc:aligned_alloc, uretprobe:libc:mmap
{
  gets(@call, @held, retval);
}

uretprobe:libc:posix_memalign
{
  $at = (uint64 *)@call[tid].at;
  gets(@call, @held, retval == 0 && (uint64)$at != 0 ? *uptr($at) : 0);
}

uprobe:libc:realloc
{
  asks(@call, arg1, 0);
  // Another thread can get the old place before this call has returned.
  $old = @held[arg0];
  if ($old.ns != 0) {
    @moved[tid] = (address = arg0, size = $old.size, stack = $old.stack, ns = $old.ns);
    frees(@held, arg0);
  }
}

uretprobe:libc:realloc
{
  $old = @moved[tid];
  if ($old.ns != 0) {
    // What could not be made larger is still there.
    if (retval == 0 && @call[tid].size != 0) {
      @held[$old.address] = (size = $old.size, stack = $old.stack, ns = $old.ns);
    }
    delete(@moved, tid);
  }
  gets(@call, @held, retval);
}

uprobe:libc:free, uprobe:libc:munmap { frees(@held, arg0); }

// What a program held before it became another one is gone with its memory.
rawtracepoint:sched_process_exec
{
  if comptime (has_cpid) {
    if (pid == cpid) { @began = nsecs(monotonic); }
  } else if (traced()) {
    @began = nsecs(monotonic);
  }
}
`,
  "netqtop/netqtop.bt": `// Whether a packet passes the interface that was named: the one of this number in the tool's network namespace.
macro passes(skb) {
  skb.dev.ifindex == (int32)getopt("interface", 0) && skb.dev.nd_net.net.ns.inum == (uint32)getopt("netns", 0)
}

// Which of the tool's columns a length belongs to.
macro size_class(length) {
  length < 64 ? 0 : (length < 512 ? 1 : (length < 2048 ? 2 : (length < 16384 ? 3 : (length < 65536 ? 4 : 5))))
}

rawtracepoint:net_dev_start_xmit
{
  $skb = (struct sk_buff *)arg0;
  if (passes($skb)) {
    @sent[$skb.queue_mapping, size_class($skb.len)] = stats($skb.len);
  }
}

// A driver that has several queues notes which one a packet came by, plus one.
rawtracepoint:netif_receive_skb
{
  $skb = (struct sk_buff *)arg0;
  if (passes($skb)) {
    @received[$skb.queue_mapping == 0 ? 0 : $skb.queue_mapping - 1, size_class($skb.len)] = stats($skb.len);
  }
}
`,
  "opensnoop/opensnoop.bt": `import "filter.bt";

// The names of a folder and of those it is in, the innermost first; over mount points to the root of the machine.
macro ancestors(dentry, vfsmnt) {
  $dentry = dentry;
  $mnt = container_of(vfsmnt, struct mount, mnt);
  for $i : 0..64 {
    if ((uint64)$dentry == (uint64)$mnt.mnt.mnt_root) {
      if ((uint64)$mnt.mnt_parent == (uint64)$mnt) {
        break;
      }
      $dentry = $mnt.mnt_mountpoint;
      $mnt = $mnt.mnt_parent;
    } else {
      print((tid = tid, part = str($dentry.d_name.name)));
      $dentry = $dentry.d_parent;
    }
  }
}

// AT_FDCWD, the working directory: include/uapi/linux/fcntl.h.
macro folder(dfd) {
  if (dfd == -100) {
    $pwd = curtask.fs.pwd;
    ancestors($pwd.dentry, $pwd.mnt);
  } else {
    $file = (struct file *)curtask.files.fdt.fd[dfd];
    ancestors($file.f_path.dentry, $file.f_path.mnt);
  }
}

macro begins(@open, dfd, name, how_flags, how_mode) {
  if (traced() && (getopt("flags", 0) == 0 || (how_flags & getopt("flags", 0)) != 0)) {
    @open[tid] = (name, (uint32)how_flags, (uint32)how_mode, (int64)dfd);
  }
}

tracepoint:syscalls:sys_enter_open
{
  begins(@open, -100, args.filename, args.flags, args.mode);
}

tracepoint:syscalls:sys_enter_openat
{
  begins(@open, (int32)args.dfd, args.filename, args.flags, args.mode);
}

tracepoint:syscalls:sys_enter_openat2
{
  $how = args.how;
  begins(@open, (int32)args.dfd, args.filename, $how.flags, $how.mode);
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
      $path = str($call.0);
      if comptime (getopt("full-path", false)) {
        if ($path[0] != "/"[0]) {
          folder($call.3);
        }
      }
      print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, fd = $ret < 0 ? -1 : $ret, err = $ret < 0 ? -$ret : 0,
        flags = $call.1, mode = $call.2, path = $path));
    }
  }
}
`,
  "profile/profile.bt": `import "filter.bt";

profile:hz:49
{
  if ((getopt("idle", false) || pid != 0) && (getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)) && traced()) {
    if comptime (getopt("stacks", "both") == "user") {
      @counts[(pid = pid, comm = comm, user = ustack)] = count();
    } else if comptime (getopt("stacks", "both") == "kernel") {
      @counts[(pid = pid, comm = comm, kernel = kstack)] = count();
    } else {
      @counts[(pid = pid, comm = comm, user = ustack, kernel = kstack)] = count();
    }
  }
}
`,
  "runqlat/runqlat.bt": `import "filter.bt";
import "run-queue.bt";

rawtracepoint:sched_switch
{
  $prev = args.prev;
  $next = args.next;
  // Who was preempted waits as well: TASK_RUNNING is 0.
  if ($prev.__state == 0) {
    waits(@queued, $prev);
  }
  $since = @queued[(uint32)$next.pid];
  if ($since != 0) {
    delete(@queued, (uint32)$next.pid);
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
  }
}
`,
  "runqlen/runqlen.bt": `import "filter.bt";

// Tasks of the queue of the task that runs here: the one that runs counts as well.
profile:hz:99
{
  if (traced()) {
    $queue = curtask.se.cfs_rq;
    $tasks = (int64)0;
    if comptime (getopt("field", "nr_running") == "nr_queued") {
      $tasks = (int64)$queue.nr_queued;
    } else {
      $tasks = (int64)$queue.nr_running;
    }
    @waiting[getopt("cpus", false) ? (uint32)cpu : 0, (uint32)($tasks > 0 ? $tasks - 1 : 0)] = count();
  }
}
`,
  "runqslower/runqslower.bt": `import "filter.bt";
import "run-queue.bt";

rawtracepoint:sched_switch
{
  $prev = args.prev;
  $next = args.next;
  // Who was preempted waits as well: TASK_RUNNING is 0.
  if ($prev.__state == 0) {
    waits(@queued, $prev);
  }
  $since = @queued[(uint32)$next.pid];
  if ($since != 0) {
    delete(@queued, (uint32)$next.pid);
    $us = (nsecs - $since) / 1000;
    if (getopt("min", 10000) == 0 || $us > getopt("min", 10000)) {
      print((pid = $next.tgid, tid = $next.pid, comm = $next.comm, latency_us = $us,
        prev_tid = $prev.pid, prev_comm = $prev.comm));
    }
  }
}
`,
  "shmsnoop/shmsnoop.bt": `import "filter.bt";

macro begins(@call, first, second, third) {
  if (traced()) {
    @call[tid] = ((uint64)first, (uint64)second, (uint64)third);
  }
}

macro ends(@call, name, result) {
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, sys = name, ret = result, first = $call.0,
      second = $call.1, third = $call.2));
  }
}

tracepoint:syscalls:sys_enter_shmget { begins(@call, args.key, args.size, args.shmflg); }
tracepoint:syscalls:sys_enter_shmat { begins(@call, args.shmid, args.shmaddr, args.shmflg); }
tracepoint:syscalls:sys_enter_shmdt { begins(@call, args.shmaddr, 0, 0); }
tracepoint:syscalls:sys_enter_shmctl { begins(@call, args.shmid, args.cmd, args.buf); }

tracepoint:syscalls:sys_exit_shmget { ends(@call, "SHMGET", args.ret); }
tracepoint:syscalls:sys_exit_shmat { ends(@call, "SHMAT", args.ret); }
tracepoint:syscalls:sys_exit_shmdt { ends(@call, "SHMDT", args.ret); }
tracepoint:syscalls:sys_exit_shmctl { ends(@call, "SHMCTL", args.ret); }
`,
  "slabratetop/slabratetop.bt": `import "filter.bt";

rawtracepoint:kmem_cache_alloc
{
  if (traced()) {
    @allocated[str(args.s.name, 32)] = stats((uint64)args.s.size);
  }
}
`,
  "sofdsnoop/sofdsnoop.bt": `import "filter.bt";
import "socket.bt";

// The most descriptors that a message may have: SCM_MAX_FD of include/net/scm.h.
macro scm_max_fd() {
  253
}

macro begins(@call, fd, message) {
  if (traced()) {
    @call[tid] = (fd = (uint64)fd, message = (uint64)message);
  }
}

// The descriptors of the first control message, if it carries some: SCM_RIGHTS at SOL_SOCKET, both 1.
macro passes(@call, action, result) {
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    $message = uptr((struct user_msghdr *)$call.message);
    if (result >= 0 && $message.msg_controllen >= sizeof(struct cmsghdr)) {
      $control = uptr((struct cmsghdr *)$message.msg_control);
      if ($control.cmsg_level == 1 && $control.cmsg_type == 1) {
        $count = ($control.cmsg_len - sizeof(struct cmsghdr)) / 4;
        $first = (uint64)$message.msg_control + sizeof(struct cmsghdr);
        $socket = file_behind($call.fd);
        for $i : 0..scm_max_fd() {
          if ((uint64)$i >= $count) {
            break;
          }
          $fd = *(uint32 *)uptr((uint32 *)($first + (uint64)$i * 4));
          $file = file_behind($fd);
          print((ns = nsecs, action = action, pid = pid, tid = tid, comm = comm, socket_fd = $call.fd,
            socket = $socket.f_inode.i_ino, fd = $fd, mode = $file.f_inode.i_mode, inode = $file.f_inode.i_ino,
            last = str($file.f_path.dentry.d_name.name)));
        }
      }
    }
  }
}

tracepoint:syscalls:sys_enter_sendmsg,
tracepoint:syscalls:sys_enter_recvmsg
{
  begins(@call, args.fd, args.msg);
}

tracepoint:syscalls:sys_exit_sendmsg { passes(@call, "SEND", args.ret); }
tracepoint:syscalls:sys_exit_recvmsg { passes(@call, "RECV", args.ret); }
`,
  "softirqs/softirqs.bt": `// Task 0 is on each idle processor.
macro place() {
  ((uint32)tid, (uint32)cpu)
}

rawtracepoint:softirq_entry
{
  if (getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)) {
    if comptime (getopt("events", false)) {
      @irqs[(uint32)args.vec_nr] = count();
    } else {
      @entered[place()] = nsecs;
    }
  }
}

rawtracepoint:softirq_exit
{
  if comptime (!getopt("events", false)) {
    $since = @entered[place()];
    if ($since != 0) {
      delete(@entered, place());
      if comptime (getopt("dist", false)) {
        @irqs[(uint32)args.vec_nr] = hist((uint64)(nsecs - $since) / getopt("divisor", 1000));
      } else {
        @irqs[(uint32)args.vec_nr] = sum((uint64)(nsecs - $since));
      }
    }
  }
}
`,
  "solisten/solisten.bt": `import "filter.bt";
import "socket.bt";

tracepoint:syscalls:sys_enter_listen
{
  if (traced()) {
    @call[tid] = (fd = (uint64)args.fd, backlog = (int32)args.backlog);
  }
}

// By then the kernel has chosen a port for a socket that had none.
tracepoint:syscalls:sys_exit_listen
{
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    $file = file_behind($call.fd);
    if ((args.ret == 0 || getopt("failed", false)) && is_socket($file)) {
      $sk = socket_of($file);
      if (is_tcp($sk) && wanted_socket(ip_version($sk), local_port($sk), 0) &&
          (getopt("netns", 0) == 0 || network_namespace($sk) == getopt("netns", 0))) {
        print((ns = nsecs, pid = pid, comm = comm, netns = network_namespace($sk), ip = ip_version($sk),
          ret = (int32)args.ret, backlog = $call.backlog, port = local_port($sk), addr = local_address($sk)));
      }
    }
  }
}
`,
  "sslsniff/gnutls-handshake.bt": `uprobe:LIBRARY:gnutls_handshake { handshake_begins(@handshake); }
uretprobe:LIBRARY:gnutls_handshake { handshake_ends(@handshake, (int32)retval == 0); }
`,
  "sslsniff/gnutls.bt": `uprobe:LIBRARY:gnutls_record_recv,
uprobe:LIBRARY:gnutls_record_send
{
  begins(@call, arg1, 0);
}

uretprobe:LIBRARY:gnutls_record_recv { ends(@call, "READ/RECV", (int64)retval); }
uretprobe:LIBRARY:gnutls_record_send { ends(@call, "WRITE/SEND", (int64)retval); }
`,
  "sslsniff/nss.bt": `uprobe:LIBRARY:PR_Read,
uprobe:LIBRARY:PR_Recv,
uprobe:LIBRARY:PR_Send,
uprobe:LIBRARY:PR_Write
{
  begins(@call, arg1, 0);
}

uretprobe:LIBRARY:PR_Read,
uretprobe:LIBRARY:PR_Recv
{
  ends(@call, "READ/RECV", (int32)retval);
}

uretprobe:LIBRARY:PR_Send,
uretprobe:LIBRARY:PR_Write
{
  ends(@call, "WRITE/SEND", (int32)retval);
}
`,
  "sslsniff/openssl-handshake.bt": `uprobe:LIBRARY:SSL_do_handshake { handshake_begins(@handshake); }
uretprobe:LIBRARY:SSL_do_handshake { handshake_ends(@handshake, (int32)retval == 1); }
`,
  "sslsniff/openssl.bt": `uprobe:LIBRARY:SSL_read,
uprobe:LIBRARY:SSL_write
{
  begins(@call, arg1, 0);
}

uretprobe:LIBRARY:SSL_read { ends(@call, "READ/RECV", (int32)retval); }
uretprobe:LIBRARY:SSL_write { ends(@call, "WRITE/SEND", (int32)retval); }

// OpenSSL 1.1.1
uprobe:LIBRARY:SSL_read_ex,
uprobe:LIBRARY:SSL_write_ex
{
  begins(@call, arg1, arg3);
}

uretprobe:LIBRARY:SSL_read_ex { ends_at(@call, "READ/RECV", (int32)retval == 1); }
uretprobe:LIBRARY:SSL_write_ex { ends_at(@call, "WRITE/SEND", (int32)retval == 1); }
`,
  "sslsniff/sslsniff.bt": `import "filter.bt";

macro wanted() {
  traced() && (getopt("comm", "") == "" || comm == getopt("comm", ""))
}

// A call that has data for the other end, or takes some from it.
macro begins(@call, data, length) {
  if (wanted()) {
    @call[tid] = (ns = nsecs, data = (uint64)data, length = (uint64)length);
  }
}

// It has returned so many bytes; less than one is no data, or none yet.
macro ends(@call, direction, length) {
  if (has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    $length = (int64)(length);
    if ($length > 0) {
      print((ns = nsecs, func = direction, pid = pid, tid = tid, uid = uid, comm = comm,
        latency_ns = nsecs - $call.ns, len = $length, bytes = buf($call.data, (uint64)$length)));
    }
  }
}

// The same of a call that returns whether it could, and writes the length to an address that it was given.
macro ends_at(@call, direction, could) {
  if (has_key(@call, tid)) {
    if (could) {
      $at = (uint64 *)uptr((uint64 *)@call[tid].length);
      ends(@call, direction, *$at);
    } else {
      delete(@call, tid);
    }
  }
}

macro handshake_begins(@handshake) {
  if (wanted()) {
    @handshake[tid] = nsecs;
  }
}

macro handshake_ends(@handshake, done) {
  if (has_key(@handshake, tid)) {
    $since = @handshake[tid];
    delete(@handshake, tid);
    if (done) {
      print((ns = nsecs, func = "HANDSHAKE", pid = pid, tid = tid, uid = uid, comm = comm,
        latency_ns = nsecs - $since, len = 0));
    }
  }
}
`,
  "syscount/latency.bt": `
tracepoint:raw_syscalls:sys_enter
{
  if (wanted(args.id)) {
    @start[tid] = nsecs;
  }
}
`,
  "syscount/syscount.bt": `import "filter.bt";

// Numbers below 0 are of no call: a signal came between, or a tracer changed it.
macro wanted(id) {
  id >= 0 && traced() && (getopt("ppid", 0) == 0 || ppid == (uint32)getopt("ppid", 0)) &&
  (getopt("syscall", -1) == -1 || id == getopt("syscall", -1))
}

macro matches(ret) {
  (!getopt("failures", false) || ret < 0) && (getopt("errno", 0) == 0 || ret == -getopt("errno", 0))
}

macro tell(@calls, @start, key) {
  if comptime (getopt("latency", false)) {
    if (has_key(@start, tid)) {
      @calls[key] = stats(nsecs - @start[tid]);
    }
  } else {
    @calls[key] = count();
  }
}

macro tell_process(@calls, @start, @comms) {
  tell(@calls, @start, (int64)pid);
  if (!has_key(@comms, pid)) {
    @comms[pid] = comm;
  }
}

tracepoint:raw_syscalls:sys_exit
{
  if (wanted(args.id) && matches(args.ret)) {
    if comptime (getopt("process", false)) {
      tell_process(@calls, @start, @comms);
    } else {
      tell(@calls, @start, args.id);
    }
  }
  if comptime (getopt("latency", false)) {
    if (has_key(@start, tid)) {
      delete(@start, tid);
    }
  }
}
`,
  "tcpaccept/accepted.bt": `import "filter.bt";
import "socket.bt";

// A socket (\`struct sock *\`) that the current task accepted.
macro accepted(@user, sk) {
  if (is_tcp(sk) && traced() && wanted_socket(ip_version(sk), local_port(sk), remote_port(sk))) {
    print((ns = nsecs, pid = pid, comm = comm, ip = ip_version(sk),
      raddr = remote_address(sk), rport = remote_port(sk), laddr = local_address(sk), lport = local_port(sk)));
  }
}
`,
  "tcpaccept/fexit.bt": `fexit:vmlinux:inet_csk_accept
{
  $sk = (struct sock *)retval;
  if ($sk != 0) {
    accepted(@user, $sk);
  }
}
`,
  "tcpaccept/kretprobe.bt": `kretprobe:inet_csk_accept
{
  $sk = (struct sock *)retval;
  if ($sk != 0) {
    accepted(@user, $sk);
  }
}
`,
  "tcpaccept/syscall.bt": `tracepoint:syscalls:sys_exit_accept,
tracepoint:syscalls:sys_exit_accept4
{
  if (args.ret >= 0) {
    $file = curtask.files.fdt.fd[args.ret];
    $socket = (struct socket *)$file.private_data;
    $sk = $socket.sk;
    accepted(@user, $sk);
  }
}
`,
  "tcpcong/tcpcong.bt": `import "socket-tasks.bt";

// In which state of congestion control a connection is, and since when; a machine with more of them loses the oldest.
let @state = lruhash(65536);

rawtracepoint:tcp_cong_state_set
{
  $sk = (struct sock *)arg0;
  $new = (uint8)arg1;
  if (is_tcp($sk) && wanted_socket(ip_version($sk), local_port($sk), remote_port($sk)) && traced_socket($sk) &&
      sent_by_traced(@sender, $sk)) {
    if (!has_key(@state, $sk)) {
      @state[$sk] = (since = nsecs, state = $new);
    } else {
      $was = @state[$sk];
      if ($was.state != $new) {
        $us = (nsecs - $was.since) / 1000;
        if comptime (getopt("dist", false)) {
          @spent[$was.state] = hist($us / (uint64)getopt("divisor", 1));
        } else {
          @spent[ip_version($sk), local_address($sk), local_port($sk), remote_address($sk), remote_port($sk),
            $was.state] = stats($us);
        }
        @state[$sk] = (since = nsecs, state = $new);
      }
    }
  }
}

rawtracepoint:tcp_destroy_sock
{
  forget(@state, (struct sock *)arg0);
}
`,
  "tcpconnect/local-port.bt": `// The local port is chosen after the state has changed, so the line waits for what comes first: the end of the system
// call or the socket's next state.
macro connects(@waiting, sk) {
  if (has_key(@waiting, sk)) {
    $c = @waiting[sk];
    delete(@waiting, sk);
    print((ns = $c.ns, uid = $c.uid, pid = $c.pid, comm = $c.comm, ip = ip_version(sk),
      saddr = local_address(sk), lport = local_port(sk), daddr = remote_address(sk), dport = remote_port(sk)));
  }
}

rawtracepoint:inet_sock_set_state /args.newstate != SYN_SENT/
{
  $sk = args.sk;
  connects(@connecting, $sk);
}

tracepoint:syscalls:sys_exit_connect /has_key(@socket, tid)/
{
  $sk = @socket[tid];
  delete(@socket, tid);
  connects(@connecting, $sk);
}
`,
  "tcpconnect/tcpconnect.bt": `import "filter.bt";
import "socket.bt";

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  // connect() has the addresses and the remote port by now, and runs in the task that called it.
  if (args.newstate == SYN_SENT && is_tcp($sk)) {
    if (traced() && wanted_socket(ip_version($sk), 0, remote_port($sk))) {
      if comptime (getopt("count", false)) {
        @connects[local_address($sk), remote_address($sk), remote_port($sk)] = count();
      } else if comptime (getopt("lport", false)) {
        @connecting[$sk] = (ns = nsecs, pid = pid, uid = uid, comm = comm);
        @socket[tid] = $sk;
      } else {
        print((ns = nsecs, uid = uid, pid = pid, comm = comm, ip = ip_version($sk),
          saddr = local_address($sk), daddr = remote_address($sk), dport = remote_port($sk)));
      }
    }
  }
}
`,
  "tcpconnlat/tcpconnlat.bt": `import "filter.bt";
import "socket.bt";

let @connecting = lruhash(65536);

macro econnrefused() {
  111
}

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  if (args.newstate == SYN_SENT) {
    if (is_tcp($sk) && traced() && wanted_socket(ip_version($sk), 0, 0)) {
      @connecting[$sk] = (ns = nsecs, pid = pid, comm = comm);
    }
  } else if (has_key(@connecting, $sk)) {
    $c = @connecting[$sk];
    delete(@connecting, $sk);
    $latency = nsecs - $c.ns;
    // A connection that is given up was not answered: there is nothing to measure.
    if ((args.newstate == ESTABLISHED || $sk.sk_err == econnrefused()) && $latency >= getopt("min", 0)) {
      print((ns = nsecs, pid = $c.pid, comm = $c.comm, ip = ip_version($sk), saddr = local_address($sk),
        lport = local_port($sk), daddr = remote_address($sk), dport = remote_port($sk), latency_ns = $latency));
    }
  }
}
`,
  "tcpdrop/tcpdrop.bt": `import "socket-tasks.bt";

// The kernel frees a packet that it does not hand on, and says why.
rawtracepoint:kfree_skb /args.reason > SKB_DROP_REASON_NOT_SPECIFIED/
{
  $skb = (struct sk_buff *)args.skb;
  $network = (uint64)$skb.head + $skb.network_header;
  $ip4 = (struct iphdr *)$network;
  $ip6 = (struct ipv6hdr *)$network;
  // ETH_P_IP and ETH_P_IPV6 of include/uapi/linux/if_ether.h, as the network has them.
  $is4 = $skb.protocol == 0x0008;
  if ($is4 ? $ip4.protocol == ipproto_tcp() : $skb.protocol == 0xdd86 && $ip6.nexthdr == ipproto_tcp()) {
    $tcp = (struct tcphdr *)($network + ($is4 ? $ip4.ihl * 4 : sizeof(struct ipv6hdr)));
    $sk = $skb.sk;
    if comptime (getopt("has_rx_sk", false)) {
      // A packet that has come is not its socket's yet.
      if ($sk == 0) {
        $sk = args.rx_sk;
      }
    }
    $netns = $sk == 0 ? $skb.dev.nd_net.net.ns.inum : network_namespace($sk);
    $state = $sk == 0 ? 0 : tcp_state_of($sk);
    // What is no whole socket has no owner.
    $has_owner = $sk != 0 && $state != TIME_WAIT && $state != NEW_SYN_RECV;
    if (wanted_socket($is4 ? 4 : 6, 0, 0) && ($sk != 0 || !getopt("sockets", false)) &&
        (getopt("netns", 0) == 0 || $netns == (uint32)getopt("netns", 0)) &&
        ($has_owner ? traced_socket($sk) && sent_by_traced(@sender, $sk) : traces_all())) {
      print((ns = nsecs, pid = pid, ip = $is4 ? 4 : 6,
        saddr = $is4 ? ntop($ip4.saddr) : ntop($ip6.saddr.in6_u.u6_addr8), sport = bswap($tcp.source),
        daddr = $is4 ? ntop($ip4.daddr) : ntop($ip6.daddr.in6_u.u6_addr8), dport = bswap($tcp.dest),
        state = $state, flags = *(uint8 *)((uint64)$tcp + 13), code = (uint32)args.reason, stack = kstack(perf)));
    }
  }
}
`,
  "tcplife/tcplife.bt": `import "filter.bt";
import "socket.bt";

// By socket, for as long as it lives; a machine with more sessions loses the oldest.
let @since = lruhash(65536);
let @user = lruhash(65536);

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  if (is_tcp($sk)) {
    if (args.newstate < FIN_WAIT1) {
      @since[$sk] = nsecs;
    }
    if (used_by_current($sk)) {
      @user[$sk] = (pid = pid, comm = comm, traced = traced());
    }
    if (args.newstate == CLOSE) {
      if (has_key(@since, $sk)) {
        $age = nsecs - @since[$sk];
        $user = @user[$sk];
        $tcp = (struct tcp_sock *)$sk;
        if ((traces_all() || $user.traced) && $age >= (uint64)getopt("min", 0) &&
            wanted_socket(ip_version($sk), local_port($sk), remote_port($sk))) {
          print((ns = nsecs, pid = $user.pid, comm = $user.comm, ip = ip_version($sk),
            laddr = local_address($sk), lport = local_port($sk), raddr = remote_address($sk), rport = remote_port($sk),
            tx_bytes = $tcp.bytes_acked, rx_bytes = $tcp.bytes_received, age_ns = $age));
        }
      }
      forget(@since, $sk);
      forget(@user, $sk);
    }
  }
}
`,
  "tcppktlat/tcppktlat.bt": `import "filter.bt";
import "socket.bt";

// When the last segment with data came for a socket that was not read since; a machine with more loses the oldest.
let @came = lruhash(65536);

rawtracepoint:tcp_probe
{
  $sk = args.sk;
  $skb = args.skb;
  $header = ((struct tcphdr *)$skb.data).doff * 4;
  if ($skb.len > (uint32)$header && wanted_socket(ip_version($sk), local_port($sk), remote_port($sk))) {
    @came[$sk] = nsecs;
  }
}

// The program has taken data.
rawtracepoint:tcp_rcv_space_adjust
{
  $sk = (struct sock *)arg0;
  if (has_key(@came, $sk)) {
    $latency = nsecs - @came[$sk];
    delete(@came, $sk);
    if ($latency / 1000 > (uint64)getopt("min_us", 0) && traced()) {
      print((ns = nsecs, pid = pid, tid = tid, comm = comm, ip = ip_version($sk), laddr = local_address($sk),
        lport = local_port($sk), raddr = remote_address($sk), rport = remote_port($sk), latency_ns = $latency));
    }
  }
}

rawtracepoint:tcp_destroy_sock
{
  forget(@came, (struct sock *)arg0);
}
`,
  "tcpretrans/fentry.bt": `// A probe sends the last segment again, or new data; the number is that of what would be sent next.
fentry:vmlinux:tcp_send_loss_probe
{
  $sk = args.sk;
  retransmits($sk, "L", ((struct tcp_sock *)$sk).snd_nxt, @sender, @count);
}
`,
  "tcpretrans/kprobe.bt": `// A probe sends the last segment again, or new data; the number is that of what would be sent next.
kprobe:tcp_send_loss_probe
{
  $sk = args.sk;
  retransmits($sk, "L", ((struct tcp_sock *)$sk).snd_nxt, @sender, @count);
}
`,
  "tcpretrans/tcpretrans.bt": `import "socket-tasks.bt";

// Which of its timers runs: ICSK_TIME_LOSS_PROBE of include/net/inet_connection_sock.h.
macro is_loss_probe(sk) {
  ((struct inet_connection_sock *)sk).icsk_pending == 5
}

macro retransmits(sk, type, sequence, @sender, @count) {
  if (wanted_socket(ip_version(sk), local_port(sk), remote_port(sk)) && traced_socket(sk)) {
    if comptime (getopt("by_sender", false)) {
      if (has_key(@sender, sk)) {
        $task = @sender[sk];
        retransmits_of($task, sk, type, sequence, @count);
      }
    } else {
      $task = (pid = pid, comm = comm);
      retransmits_of($task, sk, type, sequence, @count);
    }
  }
}

macro retransmits_of(task, sk, type, sequence, @count) {
  if comptime (getopt("count", false)) {
    @count[ip_version(sk), local_address(sk), local_port(sk), remote_address(sk), remote_port(sk)] = count();
  } else {
    print((ns = nsecs, pid = task.pid, comm = task.comm, ip = ip_version(sk),
      laddr = local_address(sk), lport = local_port(sk), type = type, raddr = remote_address(sk),
      rport = remote_port(sk), state = tcp_state_of(sk), seq = sequence));
  }
}

// Of events that share their code with others, kernels before 6.18 do not tell the names of arguments.
rawtracepoint:tcp_retransmit_skb
{
  $sk = (struct sock *)arg0;
  $probe = getopt("lossprobe", false) && is_loss_probe($sk);
  // With a probe of its own on the function, a loss probe has its line already.
  $done = $probe && getopt("function", false);
  if comptime (getopt("has_err", false)) {
    $done = $done || (int32)arg2 != 0;
  }
  if (!$done) {
    $cb = (struct tcp_skb_cb *)&((struct sk_buff *)arg1).cb;
    retransmits($sk, $probe ? "L" : "R", $cb.seq, @sender, @count);
  }
}
`,
  "tcprtt/tcprtt.bt": `import "socket-tasks.bt";

macro measures(@rtt, @total, key, rtt) {
  @rtt[key] = hist(rtt);
  if comptime (getopt("extension", false)) {
    @total[key] = stats(rtt);
  }
}

// At each segment that comes for an established connection: the kernel has smoothed the time by then, and keeps eight
// times as much as it is.
rawtracepoint:tcp_probe
{
  $sk = args.sk;
  if (wanted_socket(ip_version($sk), local_port($sk), remote_port($sk)) && wanted_addresses($sk) &&
      traced_socket($sk) && sent_by_traced(@sender, $sk)) {
    $rtt = (((struct tcp_sock *)$sk).srtt_us >> 3) / (uint32)getopt("divisor", 1);
    if comptime (getopt("by", "") == "local") {
      measures(@rtt, @total, local_address($sk), $rtt);
    } else if comptime (getopt("by", "") == "remote") {
      measures(@rtt, @total, remote_address($sk), $rtt);
    } else {
      measures(@rtt, @total, "*******", $rtt);
    }
  }
}
`,
  "tcpstates/tcpstates.bt": `import "filter.bt";
import "socket.bt";

// By its address, what is known of a socket; a machine with more of them loses the oldest.
let @socket = lruhash(65536);
let @traced = lruhash(65536);

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  if (is_tcp($sk)) {
    if (used_by_current($sk)) {
      @traced[$sk] = traced();
    }
    $was = @socket[$sk];
    $held = $was.since == 0 ? 0 : nsecs - $was.since;
    @socket[$sk] = (since = nsecs, address = (uint64)$sk);
    // The verifier lets a program compute with the address once it comes from a map.
    $is = @socket[$sk];
    if ((traces_all() || @traced[$sk]) && wanted_socket(ip_version($sk), local_port($sk), remote_port($sk))) {
      print((ns = nsecs, address_high = $is.address >> 32, address_low = $is.address & 0xffffffff, pid = pid,
        comm = comm, ip = ip_version($sk), laddr = local_address($sk), lport = local_port($sk),
        raddr = remote_address($sk), rport = remote_port($sk),
        oldstate = args.oldstate, newstate = args.newstate, held_ns = $held));
    }
    if (args.newstate == CLOSE) {
      forget(@socket, $sk);
      forget(@traced, $sk);
    }
  }
}
`,
  "tcpsubnet/fentry.bt": `fentry:vmlinux:tcp_sendmsg
{
  $sk = args.sk;
  sends(@bytes, $sk, (int64)args.size);
}
`,
  "tcpsubnet/kprobe.bt": `kprobe:tcp_sendmsg
{
  $sk = args.sk;
  sends(@bytes, $sk, (int64)args.size);
}
`,
  "tcpsubnet/tcpsubnet.bt": `import "filter.bt";
import "socket.bt";

// So many bytes that the current task sends through a socket.
macro sends(@bytes, sk, length) {
  if (length > 0 && is_tcp(sk) && sk.__sk_common.skc_family == af_inet() && traced()) {
    $subnet = subnet(bswap(remote_ip4(sk)));
    if ($subnet >= 0) {
      @bytes[$subnet] = sum((uint64)length);
    }
  }
}
`,
  "tcpsubnet/tracepoint.bt": `// The socket and the result of a call: kernels before 6.18 do not tell the names of these arguments.
rawtracepoint:sock_send_length
{
  $sk = (struct sock *)arg0;
  sends(@bytes, $sk, (int32)arg1);
}
`,
  "tcpsynbl/kprobe.bt": `// One of IPv6 that has taken IPv4 comes by both, first as itself.
kprobe:tcp_v4_syn_recv_sock /args.sk.__sk_common.skc_family == af_inet()/
{
  $sk = (struct sock *)args.sk;
  arrives(@backlog, @sender, $sk);
}

kprobe:tcp_v6_syn_recv_sock
{
  $sk = (struct sock *)args.sk;
  arrives(@backlog, @sender, $sk);
}
`,
  "tcpsynbl/state.bt": `// The new socket is a copy of the one that listens by then, with what waits there.
rawtracepoint:inet_sock_set_state /args.oldstate == LISTEN && args.newstate == SYN_RECV/
{
  $sk = (struct sock *)args.sk;
  arrives(@backlog, @sender, $sk);
}
`,
  "tcpsynbl/tcpsynbl.bt": `import "socket-tasks.bt";

// A handshake ends: so many connections waited to be accepted at a socket that lets so many wait.
macro arrives(@backlog, @sender, sk) {
  if (wanted_socket(ip_version(sk), local_port(sk), 0) && traced_socket(sk) && sent_by_traced(@sender, sk)) {
    @backlog[sk.sk_max_ack_backlog] = hist(sk.sk_ack_backlog);
  }
}
`,
  "tcptop/fexit.bt": `fexit:vmlinux:tcp_sendmsg
{
  $sk = args.sk;
  transfers(@sent, $sk, retval);
}

// What is only looked at, MSG_PEEK, is received another time.
fexit:vmlinux:tcp_recvmsg /(args.flags & 2) == 0/
{
  $sk = args.sk;
  transfers(@received, $sk, retval);
}
`,
  "tcptop/kprobe.bt": `kprobe:tcp_sendmsg
{
  @sending[tid] = args.sk;
}

kretprobe:tcp_sendmsg /has_key(@sending, tid)/
{
  $sk = @sending[tid];
  delete(@sending, tid);
  transfers(@sent, $sk, (int32)retval);
}

// Called with what has gone to the reader.
kprobe:tcp_cleanup_rbuf
{
  $sk = args.sk;
  transfers(@received, $sk, args.copied);
}
`,
  "tcptop/tracepoint.bt": `// The socket, the result and the flags of a call: kernels before 6.18 do not tell the names of these arguments.
rawtracepoint:sock_send_length
{
  $sk = (struct sock *)arg0;
  transfers(@sent, $sk, (int32)arg1);
}

// What is only looked at, MSG_PEEK, is received another time.
rawtracepoint:sock_recv_length /(arg2 & 2) == 0/
{
  $sk = (struct sock *)arg0;
  transfers(@received, $sk, (int32)arg1);
}
`,
  "tcptop/transfers.bt": `import "filter.bt";
import "socket.bt";

let @sent = percpuhash(16384);
let @received = percpuhash(16384);

// So many bytes that the current task sent or received through a socket.
macro transfers(@bytes, sk, length) {
  if (length > 0 && is_tcp(sk) && traced() && wanted_socket(ip_version(sk), local_port(sk), remote_port(sk))) {
    @bytes[pid, comm, ip_version(sk), local_address(sk), local_port(sk), remote_address(sk), remote_port(sk)] =
      sum((uint64)length);
  }
}
`,
  "tcptracer/close-fentry.bt": `fentry:vmlinux:tcp_close
{
  $sk = args.sk;
  closes(@user, $sk);
}
`,
  "tcptracer/close-kprobe.bt": `kprobe:tcp_close
{
  $sk = args.sk;
  closes(@user, $sk);
}
`,
  "tcptracer/close-state.bt": `// A connection ends for its user with the first state in which nothing can be sent any more: he has closed it or shut it
// down, or the other end has reset it.
rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  $ends = (args.oldstate == ESTABLISHED || args.oldstate == CLOSE_WAIT) &&
    (args.newstate == FIN_WAIT1 || args.newstate == LAST_ACK || args.newstate == CLOSE);
  if ($ends && is_tcp($sk)) {
    if (used_by_current($sk)) {
      if (traced()) {
        $user = (pid = pid, uid = uid, comm = comm);
        tells("close", $sk, $user);
      }
    } else if (has_key(@user, $sk)) {
      $user = @user[$sk];
      tells("close", $sk, $user);
    } else if (traces_all()) {
      $user = (pid = (uint32)0, uid = (uint64)0, comm = "");
      tells("close", $sk, $user);
    }
    forget(@user, $sk);
  }
}
`,
  "tcptracer/tcptracer.bt": `import "filter.bt";
import "socket.bt";

// Who connected through a socket that is not connected yet.
let @connecting = lruhash(65536);
// Who has a socket.
let @user = lruhash(65536);

macro tells(type, sk, user) {
  if (wanted_socket(ip_version(sk), local_port(sk), remote_port(sk)) &&
      (getopt("netns", 0) == 0 || network_namespace(sk) == getopt("netns", 0))) {
    print((ns = nsecs, type = type, pid = user.pid, uid = user.uid, comm = user.comm, ip = ip_version(sk),
      saddr = local_address(sk), daddr = remote_address(sk), sport = local_port(sk), dport = remote_port(sk),
      netns = network_namespace(sk)));
  }
}

macro accepted(@user, sk) {
  if (is_tcp(sk) && traced()) {
    $user = (pid = pid, uid = uid, comm = comm);
    @user[sk] = $user;
    tells("accept", sk, $user);
  }
}

rawtracepoint:inet_sock_set_state
{
  $sk = args.sk;
  if (is_tcp($sk)) {
    if (args.newstate == SYN_SENT) {
      if (traced()) {
        @connecting[$sk] = (pid = pid, uid = uid, comm = comm);
      }
    } else if (has_key(@connecting, $sk)) {
      $user = @connecting[$sk];
      delete(@connecting, $sk);
      if (args.newstate == ESTABLISHED) {
        @user[$sk] = $user;
        tells("connect", $sk, $user);
      }
    }
  }
}

// Its user closes a socket. One that listens, or that never was connected, has no remote port or is on its way.
macro closes(@user, sk) {
  if (is_tcp(sk) && traced() && remote_port(sk) != 0 && local_port(sk) != 0 && tcp_state_of(sk) != SYN_SENT &&
      tcp_state_of(sk) != SYN_RECV) {
    $user = (pid = pid, uid = uid, comm = comm);
    tells("close", sk, $user);
  }
  forget(@user, sk);
}
`,
  "threadsnoop/threadsnoop.bt": `import "filter.bt";

uprobe:LIBRARY:pthread_create
{
  if (traced()) {
    print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, func = usym(arg2)));
  }
}
`,
};
