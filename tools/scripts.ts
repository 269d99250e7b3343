/* The texts of the tools' scripts, made of the .bt files below by scripts/embed-tools.mjs (npm run docs). */
/** By path below tools/. */
export const TOOL_SCRIPTS: Readonly<Record<string, string>> = {
  "away.bt": `// What tools have together that time how long tasks are away from their processor.

// Whether a task that leaves (\`struct task_struct *\`, the current one) is asked for. One that is dead (TASK_DEAD,
// include/linux/sched.h) never comes back; task 0 is what processors run that have nothing to do.
macro leaves(task) {
  task.pid != 0 && (task.__state & 0x80) == 0 &&
  (getopt("threads", "all") == "all" || is_of_kind(task)) &&
  (getopt("state", -1) == -1 || is_in_state(task)) && traced()
}

// Whether it is a thread of user space or of the kernel (PF_KTHREAD), as is asked for.
macro is_of_kind(task) {
  ((task.flags & 0x200000) != 0) == (getopt("threads", "all") == "kernel")
}

// Whether its state has one of the bits that are asked for; 0 is that of tasks that could go on.
macro is_in_state(task) {
  getopt("state", -1) == 0 ? task.__state == 0 : ((int64)task.__state & getopt("state", -1)) != 0
}

// Whether a time is one of those that are asked for.
macro is_counted(us) {
  us >= (uint64)getopt("min_us", 1) && us <= (uint64)getopt("max_us", -1)
}

// Microseconds since then.
macro us_since(ns) {
  (uint64)(nsecs - ns) / 1000
}
`,
  "block-tasks.bt": `import "filter.bt";

// A task makes a request for a bio. Who it is, is kept under the bio for when the request is issued: by then, the task
// that runs may be another. It stays there for the next who gets this bio, as to delete it would cost each request 80 ns:
// the oldest give way.
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
  "control-group-old.bt": `// The same before Linux 6.1, where a control group does not know all that it is in: the one that is asked for itself.
macro is_wanted_group(group) {
  group.kn.id == (uint64)getopt("cgroup", 0)
}
`,
  "control-group.bt": `// Whether a control group (\`struct cgroup *\`) is the one that is asked for, or below it.
macro is_wanted_group(group) {
  group.level >= getopt("cgroup_level", 0) &&
  group.ancestors[getopt("cgroup_level", 0)].kn.id == (uint64)getopt("cgroup", 0)
}
`,
  "file-calls.bt": `// Whether a file (struct file *) is of the file system that is asked for.
macro is_of_system(file) {
  file.f_inode.i_sb.s_magic == (uint64)getopt("magic", 0)
}

// Whether a file is a regular one: S_IFREG of include/uapi/linux/stat.h.
macro is_regular(file) {
  (file.f_inode.i_mode & 0170000) == 0100000
}

// A read or a write begins, from where the file stands or from an offset; -1 is where the file stands.
macro io_begins(@begun, operation, fd, at) {
  if (traced()) {
    let $file = open_file(fd);
    if ((uint64)$file != 0 && is_of_system($file) && is_regular($file)) {
      let $at = (int64)at;
      begins(@begun, operation, $file.f_path.dentry, $at == -1 ? $file.f_pos : $at);
    }
  }
}

tracepoint:syscalls:sys_enter_read,
tracepoint:syscalls:sys_enter_readv
{
  io_begins(@begun, 0, args.fd, -1);
}

tracepoint:syscalls:sys_enter_pread64
{
  io_begins(@begun, 0, args.fd, args.pos);
}

tracepoint:syscalls:sys_enter_preadv,
tracepoint:syscalls:sys_enter_preadv2
{
  io_begins(@begun, 0, args.fd, args.pos_l);
}

tracepoint:syscalls:sys_enter_write,
tracepoint:syscalls:sys_enter_writev
{
  io_begins(@begun, 1, args.fd, -1);
}

tracepoint:syscalls:sys_enter_pwrite64
{
  io_begins(@begun, 1, args.fd, args.pos);
}

tracepoint:syscalls:sys_enter_pwritev,
tracepoint:syscalls:sys_enter_pwritev2
{
  io_begins(@begun, 1, args.fd, args.pos_l);
}

// Which file it is, is known when it is open.
tracepoint:syscalls:sys_enter_open,
tracepoint:syscalls:sys_enter_openat,
tracepoint:syscalls:sys_enter_openat2,
tracepoint:syscalls:sys_enter_creat
{
  begins(@begun, 2, 0, 0);
}

tracepoint:syscalls:sys_enter_fsync,
tracepoint:syscalls:sys_enter_fdatasync
{
  if (traced()) {
    let $file = open_file(args.fd);
    if ((uint64)$file != 0 && is_of_system($file)) {
      begins(@begun, 3, $file.f_path.dentry, 0);
    }
  }
}

tracepoint:syscalls:sys_exit_read,
tracepoint:syscalls:sys_exit_readv,
tracepoint:syscalls:sys_exit_pread64,
tracepoint:syscalls:sys_exit_preadv,
tracepoint:syscalls:sys_exit_preadv2
{
  ends(@MAPS, 0, args.ret);
}

tracepoint:syscalls:sys_exit_write,
tracepoint:syscalls:sys_exit_writev,
tracepoint:syscalls:sys_exit_pwrite64,
tracepoint:syscalls:sys_exit_pwritev,
tracepoint:syscalls:sys_exit_pwritev2
{
  ends(@MAPS, 1, args.ret);
}

// O_PATH opens a name and no file: include/uapi/asm-generic/fcntl.h.
tracepoint:syscalls:sys_exit_open,
tracepoint:syscalls:sys_exit_openat,
tracepoint:syscalls:sys_exit_openat2,
tracepoint:syscalls:sys_exit_creat
{
  if (has_key(@begun, (tid, 2))) {
    let $file = open_file(args.ret);
    if ((uint64)$file != 0 && is_of_system($file) && is_regular($file) && ($file.f_flags & 010000000) == 0) {
      if comptime (getopt("names", false)) {
        @begun[tid, 2] = (@begun[tid, 2].0, (uint64)$file.f_path.dentry, (int64)0);
      }
      ends(@MAPS, 2, 0);
    } else {
      delete(@begun, (tid, 2));
    }
  }
}

tracepoint:syscalls:sys_exit_fsync,
tracepoint:syscalls:sys_exit_fdatasync
{
  ends(@MAPS, 3, args.ret);
}
`,
  "file-io-syscalls.bt": `// What comes to vfs_read and vfs_write.
tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if ((getopt("reads", true) && ($id == getopt("read", -1) || $id == getopt("pread64", -1))) ||
      (getopt("writes", true) && ($id == getopt("write", -1) || $id == getopt("pwrite64", -1)))) {
    $file = open_file(args.args[0]);
    if (is_for_io($file)) {
      if ($id == getopt("read", -1)) {
        file_io(@reads, $file, args.args[2]);
      } else if ($id == getopt("write", -1)) {
        file_io(@writes, $file, args.args[2]);
      } else if ($id == getopt("pread64", -1)) {
        if (is_for_io_at($file, for_pread(), args.args[3])) {
          file_io(@reads, $file, args.args[2]);
        }
      } else if (is_for_io_at($file, for_pwrite(), args.args[3])) {
        file_io(@writes, $file, args.args[2]);
      }
    }
  }
}
`,
  "file-latency.bt": `// An operation ends: how long it took, by its kind.
macro ends(@begun, @latency, operation, result) {
  if (has_key(@begun, (tid, operation))) {
    @latency[operation] = hist((nsecs - @begun[tid, operation]) / (uint64)getopt("divisor", 1000));
    delete(@begun, (tid, operation));
  }
}
`,
  "file-operations.bt": `import "filter.bt";

// An operation begins on a file: a write may end in an fsync of the same task, so each kind is kept by itself. Of which
// file and from which byte on is kept where it is shown.
macro begins(@begun, operation, entry, offset) {
  if (traced()) {
    if comptime (getopt("names", false)) {
      @begun[tid, operation] = (nsecs, (uint64)entry, (int64)offset);
    } else {
      @begun[tid, operation] = nsecs;
    }
  }
}

// struct kiocb *
macro begins_io(@begun, operation, iocb) {
  let $iocb = iocb;
  begins(@begun, operation, $iocb.ki_filp.f_path.dentry, $iocb.ki_pos);
}

// struct file *
macro begins_file(@begun, operation, file) {
  let $file = file;
  begins(@begun, operation, $file.f_path.dentry, 0);
}

// struct path *
macro begins_path(@begun, operation, path) {
  let $path = path;
  begins(@begun, operation, $path.dentry, 0);
}
`,
  "filter.bt": `import "control-group.bt";

// Whether the current task is one that the options of all tools ask for.
macro traced() {
  (getopt("pid", -1) == -1 || listed_pid(pid)) &&
  (getopt("tid", -1) == -1 || listed_tid(tid)) &&
  (!getopt("command", false) || pid == (uint32)cpid) &&
  (getopt("uid", -1) == -1 || uid == (uint64)getopt("uid", -1)) &&
  (getopt("cgroup", 0) == 0 || is_wanted_group(curtask.cgroups.dfl_cgrp)) &&
  (getopt("name", "") == "" || strcontains(comm, getopt("name", ""))) &&
  in_pinned_maps(cgroup, curtask)
}

// Whether a control group and the mount namespace of a task are in the maps that --cgroupmap and --mntnsmap name.
macro in_pinned_maps(group, task) {
  (getopt("cgroupmap", "") == "" || has_pinned_key(getopt("cgroupmap", ""), group)) &&
  (getopt("mntnsmap", "") == "" || has_pinned_key(getopt("mntnsmap", ""), task.nsproxy.mnt_ns.ns.inum))
}

// Whether the options ask for no task in particular. Known when the script is compiled.
macro traces_all() {
  getopt("pid", -1) == -1 && getopt("tid", -1) == -1 && getopt("uid", -1) == -1 && getopt("cgroup", 0) == 0 &&
  getopt("name", "") == "" && !getopt("command", false) && getopt("cgroupmap", "") == "" && getopt("mntnsmap", "") == ""
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
  (getopt("cgroup", 0) == 0 || is_wanted_group(task.cgroups.dfl_cgrp)) &&
  (getopt("name", "") == "" || strcontains(task.comm, getopt("name", ""))) &&
  in_pinned_maps(task.cgroups.dfl_cgrp.kn.id, task)
}
`,
  "open-files.bt": `// The open file of a descriptor; 0 if there is none.
macro open_file(fd) {
  let $fd = (uint32)fd;
  let $table = curtask.files.fdt;
  kptr($fd < $table.max_fds ? $table.fd[$fd] : (struct file *)0)
}

// Whether reads and writes come to a file by its number: FMODE_PATH of include/linux/fs.h is open for its name only.
macro is_for_io(file) {
  file != 0 && (file.f_mode & 0x4000) == 0
}

// The same where the place in the file is given: FMODE_PREAD and FMODE_PWRITE, which pipes and sockets lack.
macro is_for_io_at(file, mode, offset) {
  is_for_io(file) && (file.f_mode & mode) != 0 && (int64)offset >= 0
}

macro for_pread() {
  0x8
}

macro for_pwrite() {
  0x10
}

// Whether opening a file has made it: FMODE_CREATED.
macro was_created(file) {
  (file.f_mode & 0x100000) != 0
}
`,
  "page-reads.bt": `// What a thread has read last: of which file, from which page to which, by which of its reads.
let @reading = lruhash(16384);

// How many pages a read comes to of which the kernel tells that it wants pages \`first\` to \`last\`. What is left of a long
// read is told of again, and is not counted again. Pages behind the end of the file are none, and the page that the
// read before has ended in is not counted twice: so does filemap_read() of mm/filemap.c.
macro pages_read(@reading, mapping, first, last) {
  $mapping = mapping;
  $from = (uint64)first;
  $wanted = (uint64)last;
  $before = @reading[tid];
  $reads = curtask.ioac.syscr;
  $pages = (uint64)0;
  $to = $before.to;
  $is_same = $before.mapping == (uint64)$mapping;
  if (!$is_same || $before.wanted != $wanted || $before.reads != $reads || $from <= $before.from) {
    $size = (uint64)$mapping.host.i_size;
    $end = $size == 0 ? (uint64)0 : ($size - 1) >> 12;
    $to = $wanted < $end ? $wanted : $end;
    $pages = $to < $from ? (uint64)1 : $to - $from + 1;
    if ($is_same && $before.to == $from) {
      $pages -= 1;
    }
  }
  @reading[tid] = (mapping = (uint64)$mapping, from = $from, wanted = $wanted, to = $to, reads = $reads);
  $pages
}
`,
  "paths.bt": `// Prints the names of a folder and of those it is in, the innermost first; over mount points to the root of the machine.
// \`vfsmnt\` of 0 goes to the root of the file system.
macro ancestors(dentry, vfsmnt) {
  $dentry = dentry;
  $mnt = container_of(vfsmnt, struct mount, mnt);
  for $i : 0..64 {
    if ((uint64)$dentry == (uint64)$mnt.mnt.mnt_root || (uint64)$dentry == (uint64)$dentry.d_parent) {
      if ((uint64)vfsmnt == 0 || (uint64)$mnt.mnt_parent == (uint64)$mnt) {
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
  "signals.bt": `// Whether a signal is one that --signal lists: bits by number, 0 is all.
macro chosen_signal(signal) {
  getopt("signals", 0) == 0 || (signal < 64 && ((uint64)getopt("signals", 0) >> (uint64)signal) & 1 == 1)
}
`,
  "slow-files.bt": `// An operation ends that took longer than is asked for; \`min\` is in microseconds, and 0 is all.
macro ends(@begun, operation, result) {
  if (has_key(@begun, (tid, operation))) {
    let $begun = @begun[tid, operation];
    delete(@begun, (tid, operation));
    let $ns = nsecs - $begun.0;
    if (getopt("min", 0) == 0 || $ns / 1000 > (uint64)getopt("min", 0)) {
      let $entry = kptr((struct dentry *)$begun.1);
      print((end_ns = nsecs, comm = comm, pid = pid, operation = operation, bytes = (int64)result, offset = $begun.2,
        latency_ns = $ns, file = str($entry.d_name.name)));
    }
  }
}
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
  (getopt("cgroup", 0) == 0 || is_wanted_group(sk.sk_cgrp_data.cgroup)) &&
  (getopt("cgroupmap", "") == "" || has_pinned_key(getopt("cgroupmap", ""), sk.sk_cgrp_data.cgroup.kn.id))
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

macro ipproto_udp() {
  17
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
  "user-paths.bt": `// Where in the memory of the current process the last part of a path begins, a slash at its end left out of account.
macro last_part(path) {
  $text = str(uptr((uint8 *)path), 1024);
  $from = (uint64)0;
  $is_behind_slash = false;
  for $i : 0..1023 {
    if ($text[$i] == 0) {
      break;
    }
    if ($text[$i] == "/"[0]) {
      $is_behind_slash = true;
    } else if ($is_behind_slash) {
      $from = (uint64)$i;
      $is_behind_slash = false;
    }
  }
  (uint64)path + $from
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
  "biolatpcts/biolatpcts.bt": `import "block.bt";

// Times are counted by steps of 10 us below a millisecond, of 1 ms below 100 ms, of 100 ms above; the last is without end.
macro step(ns) {
  let $ns = ns;
  $ns < 1000000 ? $ns / 10000 :
  $ns < 100000000 ? 100 + $ns / 1000000 :
  $ns < 9900000000 ? 200 + $ns / 100000000 : (uint64)299
}

// REQ_OP_READ, REQ_OP_WRITE, REQ_OP_FLUSH, REQ_OP_DISCARD: include/linux/blk_types.h.
macro counts(@times, rq, ns) {
  let $op = (uint32)rq.cmd_flags & 255;
  if ($op < 4) {
    @times[$op, step(ns)] = count();
  }
}
`,
  "biolatpcts/on-device.bt": `rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  if (on_disk($rq)) {
    @issued[(uint64)$rq] = nsecs;
  }
}

rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  $since = @issued[(uint64)$rq];
  if ($since != 0 && is_last_part($rq, args.nr_bytes)) {
    counts(@times, $rq, nsecs - $since);
    delete(@issued, (uint64)$rq);
  }
}
`,
  "biolatpcts/since-allocation.bt": `// The kernel keeps 0 where it takes no times: those of requests that are not accounted for.
rawtracepoint:block_rq_complete
{
  $rq = args.rq;
  $since = $rq.FIELD;
  if ($since != 0 && on_disk($rq) && is_last_part($rq, args.nr_bytes)) {
    counts(@times, $rq, nsecs - $since);
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
  "biostacks/bios.bt": `import "filter.bt";
import "block.bt";
import "biostacks/requests.bt";

// Who has made a request for a bio, until it is issued. Of bios that are merged into other requests some stay: the
// oldest give way.
let @asked = lruhash(16384);

rawtracepoint:block_getrq
{
  if (traced()) {
    @asked[(uint64)args.bio] = (ns = nsecs, pid = pid, tid = tid, comm = comm, kernel = kstack);
  } else {
    // The memory of a bio is used again.
    _ = delete(@asked, (uint64)args.bio);
  }
}

rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  $bio = (uint64)$rq.bio;
  $asked = @asked[$bio];
  if ($asked.ns != 0) {
    delete(@asked, $bio);
    if (on_disk($rq)) {
      @made[(uint64)$rq] = (ns = $asked.ns, pid = $asked.pid, tid = $asked.tid, comm = $asked.comm,
        disk = $rq.q.disk.disk_name, kernel = $asked.kernel);
    }
  }
}

rawtracepoint:block_rq_complete
{
  if (is_last_part(args.rq, args.nr_bytes)) {
    ends(@made, @latency, args.rq);
  }
}
`,
  "biostacks/io.bt": `import "filter.bt";
import "block.bt";
import "biostacks/requests.bt";

rawtracepoint:block_io_start
{
  if (on_disk(args.rq) && traced()) {
    @made[(uint64)args.rq] = (ns = nsecs, pid = pid, tid = tid, comm = comm, disk = args.rq.q.disk.disk_name,
      kernel = kstack);
  }
}

rawtracepoint:block_io_done
{
  ends(@made, @latency, args.rq);
}
`,
  "biostacks/requests.bt": `// What has been made by whom, and where, is done.
macro ends(@made, @latency, rq) {
  $made = @made[(uint64)rq];
  if ($made.ns != 0) {
    delete(@made, (uint64)rq);
    @latency[(pid = $made.pid, tid = $made.tid, comm = $made.comm, disk = $made.disk, kernel = $made.kernel)] =
      hist((uint64)(nsecs - $made.ns) / (uint64)getopt("divisor", 1000));
  }
}
`,
  "biotop/biotop.bt": `import "block.bt";
import "block-tasks.bt";

rawtracepoint:block_rq_issue
{
  $rq = args.rq;
  $made = @made[(uint64)$rq.bio];
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
  if (on_disk($rq) && (traces_all() || $made.0 != 0)) {
    @kbytes[$made.0 != 0 ? $made.2 : comm] = hist($rq.__data_len / 1024);
  }
}
`,
  "cachestat/functions.bt": `import "filter.bt";

CALL:filemap_add_folio { if (traced()) { @added = count(); } }
CALL:folio_mark_accessed { if (traced()) { @accessed = count(); } }
CALL:mark_buffer_dirty { if (traced()) { @buffers = count(); } }
rawtracepoint:writeback_dirty_folio { if (traced()) { @dirtied = count(); } }
`,
  "cachestat/tracepoints.bt": `import "filter.bt";
import "page-reads.bt";

// A folio is one page or, of large ones, 2^order.
tracepoint:filemap:mm_filemap_add_to_page_cache { if (traced()) { @added = sum((uint64)1 << (uint64)ORDER); } }

rawtracepoint:mm_filemap_get_pages
{
  if (traced()) {
    $pages = pages_read(@reading, args.mapping, args.index, args.last_index);
    if ($pages > 0) {
      @accessed = sum($pages);
    }
  }
}

// Through mapped memory: what is there is mapped with its neighbours at once.
rawtracepoint:mm_filemap_fault { if (traced()) { @accessed = sum((uint64)1); } }
rawtracepoint:mm_filemap_map_pages { if (traced()) { @accessed = sum((uint64)1); } }

// What file systems keep of themselves.
rawtracepoint:block_touch_buffer { if (traced()) { @accessed = sum((uint64)1); } }
rawtracepoint:block_dirty_buffer { if (traced()) { @buffers = count(); } }
rawtracepoint:writeback_dirty_folio { if (traced()) { @dirtied = count(); } }
`,
  "cachetop/functions.bt": `import "filter.bt";

let @added = percpuhash(16384);
let @accessed = percpuhash(16384);
let @buffers = percpuhash(16384);
let @dirtied = percpuhash(16384);

CALL:filemap_add_folio { if (traced()) { @added[pid, (uint32)uid, comm] = count(); } }
CALL:folio_mark_accessed { if (traced()) { @accessed[pid, (uint32)uid, comm] = count(); } }
CALL:mark_buffer_dirty { if (traced()) { @buffers[pid, (uint32)uid, comm] = count(); } }
rawtracepoint:writeback_dirty_folio { if (traced()) { @dirtied[pid, (uint32)uid, comm] = count(); } }
`,
  "cachetop/tracepoints.bt": `import "filter.bt";
import "page-reads.bt";

let @added = percpuhash(16384);
let @accessed = percpuhash(16384);
let @buffers = percpuhash(16384);
let @dirtied = percpuhash(16384);

// A folio is one page or, of large ones, 2^order.
tracepoint:filemap:mm_filemap_add_to_page_cache
{
  if (traced()) {
    @added[pid, (uint32)uid, comm] = sum((uint64)1 << (uint64)ORDER);
  }
}

rawtracepoint:mm_filemap_get_pages
{
  if (traced()) {
    $pages = pages_read(@reading, args.mapping, args.index, args.last_index);
    if ($pages > 0) {
      @accessed[pid, (uint32)uid, comm] = sum($pages);
    }
  }
}

// Through mapped memory, and what file systems keep of themselves.
rawtracepoint:mm_filemap_fault { if (traced()) { @accessed[pid, (uint32)uid, comm] = sum((uint64)1); } }
rawtracepoint:mm_filemap_map_pages { if (traced()) { @accessed[pid, (uint32)uid, comm] = sum((uint64)1); } }
rawtracepoint:block_touch_buffer { if (traced()) { @accessed[pid, (uint32)uid, comm] = sum((uint64)1); } }

rawtracepoint:block_dirty_buffer { if (traced()) { @buffers[pid, (uint32)uid, comm] = count(); } }
rawtracepoint:writeback_dirty_folio { if (traced()) { @dirtied[pid, (uint32)uid, comm] = count(); } }
`,
  "capable/capable.bt": `import "filter.bt";

// A check: -1 is what the hook does not tell; of the result 0 is allowed, below it denied, above it not known.
macro checked(@seen, cap, audit, insetid, result) {
  if (pid != (uint32)getopt("self", 0) && traced() && (getopt("all", false) || audit != 0)) {
    let $isNew = true;
    if comptime (getopt("unique", false)) {
      $who = getopt("by-cgroup", false) ? cgroup : (uint64)pid;
      if comptime (getopt("kernel-stack", false) && getopt("user-stack", false)) {
        $isNew = !has_key(@seen, (cap, $who, kstack, ustack));
        @seen[cap, $who, kstack, ustack] = true;
      } else if comptime (getopt("kernel-stack", false)) {
        $isNew = !has_key(@seen, (cap, $who, kstack));
        @seen[cap, $who, kstack] = true;
      } else if comptime (getopt("user-stack", false)) {
        $isNew = !has_key(@seen, (cap, $who, ustack));
        @seen[cap, $who, ustack] = true;
      } else {
        $isNew = !has_key(@seen, (cap, $who));
        @seen[cap, $who] = true;
      }
    }
    if ($isNew) {
      print((uid = uid, pid = pid, tid = tid, comm = comm, cap = cap, audit = audit, insetid = insetid,
        result = result, kernel_stack = STACK_OF_KERNEL, user_stack = STACK_OF_USER));
    }
  }
}

CHECK
`,
  "capable/fexit.bt": `// CAP_OPT_NOAUDIT and CAP_OPT_INSETID: include/linux/security.h.
fexit:cap_capable
{
  checked(@seen, args.cap, (int32)(args.opts & 2) == 0 ? 1 : 0, (int32)(args.opts & 4) != 0 ? 1 : 0, (int32)retval);
}
`,
  "capable/kprobe.bt": `// CAP_OPT_NOAUDIT and CAP_OPT_INSETID: include/linux/security.h. Whether it is allowed is not known yet.
kprobe:cap_capable
{
  checked(@seen, (int32)arg2, (int32)(arg3 & 2) == 0 ? 1 : 0, (int32)(arg3 & 4) != 0 ? 1 : 0, (int32)1);
}
`,
  "capable/tracepoint.bt": `// It does not say whether the check is audited.
tracepoint:capability:cap_capable
{
  checked(@seen, (int32)args.cap, -1, -1, (int32)args.ret);
}
`,
  "compactsnoop/compactsnoop.bt": `import "filter.bt";

// How much of the want of memory of an order is for its being in pieces, of 1000: fragmentation_index() of mm/vmstat.c.
// -1000 where a block of that order is free, and where none is asked for.
macro fragmentation(zone, order) {
  let $pages = (uint64)0;
  let $blocks = (uint64)0;
  let $suitable = (uint64)0;
  for $i : 0..11 {
    $free = (uint64)zone.free_area[$i].nr_free;
    $blocks += $free;
    $pages += $free << (uint64)$i;
    if ((int64)$i >= (int64)order) {
      $suitable += $free;
    }
  }
  let $index = (int64)-1000;
  if (order >= 0 && $blocks == 0) {
    $index = 0;
  } else if (order >= 0 && $suitable == 0) {
    $index = 1000 - (int64)((1000 + (($pages * 1000) >> (uint64)order)) / $blocks);
  }
  $index
}

rawtracepoint:mm_compaction_begin
{
  if (traced()) {
    @begun[tid] = (uint64)nsecs;
    if comptime (getopt("extended", false)) {
      $zone = args.cc.zone;
      $order = args.cc.order;
      $boost = $zone.watermark_boost;
      @state[tid] = (fragmentation($zone, $order), (uint64)($zone._watermark[0] + $boost),
        (uint64)($zone._watermark[1] + $boost), (uint64)($zone._watermark[2] + $boost),
        (uint64)$zone.vm_stat[0].counter);
    }
  }
}

rawtracepoint:mm_compaction_end
{
  if (has_key(@begun, tid)) {
    $ns = nsecs - @begun[tid];
    $zone = args.cc.zone;
    delete(@begun, tid);
    let $state = ((int64)0, (uint64)0, (uint64)0, (uint64)0, (uint64)0);
    if comptime (getopt("extended", false)) {
      $state = @state[tid];
      delete(@state, tid);
    }
    print((time_ns = nsecs, comm = comm, pid = pid, tid = tid, node = $zone.zone_pgdat.node_id, zone = str($zone.name),
      order = args.cc.order, sync = args.sync, fragmentation = $state.0, min = $state.1, low = $state.2,
      high = $state.3, free = $state.4, latency_ns = $ns, status = args.status, kernel_stack = STACK));
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
  "cpufreq/cpufreq.bt": `import "filter.bt";

// In kilohertz.
tracepoint:power:cpu_frequency
{
  @khz[(uint64)args.cpu_id] = (uint64)args.state;
}

profile:hz:99
{
  $step = @khz[(uint64)cpu] / 200000;
  if (traced()) {
    @tasks[comm, $step < 25 ? $step : 25] = count();
  }
  @system[$step < 25 ? $step : 25] = count();
}
`,
  "cpuunclaimed/cpuunclaimed.bt": `// Tasks of all control groups that wait for this processor, and the one that runs on it.
profile:hz:99
{
  $all = curtask.se.cfs_rq.rq.cfs;
  let $tasks = (uint64)0;
  if comptime (getopt("field", "h_nr_running") == "h_nr_runnable") {
    $tasks = (uint64)$all.h_nr_runnable;
  } else {
    $tasks = (uint64)$all.h_nr_running;
  }
  print((ns = nsecs, cpu = cpu, tasks = $tasks));
}
`,
  "criticalstat/criticalstat.bt": `import "filter.bt";

// Sections of a processor: when each began, and by which function, called by which. 0: it is in none.
let @since = hash(8192);
let @from = hash(8192);

rawtracepoint:irq_disable
{
  @since[cpu] = nsecs;
  @from[cpu] = (arg0, arg1);
}

rawtracepoint:irq_enable
{
  $since = @since[cpu];
  if ($since != 0) {
    $ns = nsecs - $since;
    @since[cpu] = 0;
    if ($ns >= (uint64)getopt("min_us", 100) * 1000 && traced()) {
      $from = @from[cpu];
      print((pid = pid, tid = tid, comm = comm, cpu = cpu, ns = $ns, start = ksym($from.0), start_caller = ksym($from.1),
        end = ksym(arg0), end_caller = ksym(arg1), kernel_stack = kstack(perf)));
    }
  }
}

// A processor that has nothing to do keeps nobody waiting.
rawtracepoint:cpu_idle
{
  @since[cpu] = 0;
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
  $query = @query[tid];
  if ($query.0 != 0) {
    $ns = nsecs(monotonic) - $query.0;
    if ($ns >= (uint64)getopt("threshold", 0)) {
      print((ns = $query.0, pid = pid, tid = tid, comm = comm, latency_ns = $ns, query = $query.1));
    }
    delete(@query, tid);
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
  $since = @since[tid];
  if ($since != 0) {
    $ns = nsecs - $since;
    delete(@since, tid);
    if ($ns >= (uint64)getopt("threshold", 0)) {
      @latency[0] = hist($ns / (uint64)getopt("divisor", 1000000));
    }
  }
}
`,
  "dcsnoop/all.bt": `
// The name stands in the path, with what follows.
LOOKUP
{
  if (traced()) {
    $nd = NAMEIDATA;
    $length = (uint64)$nd.last.len;
    print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, type = "R",
      file = str($nd.last.name, $length < 255 ? $length + 1 : (uint64)256)));
  }
}
`,
  "dcsnoop/dcsnoop.bt": `import "filter.bt";

let @name = hash(16384);

CALL:d_lookup
{
  if (traced()) {
    $name = args.name;
    @name[tid] = str($name.name, 256);
  }
}

RETURN:d_lookup
{
  if (has_key(@name, tid)) {
    if ((uint64)retval == 0) {
      print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, type = "M", file = @name[tid]));
    }
    delete(@name, tid);
  }
}
`,
  "dcstat/dcstat.bt": `import "filter.bt";

// Each part of a path that is looked up.
LOOKUP { if (traced()) { @refs = count(); } }

// What was not found the fast way; without a result, the file system is asked.
RETURN:d_lookup
{
  if (traced()) {
    @slow = count();
    if ((uint64)retval == 0) {
      @miss = count();
    }
  }
}
`,
  "deadlock/creates.bt": `// The system call itself is made where stacks cannot be followed.
CREATES
{
  if (traced()) {
    @creating[tid] = STACK;
  }
}

`,
  "deadlock/deadlock.bt": `import "filter.bt";

// A thread holds so many mutexes at most; 0 is a free place. A stack is kept with each.
LOCKS
{
  if (traced()) {
    $mutex = (uint64)arg0;
    $stack = STACK;
    let $free = (int32)-1;
    let $held = false;
    for $i : 0..16 {
      $other = (uint64)@held[tid, (uint32)$i];
      if ($other == 0) {
        if ($free < 0) {
          $free = (int32)$i;
        }
      } else if ($other == $mutex) {
        $held = true;
      } else if (!has_key(@orders, ($other, $mutex))) {
        @orders[$other, $mutex] = true;
        print((first = $other, second = $mutex, tid = tid, comm = comm, first_stack = @stacks[tid, $other],
          second_stack = $stack));
      }
    }
    if ($free >= 0 && !$held) {
      @held[tid, (uint32)$free] = $mutex;
      @stacks[tid, $mutex] = $stack;
    }
  }
}

UNLOCKS
{
  if (traced()) {
    $mutex = (uint64)arg0;
    for $i : 0..16 {
      if ((uint64)@held[tid, (uint32)$i] == $mutex) {
        delete(@held, (tid, (uint32)$i));
      }
    }
    delete(@stacks, (tid, $mutex));
  }
}

CREATES
// The one who begins a thread, and where.
rawtracepoint:sched_process_fork
{
  if (traced() && args.child.tgid == (int32)pid) {
    print((created = args.child.pid, tid = tid, comm = comm, stack = CREATION));
  }
}
`,
  "dirtop/dirtop.bt": `import "filter.bt";
import "open-files.bt";

let @reads = percpuhash(4096);
let @writes = percpuhash(4096);

// Counted is the outermost of the folders that a file is in.
macro file_io(@transfers, file, bytes) {
  if (traced()) {
    $dentry = file.f_path.dentry;
    $device = (uint32)$dentry.d_sb.s_dev;
    $folder = (uint64)0;
    for $i : 0..50 {
      $parent = $dentry.d_parent;
      if ((uint64)$parent == (uint64)$dentry) {
        break;
      }
      $dentry = $parent;
      $inode = (uint64)$dentry.d_inode.i_ino;
      if (is_wanted($inode, $device)) {
        $folder = $inode;
      }
    }
    if ($folder != 0) {
      @transfers[$folder, $device] = stats((uint64)bytes);
    }
  }
}
`,
  "drsnoop/drsnoop.bt": `import "filter.bt";

// The first of the machine's counts of pages is of those that are free: NR_FREE_PAGES, include/linux/mmzone.h.
rawtracepoint:mm_vmscan_direct_reclaim_begin
{
  if (traced()) {
    let $free = (uint64)0;
    if comptime (getopt("free", false)) {
      $free = *(uint64 *)kaddr("vm_zone_stat");
    }
    @begun[tid] = ((uint64)nsecs, $free);
  }
}

rawtracepoint:mm_vmscan_direct_reclaim_end
{
  if (has_key(@begun, tid)) {
    $begun = @begun[tid];
    delete(@begun, tid);
    print((time_ns = nsecs, uid = uid, comm = comm, pid = pid, tid = tid, latency_ns = nsecs - $begun.0,
      pages = args.nr_reclaimed, free_pages = $begun.1));
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
  "filegone/functions.bt": `import "filter.bt";

let @going = hash(16384);

macro begins(@going, dentry, new_dentry, action) {
  $dentry = dentry;
  $new = new_dentry;
  if (traced()) {
    @going[tid] = (action = action, file = str($dentry.d_name.name, 256), new_name = str($new.d_name.name, 256));
  }
}

macro ends(@going, result) {
  if (has_key(@going, tid)) {
    $gone = @going[tid];
    delete(@going, tid);
    if ((int32)result == 0) {
      print((pid = pid, tid = tid, uid = uid, comm = comm, action = $gone.action, file = $gone.file,
        new_name = $gone.new_name));
    }
  }
}

CALL:vfs_unlink { begins(@going, args.dentry, args.dentry, "DELETE"); }
CALL:vfs_rmdir { begins(@going, args.dentry, args.dentry, "DELETE"); }
CALL:vfs_rename
{
  $names = args.rd;
  begins(@going, $names.old_dentry, $names.new_dentry, "RENAME");
}

RETURN:vfs_unlink { ends(@going, retval); }
RETURN:vfs_rmdir { ends(@going, retval); }
RETURN:vfs_rename { ends(@going, retval); }
`,
  "filegone/syscalls.bt": `import "filter.bt";
import "user-paths.bt";

let @going = hash(16384);

macro begins(@going, path, new_path, action) {
  if (traced()) {
    @going[tid] = (action = action, path = (uint64)path, new_path = (uint64)new_path);
  }
}

tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if ($id == getopt("unlink", -1) || $id == getopt("rmdir", -1)) {
    begins(@going, args.args[0], 0, "DELETE");
  } else if ($id == getopt("unlinkat", -1)) {
    begins(@going, args.args[1], 0, "DELETE");
  } else if ($id == getopt("rename", -1)) {
    begins(@going, args.args[0], args.args[1], "RENAME");
  } else if ($id == getopt("renameat", -1) || $id == getopt("renameat2", -1)) {
    begins(@going, args.args[1], args.args[3], "RENAME");
  }
}

tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if (($id == getopt("unlink", -1) || $id == getopt("rmdir", -1) || $id == getopt("unlinkat", -1) ||
      $id == getopt("rename", -1) || $id == getopt("renameat", -1) || $id == getopt("renameat2", -1)) && has_key(@going, tid)) {
    $gone = @going[tid];
    delete(@going, tid);
    if (args.ret == 0) {
      $file = last_part($gone.path);
      $new_name = $gone.new_path == 0 ? (uint64)0 : last_part($gone.new_path);
      print((pid = pid, tid = tid, uid = uid, comm = comm, action = $gone.action, file = str(uptr((uint8 *)$file), 256),
        new_name = str(uptr((uint8 *)$new_name), 256)));
    }
  }
}
`,
  "filelife/functions.bt": `import "filter.bt";
import "open-files.bt";
import "paths.bt";

// Files by their dentry, from when they were made; in which mount is not always known.
let @born = lruhash(16384);
let @removing = hash(16384);

macro makes(@born, dentry, mnt) {
  if (traced()) {
    @born[(uint64)dentry] = (ns = nsecs, mnt = (uint64)mnt);
  }
}

CALL:vfs_create
{
  makes(@born, args.dentry, 0);
}

// What open() makes does not pass vfs_create.
CALL:vfs_open
{
  $file = args.file;
  if (was_created($file)) {
    $path = args.path;
    makes(@born, $path.dentry, $path.mnt);
  }
}

CALL:vfs_unlink
{
  $dentry = (uint64)args.dentry;
  if (traced() && has_key(@born, $dentry)) {
    $born = @born[$dentry];
    @removing[tid] = (dentry = $dentry, mnt = $born.mnt, age = nsecs - $born.ns);
  }
}

RETURN:vfs_unlink
{
  if (has_key(@removing, tid)) {
    $file = @removing[tid];
    delete(@removing, tid);
    if ((int32)retval == 0) {
      delete(@born, $file.dentry);
      $dentry = (struct dentry *)$file.dentry;
      if comptime (getopt("full-path", false)) {
        ancestors($dentry.d_parent, (struct vfsmount *)$file.mnt);
      }
      print((pid = pid, tid = tid, uid = uid, comm = comm, age_ns = $file.age, file = str($dentry.d_name.name)));
    }
  }
}
`,
  "filelife/syscalls.bt": `import "filter.bt";
import "open-files.bt";
import "paths.bt";
import "user-paths.bt";

// Files by the last part of their name, as many of one name as there are SLOTS of it. A removal tells a name only: which of them
// it was shows in the dentry, which holds the file before and does not hold it any more after.
let @born = lruhash(16384);
let @call = hash(16384);

// Puts a file in the first slot of its name that is free, or was its own already.
macro remember(@born, name, file) {
  for $i : 0..8 {
    $slot = (uint64)$i;
    if ($slot == 7 || !has_key(@born, (name, $slot)) || @born[name, $slot].dentry == file.dentry) {
      @born[name, $slot] = file;
      break;
    }
  }
}

// Whether a file still has its name: d_inode, and d_unhashed() of include/linux/dcache.h.
macro holds(dentry, ino) {
  (uint64)dentry.d_inode != 0 && dentry.d_inode.i_ino == ino && (uint64)dentry.d_hash.pprev != 0
}

// The files of the name that a path in the process's memory ends in, a bit for each slot, before a call may change that.
macro begins(@born, @call, path, new_path) {
  $name_at = last_part(path);
  $name = str(uptr((uint8 *)$name_at), 64);
  $held = (uint64)0;
  for $i : 0..8 {
    $slot = (uint64)$i;
    if (has_key(@born, ($name, $slot))) {
      $file = @born[$name, $slot];
      $dentry = (struct dentry *)$file.dentry;
      if (holds($dentry, $file.ino)) {
        $held |= (uint64)1 << $slot;
      }
    }
  }
  if ($held != 0) {
    @call[tid] = (name_at = $name_at, new_path = (uint64)new_path, held = $held, ns = nsecs);
  }
}

tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if ($id == getopt("unlink", -1)) {
    if (traced()) {
      begins(@born, @call, args.args[0], 0);
    }
  } else if ($id == getopt("unlinkat", -1)) {
    // AT_REMOVEDIR of include/uapi/linux/fcntl.h
    if ((args.args[2] & 0x200) == 0 && traced()) {
      begins(@born, @call, args.args[1], 0);
    }
  } else if ($id == getopt("rename", -1)) {
    begins(@born, @call, args.args[0], args.args[1]);
  } else if ($id == getopt("renameat", -1) || $id == getopt("renameat2", -1)) {
    begins(@born, @call, args.args[1], args.args[3]);
  }
}

macro made(@born, fd) {
  $file = open_file(fd);
  if (was_created($file)) {
    $dentry = $file.f_path.dentry;
    $name = str($dentry.d_name.name, 64);
    $made = (dentry = (uint64)$dentry, mnt = (uint64)$file.f_path.mnt, ino = $dentry.d_inode.i_ino, ns = nsecs);
    remember(@born, $name, $made);
  }
}

macro removed(@born, call) {
  $name = str(uptr((uint8 *)call.name_at), 64);
  for $i : 0..8 {
    $slot = (uint64)$i;
    if (((call.held >> $slot) & 1) == 1 && has_key(@born, ($name, $slot))) {
      $file = @born[$name, $slot];
      $dentry = (struct dentry *)$file.dentry;
      if (!(holds($dentry, $file.ino))) {
        delete(@born, ($name, $slot));
        if comptime (getopt("full-path", false)) {
          ancestors($dentry.d_parent, (struct vfsmount *)$file.mnt);
        }
        print((pid = pid, tid = tid, uid = uid, comm = comm, age_ns = call.ns - $file.ns,
          file = str(uptr((uint8 *)call.name_at), 256)));
        break;
      }
    }
  }
}

// A file that has another name now is found by that.
macro renamed(@born, call) {
  $name = str(uptr((uint8 *)call.name_at), 64);
  for $i : 0..8 {
    $slot = (uint64)$i;
    if (((call.held >> $slot) & 1) == 1 && has_key(@born, ($name, $slot))) {
      $file = @born[$name, $slot];
      $dentry = (struct dentry *)$file.dentry;
      $new_name = str($dentry.d_name.name, 64);
      if (holds($dentry, $file.ino) && $new_name != $name) {
        delete(@born, ($name, $slot));
        remember(@born, $new_name, $file);
      }
    }
  }
}

tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if ($id == getopt("open", -1) || $id == getopt("openat", -1) || $id == getopt("openat2", -1) || $id == getopt("creat", -1)) {
    if (args.ret >= 0 && traced()) {
      made(@born, args.ret);
    }
  } else if (($id == getopt("unlink", -1) || $id == getopt("unlinkat", -1) || $id == getopt("rename", -1) ||
      $id == getopt("renameat", -1) || $id == getopt("renameat2", -1)) && has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    if (args.ret == 0) {
      if ($call.new_path == 0) {
        removed(@born, $call);
      } else {
        renamed(@born, $call);
      }
    }
  }
}
`,
  "fileslower/functions.bt": `
CALL:vfs_read { $file = args.file; starts(@started, $file, "R", args.count); }
CALL:vfs_write { $file = args.file; starts(@started, $file, "W", args.count); }
RETURN:vfs_read { ends(@started); }
RETURN:vfs_write { ends(@started); }
`,
  "fileslower/slow.bt": `import "filter.bt";
import "open-files.bt";

let @started = hash(16384);

// Calls of files that have no read_iter or write_iter are of devices and the like, which have their own ways.
macro starts(@started, file, operation, bytes) {
  $dentry = file.f_path.dentry;
  $does = operation == "R" ? (uint64)file.f_op.read_iter : (uint64)file.f_op.write_iter;
  if ($does != 0 && $dentry.d_name.len != 0 &&
      (getopt("all", false) || ((uint32)file.f_inode.i_mode & 0170000) == 0100000) && traced()) {
    @started[tid] = (ns = nsecs, file = (uint64)file, operation = operation, bytes = (uint32)bytes);
  }
}

macro ends(@started) {
  if (has_key(@started, tid)) {
    $call = @started[tid];
    delete(@started, tid);
    $latency = nsecs - $call.ns;
    if ($latency >= (uint64)getopt("min", 0)) {
      $file = (struct file *)$call.file;
      $dentry = $file.f_path.dentry;
      print((pid = pid, tid = tid, uid = uid, comm = comm, operation = $call.operation, bytes = $call.bytes,
        latency_ns = $latency, file = str($dentry.d_name.name)));
    }
  }
}
`,
  "fileslower/syscalls.bt": `
tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if ($id == getopt("read", -1) || $id == getopt("pread64", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io($file)) {
      starts(@started, $file, "R", args.args[2]);
    }
  } else if ($id == getopt("write", -1) || $id == getopt("pwrite64", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io($file)) {
      starts(@started, $file, "W", args.args[2]);
    }
  }
}

tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if ($id == getopt("read", -1) || $id == getopt("pread64", -1) || $id == getopt("write", -1) || $id == getopt("pwrite64", -1)) {
    ends(@started);
  }
}
`,
  "filetop/filetop.bt": `import "filter.bt";
import "open-files.bt";

let @reads = percpuhash(16384);
let @writes = percpuhash(16384);

// S_IFMT, S_IFREG and S_IFSOCK of include/uapi/linux/stat.h.
macro file_type(mode) {
  (mode & 0170000) == 0100000 ? "R" : (mode & 0170000) == 0140000 ? "S" : "O"
}

macro file_io(@transfers, file, bytes) {
  $dentry = file.f_path.dentry;
  $inode = file.f_inode;
  $mode = (uint32)$inode.i_mode;
  if ($dentry.d_name.len != 0 && (getopt("all", false) || ($mode & 0170000) == 0100000) &&
      (getopt("folder", 0) == 0 || ($dentry.d_parent.d_inode.i_ino == (uint64)getopt("folder", 0) &&
       $inode.i_sb.s_dev == (uint32)getopt("device", 0))) && traced()) {
    @transfers[tid, comm, $inode.i_ino, (uint32)$inode.i_sb.s_dev, file_type($mode), str($dentry.d_name.name, 128)] =
      stats((uint64)bytes);
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
  "funcinterval/funcinterval.bt": `import "filter.bt";

// Processors are not waited for: one may see a call of another that is later than its own.
PROBE
{
  if (traced()) {
    $now = (uint64)nsecs;
    $last = @last;
    if ($last != 0 && $now >= $last) {
      @intervals = hist(($now - $last) / (uint64)getopt("divisor", 1));
    }
    @last = $now;
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
  "futexctn/futexctn.bt": `import "filter.bt";

// FUTEX_WAIT, private or not, by whichever clock (include/uapi/linux/futex.h).
tracepoint:syscalls:sys_enter_futex
/(args.op & 127) == 0 && (getopt("lock", 0) == 0 || (uint64)args.uaddr == (uint64)getopt("lock", 0)) && traced()/
{
  @wait[tid] = (ns = nsecs, lock = (uint64)args.uaddr);
}

macro waited(@latency, @times, @most, @least, key, time) {
  @latency[key] = hist(time);
  @times[key] = stats(time);
  @most[key] = max(time);
  @least[key] = min(time);
}

// Who did not wait, or was not woken, has a negative result.
tracepoint:syscalls:sys_exit_futex
{
  $wait = @wait[tid];
  if ($wait.ns != 0) {
    delete(@wait, tid);
    if (args.ret >= 0) {
      $time = (uint64)(nsecs - $wait.ns) / (uint64)getopt("divisor", 1000);
      if comptime (getopt("summary", false)) {
        waited(@latency, @times, @most, @least, (pid = pid, comm = leader_comm(), lock = $wait.lock), $time);
      } else {
        waited(@latency, @times, @most, @least, (pid = pid, tid = tid, comm = comm, lock = $wait.lock,
          user = ustack), $time);
      }
    }
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
  $call = @call[tid];
  if ($call.ns != 0) {
    $now = nsecs;
    print((ns = $now, pid = pid, comm = comm, latency_ns = $now - $call.ns, host = $call.host));
    delete(@call, tid);
  }
}
`,
  "hardirqs/hardirqs.bt": `macro wanted() {
  getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)
}

// Handlers run with interrupts off, one at a time on each processor.
rawtracepoint:irq_handler_entry
{
  if comptime (!getopt("count", false)) {
    if (wanted()) {
      @entered[cpu] = nsecs;
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
    $since = @entered[cpu];
    if ($since != 0 && args.ret != 0) {
      if comptime (getopt("dist", false)) {
        @irqs[str(args.action.name, 32)] = hist((uint64)(nsecs - $since) / getopt("divisor", 1000));
      } else {
        @irqs[str(args.action.name, 32)] = sum((uint64)(nsecs - $since));
      }
    }
  }
}
`,
  "killsnoop/killsnoop.bt": `import "filter.bt";
import "signals.bt";

tracepoint:syscalls:sys_enter_kill
{
  if (traced() && (!getopt("by-target", false) || (int32)args.pid == getopt("tpid", 0)) &&
      chosen_signal(args.sig)) {
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
  "klockstat/contended.bt": `import "filter.bt";
import "klockstat/times.bt";

// LCB_F_* of include/trace/events/lock.h: mutexes, and readers or writers that do not spin.
macro sleeps(flags) {
  (flags & 32) != 0 || ((flags & 1) == 0 && (flags & 6) != 0)
}

// A mutex begins twice: to spin, and to sleep. Spinlocks may be waited for in between.
rawtracepoint:contention_begin
{
  if (sleeps(args.flags) && traced_lock(args.lock) && !has_key(@asked, tid)) {
    @asked[tid] = (ns = nsecs, lock = (uint64)args.lock, stack = kstack);
  }
}

rawtracepoint:contention_end
{
  $asked = @asked[tid];
  if ($asked.ns != 0 && $asked.lock == (uint64)args.lock) {
    delete(@asked, tid);
    if (args.ret == 0) {
      adds(@waits, @longest_waits, $asked);
    }
  }
}
`,
  "klockstat/locks.bt": `import "filter.bt";
import "klockstat/times.bt";

// Who holds a lock: a thread and an address. Some are released by another thread than the one that took them.
let @held = lruhash(65536);

macro asks(@asked, lock) {
  if (traced_lock(lock)) {
    @asked[tid] = (ns = nsecs, lock = (uint64)lock, stack = kstack);
  }
}

// What was asked for was got, if \`is_got\`.
macro gets(@asked, @held, @waits, @longest_waits, is_got) {
  $asked = @asked[tid];
  if ($asked.ns != 0) {
    delete(@asked, tid);
    if (is_got) {
      adds(@waits, @longest_waits, $asked);
      @held[tid, $asked.lock] = (ns = nsecs, stack = $asked.stack);
    }
  }
}

macro releases(@held, @holds, @longest_holds, lock) {
  $held = @held[tid, (uint64)lock];
  if ($held.ns != 0) {
    delete(@held, (tid, (uint64)lock));
    adds(@holds, @longest_holds, $held);
  }
}
`,
  "klockstat/times.bt": `// Adds the time since something began to those of its caller, or of its thread.
macro adds(@times, @most, begun) {
  $ns = (uint64)(nsecs - begun.ns);
  if comptime (getopt("threads", false)) {
    @times[(tid = tid, comm = comm)] = stats($ns);
    @most[(tid = tid, comm = comm)] = max($ns);
  } else {
    @times[(stack = begun.stack)] = stats($ns);
    @most[(stack = begun.stack)] = max($ns);
  }
}
`,
  "kvmexit/kvmexit.bt": `import "filter.bt";

// Of a virtual machine the threads are its processors; which of them it is, is their number as well.
tracepoint:kvm:kvm_exit
{
  if (traced() && (getopt("vcpu", -1) == -1 || args.vcpu_id == (uint32)getopt("vcpu", -1))) {
    @exits[pid, tid, args.isa, args.exit_reason] = count();
  }
}
`,
  "llcstat/llcstat.bt": `import "filter.bt";

macro task() {
  (pid, getopt("threads", false) ? (uint32)tid : (uint32)pid, (uint32)cpu, comm)
}

hardware:cache-references:PERIOD
{
  if (traced()) {
    @references[task()] = count();
  }
}

hardware:cache-misses:PERIOD
{
  if (traced()) {
    @misses[task()] = count();
  }
}
`,
  "mdflush/mdflush.bt": `import "filter.bt";

// A bio comes to an md device that asks to flush what disks keep in memory (REQ_PREFLUSH); md then flushes those that it is made
// of. MD_MAJOR: include/uapi/linux/major.h.
rawtracepoint:block_bio_queue
{
  $bio = args.bio;
  if (($bio.bi_opf & ((uint32)1 << (uint32)__REQ_PREFLUSH)) != 0) {
    $disk = $bio.bi_bdev.bd_disk;
    if ($disk.major == 9 && traced()) {
      print((pid = pid, comm = comm, device = $disk.disk_name));
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
  "mountsnoop/mountsnoop.bt": `import "filter.bt";

let @call = hash(4096);

tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if (($id == getopt("mount", -1) || $id == getopt("umount2", -1) || $id == getopt("fsopen", -1) ||
      $id == getopt("fsconfig", -1) || $id == getopt("fsmount", -1) || $id == getopt("move_mount", -1)) && traced()) {
    @call[tid] = (ns = nsecs, a = args.args[0], b = args.args[1], c = args.args[2], d = args.args[3], e = args.args[4]);
  }
}

// What arguments point to is read when the call is over: it is there as long as that.
tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if (($id == getopt("mount", -1) || $id == getopt("umount2", -1) || $id == getopt("fsopen", -1) ||
      $id == getopt("fsconfig", -1) || $id == getopt("fsmount", -1) || $id == getopt("move_mount", -1)) && has_key(@call, tid)) {
    $call = @call[tid];
    delete(@call, tid);
    $first = (uint64)0;
    $second = (uint64)0;
    $third = (uint64)0;
    $fourth = (uint64)0;
    if ($id == getopt("mount", -1)) {
      $first = $call.a;
      $second = $call.b;
      $third = $call.c;
      $fourth = $call.e;
    } else if ($id == getopt("umount2", -1) || $id == getopt("fsopen", -1)) {
      $first = $call.a;
    } else if ($id == getopt("fsconfig", -1)) {
      $first = $call.c;
      $second = $call.d;
    } else if ($id == getopt("move_mount", -1)) {
      $first = $call.b;
      $second = $call.d;
    }
    print((pid = pid, tid = tid, uid = uid, comm = comm, ppid = ppid, pcomm = pcomm,
      mnt_ns = (uint32)curtask.nsproxy.mnt_ns.ns.inum, latency_ns = nsecs - $call.ns, call = (int64)$id, ret = (int32)args.ret,
      numbers = ((int64)$call.a, (int64)$call.b, (int64)$call.c, (int64)$call.d, (int64)$call.e),
      texts = (str(uptr((uint8 *)$first), 412), str(uptr((uint8 *)$second), 412), str(uptr((uint8 *)$third), 412),
        str(uptr((uint8 *)$fourth), 412))));
  }
}
`,
  "mptcpify/mptcpify.bt": `import "filter.bt";
import "socket.bt";

// SOCK_TYPE_MASK and SOCK_STREAM of include/linux/net.h: flags stand above the type.
macro is_stream(type) {
  (type & 0xf) == 1
}

// TCP is what 0 means for a stream.
macro asks_for_tcp(protocol) {
  protocol == 0 || protocol == ipproto_tcp()
}

macro ipproto_mptcp() {
  262
}

// What socket() makes a socket of, in place of what it was asked for.
fmod_ret:update_socket_protocol
{
  if (traced() && is_target() && (args.family == af_inet() || args.family == af_inet6()) &&
      is_stream(args.type) && asks_for_tcp(args.protocol)) {
    @sockets[comm] = count();
    print((pid = pid, comm = comm, ip = args.family == af_inet() ? 4 : 6));
    return ipproto_mptcp();
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
  "numamove/numamove.bt": `import "filter.bt";

// A task moves a page to the node that it runs on.
tracepoint:migrate:mm_migrate_pages_start
{
  if (args.reason == MR_NUMA_MISPLACED && traced()) {
    @begun[tid] = nsecs;
  }
}

tracepoint:migrate:mm_migrate_pages
{
  if (args.reason == MR_NUMA_MISPLACED && has_key(@begun, tid)) {
    @migrations = count();
    @ns = sum(nsecs - @begun[tid]);
    delete(@begun, tid);
  }
}
`,
  "numasched/numasched.bt": `import "filter.bt";

// A thread goes on: on the node where it ran last, or on another. One more than its number is kept; none is 0.
rawtracepoint:sched_switch
{
  let $task = args.next;
  if ($task.pid != 0 && traced_task($task)) {
    let $node = (uint32)numaid;
    let $last = @node[$task.pid];
    if ($last != $node + 1) {
      @node[$task.pid] = $node + 1;
      if ($last != 0) {
        print((ns = nsecs, pid = $task.tgid, tid = $task.pid, from = $last - 1, to = $node, comm = $task.comm));
      }
    }
  }
}

rawtracepoint:sched_process_exit /has_key(@node, (int32)tid)/
{
  delete(@node, (int32)tid);
}
`,
  "offcputime/offcputime.bt": `import "filter.bt";
import "away.bt";

// The task that leaves is the current one: these are its stacks.
rawtracepoint:sched_switch
{
  $prev = args.prev;
  if (leaves($prev)) {
    if comptime (getopt("stacks", "both") == "user") {
      @left[$prev.pid] = (ns = nsecs, user = ustack);
    } else if comptime (getopt("stacks", "both") == "kernel") {
      @left[$prev.pid] = (ns = nsecs, kernel = kstack);
    } else {
      @left[$prev.pid] = (ns = nsecs, user = ustack, kernel = kstack);
    }
  }
  $next = args.next;
  $left = @left[$next.pid];
  if ($left.ns != 0) {
    delete(@left, $next.pid);
    $us = us_since($left.ns);
    if (is_counted($us)) {
      if comptime (getopt("stacks", "both") == "user") {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, user = $left.user)] = sum($us);
      } else if comptime (getopt("stacks", "both") == "kernel") {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, kernel = $left.kernel)] = sum($us);
      } else {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, user = $left.user, kernel = $left.kernel)] =
          sum($us);
      }
    }
  }
}
`,
  "offwaketime/offwaketime.bt": `import "filter.bt";
import "away.bt";

// In the context of the waker; sched_wakeup may come on another processor.
rawtracepoint:sched_waking
{
  if (has_key(@left, args.p.pid)) {
    if comptime (getopt("stacks", "both") == "user") {
      @woken[args.p.pid] = (pid = pid, tid = tid, comm = comm, user = ustack);
    } else if comptime (getopt("stacks", "both") == "kernel") {
      @woken[args.p.pid] = (pid = pid, tid = tid, comm = comm, kernel = kstack);
    } else {
      @woken[args.p.pid] = (pid = pid, tid = tid, comm = comm, user = ustack, kernel = kstack);
    }
  }
}

// The task that leaves is the current one: these are its stacks.
rawtracepoint:sched_switch
{
  $prev = args.prev;
  if (leaves($prev)) {
    if comptime (getopt("stacks", "both") == "user") {
      @left[$prev.pid] = (ns = nsecs, user = ustack);
    } else if comptime (getopt("stacks", "both") == "kernel") {
      @left[$prev.pid] = (ns = nsecs, kernel = kstack);
    } else {
      @left[$prev.pid] = (ns = nsecs, user = ustack, kernel = kstack);
    }
  }
  $next = args.next;
  $left = @left[$next.pid];
  if ($left.ns != 0) {
    delete(@left, $next.pid);
    $us = us_since($left.ns);
    if (is_counted($us)) {
      // Nobody wakes a task that could have gone on: its waker has no name.
      $waker = @woken[$next.pid];
      if comptime (getopt("stacks", "both") == "user") {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, user = $left.user, waker = $waker)] = sum($us);
      } else if comptime (getopt("stacks", "both") == "kernel") {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, kernel = $left.kernel, waker = $waker)] = sum($us);
      } else {
        @time[(pid = $next.tgid, tid = $next.pid, comm = $next.comm, user = $left.user, kernel = $left.kernel,
          waker = $waker)] = sum($us);
      }
    }
    _ = delete(@woken, $next.pid);
  }
}
`,
  "oomkill/process.bt": `import "filter.bt";

macro killed(oc) {
  if (traced()) {
    print((pid = pid, comm = comm, victim_pid = oc.chosen.tgid, victim_comm = oc.chosen.comm,
      pages = (int64)oc.totalpages));
  }
}

HOOK
`,
  "oomkill/victim.bt": `import "filter.bt";

// Who asked for memory when there was none is who runs; who is killed for it is not known to know of it yet.
rawtracepoint:mark_victim
{
  if (traced()) {
    $victim = args.task;
    print((pid = pid, comm = comm, victim_pid = $victim.tgid, victim_comm = $victim.comm, pages = (int64)-1));
  }
}
`,
  "opensnoop/opensnoop.bt": `import "filter.bt";
import "paths.bt";

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
        flags = $call.1, mode = $call.2, path = $path STACK));
    }
  }
}
`,
  "pidpersec/pidpersec.bt": `import "filter.bt";

rawtracepoint:sched_process_fork
{
  if (traced()) {
    @forks = count();
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
  "rdmaucma/rdmaucma.bt": `import "filter.bt";

// An address (struct sockaddr_storage) of IP as text.
macro rdma_address(storage) {
  let $in = (struct sockaddr_in *)storage;
  let $in6 = (struct sockaddr_in6 *)storage;
  $in.sin_family == 2 ? ntop($in.sin_addr.s_addr) : ntop($in6.sin6_addr.in6_u.u6_addr8)
}

// The port is at the same place in both.
macro rdma_port(storage) {
  bswap(((struct sockaddr_in *)storage).sin_port)
}

// An event goes to the handler of whoever made the connection: those of programs have that of rdma_ucm. Most come in kernel
// threads; whose connection it is stands in struct rdma_restrack_entry. For the verifier, arguments of a module's tracepoint
// may be 0.
rawtracepoint:cm_event_handler
{
  $connection = args.id_priv;
  $event = args.event;
  if ($connection != 0 && $event != 0) {
    $task = $connection.res.task;
    if ((uint64)$connection.id.event_handler == kaddr("ucma_event_handler") && traced_task($task)) {
      $local = &$connection.id.route.addr.src_addr;
      $remote = &$connection.id.route.addr.dst_addr;
      print((ns = nsecs, pid = $task.tgid, comm = $task.comm, event = (int32)$event.event, status = $event.status,
        family = $local.ss_family, laddr = rdma_address($local), lport = rdma_port($local),
        raddr = rdma_address($remote), rport = rdma_port($remote)));
    }
  }
}
`,
  "readahead/functions.bt": `import "filter.bt";

// Threads that read ahead now, and what they have read and nobody has asked for yet.
let @ahead = hash(16384);
let @unused = lruhash(262144);

CALL:READAHEAD
{
  if (traced()) {
    @ahead[tid] = 1;
  }
}

RETURN:READAHEAD
{
  if (has_key(@ahead, tid)) {
    delete(@ahead, tid);
  }
}

RETURN:ALLOCATE
{
  if (has_key(@ahead, tid) && (uint64)retval != 0) {
    @unused[(uint64)retval] = nsecs;
    @pages = count();
  }
}

CALL:folio_mark_accessed
{
  $folio = (uint64)args.folio;
  if (has_key(@unused, $folio)) {
    @ages = hist((nsecs - @unused[$folio]) / 1000000);
    delete(@unused, $folio);
    @used = count();
  }
}
`,
  "readahead/tracepoints.bt": `import "filter.bt";

// Of which file and which of its pages a thread reads ahead, and pages that were read and nobody has asked for yet.
let @ahead = lruhash(16384);
let @unused = lruhash(262144);

macro reads_ahead(@ahead, inode, first, count) {
  if (traced()) {
    $inode = inode;
    $from = (uint64)first;
    @ahead[tid] = (inode = $inode.i_ino, device = (uint32)$inode.i_sb.s_dev, from = $from, to = $from + (uint64)count);
  }
}

macro asked_for(@unused, @ages, @used, mapping, first, last) {
  $inode = mapping.host;
  $size = (uint64)$inode.i_size;
  $ino = $inode.i_ino;
  $device = (uint32)$inode.i_sb.s_dev;
  $page = (uint64)first;
  $end = $size == 0 ? (uint64)0 : ($size - 1) >> 12;
  $to = (uint64)last < $end ? (uint64)last : $end;
  for $i : 0..4096 {
    if ($page > $to) {
      break;
    }
    if (has_key(@unused, ($ino, $device, $page))) {
      @ages = hist((nsecs - @unused[$ino, $device, $page]) / 1000000);
      delete(@unused, ($ino, $device, $page));
      @used = count();
    }
    $page++;
  }
}

rawtracepoint:page_cache_ra_unbounded
{
  reads_ahead(@ahead, args.inode, args.index, args.nr_to_read);
}

rawtracepoint:page_cache_ra_order
{
  $ra = args.ra;
  reads_ahead(@ahead, args.inode, $ra.start, $ra.size);
}

// A folio is one page or, of large ones, 2^order.
tracepoint:filemap:mm_filemap_add_to_page_cache
{
  $ahead = @ahead[tid];
  $index = (uint64)args.index;
  if ($ahead.to != 0 && $ahead.inode == args.i_ino && $ahead.device == (uint32)args.s_dev && $index >= $ahead.from &&
      $index < $ahead.to) {
    $count = (uint64)1 << (uint64)args.order;
    for $i : 0..512 {
      if ((uint64)$i >= $count) {
        break;
      }
      @unused[$ahead.inode, $ahead.device, $index + (uint64)$i] = nsecs;
    }
    @pages = sum($count);
  }
}

rawtracepoint:mm_filemap_get_pages
{
  $mapping = args.mapping;
  asked_for(@unused, @ages, @used, $mapping, args.index, args.last_index);
}

// Through mapped memory.
rawtracepoint:mm_filemap_fault
{
  $mapping = args.mapping;
  asked_for(@unused, @ages, @used, $mapping, args.index, args.index);
}

rawtracepoint:mm_filemap_map_pages
{
  $mapping = args.mapping;
  asked_for(@unused, @ages, @used, $mapping, args.index, args.last_index);
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
    if comptime (getopt("host", false)) {
      $tasks = (int64)$queue.rq.nr_running;
    } else if comptime (getopt("field", "nr_running") == "nr_queued") {
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
  "sigsnoop/all.bt": `import "filter.bt";
import "signals.bt";

// The result is one of TRACE_SIGNAL_*, include/trace/events/signal.h: 0 is delivered.
rawtracepoint:signal_generate
{
  if (traced() && chosen_signal(args.sig) && (!getopt("failed", false) || args.result != 0)) {
    $target = args.task;
    print((pid = pid, tid = tid, uid = uid, comm = comm, signal = args.sig, tpid = $target.pid,
      tcomm = $target.comm, result = args.result));
  }
}
`,
  "sigsnoop/kill.bt": `import "filter.bt";
import "signals.bt";

// Whoever gets the signal is known where it is made, and only if there is someone: the last one of several.
rawtracepoint:signal_generate
{
  if (has_key(@call, tid)) {
    @target[tid] = args.task.comm;
  }
}

macro begins(@call, target, signal) {
  if (traced() && chosen_signal(signal)) {
    @call[tid] = ((int32)target, (int32)signal);
  }
}

macro ends(@call, @target, ret) {
  if (has_key(@call, tid)) {
    $call = @call[tid];
    $name = @target[tid];
    delete(@call, tid);
    delete(@target, tid);
    if (!getopt("failed", false) || ret < 0) {
      print((pid = pid, tid = tid, uid = uid, comm = comm, signal = $call.1, tpid = $call.0, tcomm = $name,
        result = (int32)ret));
    }
  }
}

tracepoint:syscalls:sys_enter_kill { begins(@call, args.pid, args.sig); }
tracepoint:syscalls:sys_enter_tkill { begins(@call, args.pid, args.sig); }
tracepoint:syscalls:sys_enter_tgkill { begins(@call, args.pid, args.sig); }
tracepoint:syscalls:sys_exit_kill { ends(@call, @target, args.ret); }
tracepoint:syscalls:sys_exit_tkill { ends(@call, @target, args.ret); }
tracepoint:syscalls:sys_exit_tgkill { ends(@call, @target, args.ret); }
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
  "softirqs/softirqs.bt": `// They run one after the other on each processor.
rawtracepoint:softirq_entry
{
  if (getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)) {
    if comptime (getopt("events", false)) {
      @irqs[(uint32)args.vec_nr] = count();
    } else {
      @entered[cpu] = nsecs;
    }
  }
}

rawtracepoint:softirq_exit
{
  if comptime (!getopt("events", false)) {
    $since = @entered[cpu];
    if ($since != 0) {
      if comptime (getopt("dist", false)) {
        @irqs[(uint32)args.vec_nr] = hist((uint64)(nsecs - $since) / getopt("divisor", 1000));
      } else {
        @irqs[(uint32)args.vec_nr] = sum((uint64)(nsecs - $since));
      }
    }
  }
}
`,
  "softirqslower/softirqslower.bt": `// An interrupt is raised, begins and ends on one processor; one that is raised already stays so.
macro here(vec) {
  ((uint32)cpu, (uint32)vec)
}

macro chosen() {
  getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)
}

macro slow(stage, vec, since) {
  $ns = nsecs - since;
  if ($ns >= (uint64)getopt("min", 10000) * 1000) {
    print((stage = stage, vec = (uint32)vec, latency_ns = $ns, cpu = cpu, comm = comm));
  }
}

rawtracepoint:softirq_raise
{
  if (chosen() && !has_key(@raised, here(args.vec_nr))) {
    @raised[here(args.vec_nr)] = nsecs;
  }
}

rawtracepoint:softirq_entry
{
  if (chosen()) {
    $raised = @raised[here(args.vec_nr)];
    if ($raised != 0) {
      slow("raise", args.vec_nr, $raised);
      delete(@raised, here(args.vec_nr));
    }
    @entered[here(args.vec_nr)] = nsecs;
  }
}

rawtracepoint:softirq_exit
{
  $entered = @entered[here(args.vec_nr)];
  if (chosen() && $entered != 0) {
    slow("run", args.vec_nr, $entered);
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
  "stackcount/stackcount.bt": `import "filter.bt";

PROBES
{
  if ((getopt("cpu", -1) == -1 || cpu == (uint64)getopt("cpu", -1)) && traced()) {
    if comptime (getopt("stacks", "both") == "user") {
      @counts[(pid = pid, comm = comm, user = ustack)] = count();
    } else if comptime (getopt("stacks", "both") == "both") {
      @counts[(pid = pid, comm = comm, user = ustack, kernel = kstack)] = count();
    } else if comptime (getopt("tasks", false)) {
      @counts[(pid = pid, comm = comm, kernel = kstack)] = count();
    } else {
      @counts[(pid = (uint32)0, comm = "", kernel = kstack)] = count();
    }
  }
}
`,
  "statsnoop/statsnoop.bt": `import "filter.bt";

let @path = hash(16384);

tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if ($id == getopt("stat", -1) || $id == getopt("lstat", -1) || $id == getopt("statfs", -1)) {
    if (traced()) {
      @path[tid] = args.args[0];
    }
  } else if ($id == getopt("statx", -1) || $id == getopt("newfstatat", -1)) {
    if (traced()) {
      @path[tid] = args.args[1];
    }
  }
}

tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if (($id == getopt("stat", -1) || $id == getopt("lstat", -1) || $id == getopt("statfs", -1) || $id == getopt("statx", -1) ||
      $id == getopt("newfstatat", -1)) && has_key(@path, tid)) {
    $path = @path[tid];
    delete(@path, tid);
    $ret = (int32)args.ret;
    if (!getopt("failed", false) || $ret < 0) {
      print((ns = nsecs, pid = pid, tid = tid, uid = uid, comm = comm, fd = $ret < 0 ? -1 : $ret, err = $ret < 0 ? -$ret : 0,
        syscall = (int64)$id, path = str(uptr((uint8 *)$path))));
    }
  }
}
`,
  "swapin/swapin.bt": `import "filter.bt";

FUNCTION
{
  if (traced()) {
    @reads[pid, comm] = count();
  }
}
`,
  "syncsnoop/syncsnoop.bt": `import "filter.bt";

tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  if (($id == getopt("sync", -1) || $id == getopt("fsync", -1) || $id == getopt("fdatasync", -1) || $id == getopt("msync", -1) ||
      $id == getopt("sync_file_range", -1) || $id == getopt("syncfs", -1)) && traced()) {
    print((ns = nsecs(monotonic), pid = pid, tid = tid, uid = uid, comm = comm, call = (int64)$id));
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
  "tcpconnect/dns.bt": `// Answers of name servers, as whoever asked receives them: into the buffer of a system call, from a socket that is
// connected to UDP port 53.

macro awaits(@buffer, fd, address) {
  let $file = file_behind(fd);
  if (is_socket($file)) {
    let $sk = socket_of($file);
    if ($sk.sk_protocol == ipproto_udp() && remote_port($sk) == 53) {
      @buffer[tid] = (uint64)address;
    }
  }
}

tracepoint:syscalls:sys_enter_recvfrom
{
  awaits(@answers, args.fd, args.ubuf);
}

tracepoint:syscalls:sys_enter_recvmsg
{
  awaits(@answers, args.fd, args.msg.msg_iov.iov_base);
}

tracepoint:syscalls:sys_enter_read
{
  awaits(@answers, args.fd, args.buf);
}

tracepoint:syscalls:sys_exit_recvfrom, tracepoint:syscalls:sys_exit_recvmsg, tracepoint:syscalls:sys_exit_read
/has_key(@answers, tid)/
{
  if (args.ret > 0) {
    print((answer = buf((int8 *)@answers[tid], (uint64)(args.ret < 512 ? args.ret : 512)), ns = nsecs));
  }
  delete(@answers, tid);
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
  "ttysnoop/ttysnoop.bt": `import "filter.bt";
import "open-files.bt";

// Whether a file (struct file *) is the terminal: an inode, and the file system that it is in.
macro is_terminal(file) {
  file.f_inode.i_ino == (uint64)getopt("inode", 0) && file.f_inode.i_sb.s_dev == (uint32)getopt("device", 0)
}

// What is written, in pieces.
macro shows(address, bytes) {
  let $address = address;
  let $left = (uint64)bytes;
  for $i : 0..getopt("pieces", 16) {
    if ($left == 0) {
      break;
    }
    let $size = $left < (uint64)getopt("size", 256) ? $left : (uint64)getopt("size", 256);
    if comptime (getopt("raw", false)) {
      printf("%s", str($address, (int64)$size + 1));
    } else {
      print((pid = pid, comm = comm, text = str($address, (int64)$size + 1)));
    }
    $address += $size;
    $left -= $size;
  }
}

tracepoint:syscalls:sys_enter_write
{
  if (traced()) {
    let $file = open_file(args.fd);
    if ((uint64)$file != 0 && is_terminal($file)) {
      shows(args.buf, args.count);
    }
  }
}

tracepoint:syscalls:sys_enter_writev
{
  if (traced()) {
    let $file = open_file(args.fd);
    if ((uint64)$file != 0 && is_terminal($file)) {
      let $vector = (struct iovec *)args.vec;
      let $count = args.vlen;
      for $j : 0..8 {
        if ((uint64)$j < (uint64)$count) {
          let $one = $vector + $j;
          shows($one.iov_base, $one.iov_len);
        }
      }
    }
  }
}
`,
  "ucalls/method-ends.bt": `
METHOD_RETURN
{
  if (traced()) {
    $class = CLASS_NAME;
    $method = METHOD_NAME;
    ends(@methods, @open, (tid, $class, $method), ($class, $method));
  }
}
`,
  "ucalls/methods.bt": `
METHOD_ENTRY
{
  if (traced()) {
    $class = CLASS_NAME;
    $method = METHOD_NAME;
    begins(@methods, @open, (tid, $class, $method), ($class, $method));
  }
}
`,
  "ucalls/syscall-ends.bt": `
tracepoint:raw_syscalls:sys_exit
{
  if (args.id >= 0 && traced()) {
    ends(@syscalls, @open_syscalls, tid, args.id);
  }
}
`,
  "ucalls/syscalls.bt": `
tracepoint:raw_syscalls:sys_enter
{
  if (args.id >= 0 && traced()) {
    begins(@syscalls, @open_syscalls, tid, args.id);
  }
}
`,
  "ucalls/ucalls.bt": `import "filter.bt";

// A call: counted, or where it began. A call inside another of the same name belongs to the outer one's time.
macro begins(@calls, @open, key, name) {
  if comptime (getopt("latency", false)) {
    if (!has_key(@open, key)) {
      @open[key] = (ns = nsecs(monotonic), depth = (uint64)1);
    } else {
      $call = @open[key];
      @open[key] = (ns = $call.ns, depth = $call.depth + 1);
    }
  } else {
    @calls[name] = count();
  }
}

// The end of a call whose beginning was seen.
macro ends(@calls, @open, key, name) {
  if (has_key(@open, key)) {
    $call = @open[key];
    if ($call.depth > 1) {
      @open[key] = (ns = $call.ns, depth = $call.depth - 1);
      @calls[name] = stats((uint64)0);
    } else {
      delete(@open, key);
      @calls[name] = stats(nsecs(monotonic) - $call.ns);
    }
  }
}
`,
  "uflow/uflow.bt": `import "filter.bt";

// Whether a call's names begin as the options ask for.
macro wanted(class, method) {
  traced() && (getopt("class", "") == "" || strstr(class, getopt("class", "")) == 0) &&
  (getopt("method", "") == "" || strstr(method, getopt("method", "")) == 0)
}

METHOD_ENTRY
{
  $class = CLASS_NAME;
  $method = METHOD_NAME;
  if (wanted($class, $method)) {
    @depth[tid]++;
    print((ns = nsecs(monotonic), cpu = cpu, pid = pid, tid = tid, event = "entry", depth = @depth[tid], class = $class,
      method = $method));
  }
}

METHOD_RETURN
{
  $class = CLASS_NAME;
  $method = METHOD_NAME;
  if (wanted($class, $method)) {
    $depth = @depth[tid];
    print((ns = nsecs(monotonic), cpu = cpu, pid = pid, tid = tid, event = "return", depth = $depth, class = $class,
      method = $method));
    if ($depth > 1) {
      @depth[tid] = $depth - 1;
    } else if ($depth == 1) {
      delete(@depth, tid);
    }
  }
}
`,
  "ugc/java.bt": `
// A collection, and in it each pool of memory that it is about.
usdt:"RUNTIME":*:gc__begin
{
  if (traced()) {
    @open[tid] = (ns = nsecs(monotonic), full = (uint8)arg0);
  }
}

usdt:"RUNTIME":*:gc__end
{
  if (has_key(@open, tid)) {
    $gc = @open[tid];
    delete(@open, tid);
    $ns = nsecs(monotonic) - $gc.ns;
    if (is_long($ns)) {
      print((ns = $gc.ns, tid = tid, elapsed_ns = $ns, manager = "", pool = "", full = $gc.full,
        used_before = (int64)0, used_after = (int64)0, max_before = (int64)0, max_after = (int64)0));
    }
  }
}

usdt:"RUNTIME":*:mem__pool__gc__begin
{
  if (traced()) {
    @open_pools[tid, arg2] = (ns = nsecs(monotonic), used = (int64)arg5, max = (int64)arg7);
  }
}

usdt:"RUNTIME":*:mem__pool__gc__end
{
  if (has_key(@open_pools, (tid, arg2))) {
    $gc = @open_pools[tid, arg2];
    delete(@open_pools, (tid, arg2));
    $ns = nsecs(monotonic) - $gc.ns;
    if (is_long($ns)) {
      print((ns = $gc.ns, tid = tid, elapsed_ns = $ns, manager = str(arg0, (uint32)arg1 + 1),
        pool = str(arg2, (uint32)arg3 + 1), full = (uint8)0, used_before = $gc.used, used_after = (int64)arg5,
        max_before = $gc.max, max_after = (int64)arg7));
    }
  }
}
`,
  "ugc/node-functions.bt": `
// Node.js without static probes: Heap::PerformGarbageCollection(collector, reason, text of the reason) of V8.
uprobe:"RUNTIME":FUNCTION
{
  if (traced()) {
    @open[tid] = (ns = nsecs(monotonic), collector = (uint32)arg1, reason = arg3);
  }
}

uretprobe:"RUNTIME":FUNCTION
{
  if (has_key(@open, tid)) {
    $gc = @open[tid];
    delete(@open, tid);
    $ns = nsecs(monotonic) - $gc.ns;
    if (is_long($ns)) {
      print((ns = $gc.ns, tid = tid, elapsed_ns = $ns, collector = $gc.collector, reason = str($gc.reason, 64)));
    }
  }
}
`,
  "ugc/node.bt": `
usdt:"RUNTIME":*:gc__start
{
  if (traced()) {
    @open[tid] = nsecs(monotonic);
  }
}

usdt:"RUNTIME":*:gc__done
{
  if (has_key(@open, tid)) {
    $began = @open[tid];
    delete(@open, tid);
    $ns = nsecs(monotonic) - $began;
    if (is_long($ns)) {
      print((ns = $began, tid = tid, elapsed_ns = $ns, kinds = (uint32)arg0));
    }
  }
}
`,
  "ugc/python.bt": `
usdt:"RUNTIME":*:gc__start
{
  if (traced()) {
    @open[tid] = (ns = nsecs(monotonic), generation = (int32)arg0);
  }
}

usdt:"RUNTIME":*:gc__done
{
  if (has_key(@open, tid)) {
    $gc = @open[tid];
    delete(@open, tid);
    $ns = nsecs(monotonic) - $gc.ns;
    if (is_long($ns)) {
      print((ns = $gc.ns, tid = tid, elapsed_ns = $ns, generation = $gc.generation, collected = (int64)arg0));
    }
  }
}
`,
  "ugc/ruby.bt": `
macro begins(@open) {
  if (traced()) {
    @open[tid] = nsecs(monotonic);
  }
}

macro ends(@open, stage) {
  if (has_key(@open, tid)) {
    $began = @open[tid];
    delete(@open, tid);
    $ns = nsecs(monotonic) - $began;
    if (is_long($ns)) {
      print((ns = $began, tid = tid, elapsed_ns = $ns, stage = stage));
    }
  }
}

usdt:"RUNTIME":*:gc__mark__begin { begins(@marking); }
usdt:"RUNTIME":*:gc__mark__end { ends(@marking, "mark"); }
usdt:"RUNTIME":*:gc__sweep__begin { begins(@sweeping); }
usdt:"RUNTIME":*:gc__sweep__end { ends(@sweeping, "sweep"); }
`,
  "ugc/ugc.bt": `import "filter.bt";

// Whether a collection took so long that it is shown.
macro is_long(ns) {
  ns >= (uint64)getopt("minimum", 0)
}
`,
  "uobjnew/c.bt": `import "filter.bt";

uprobe:"RUNTIME":malloc
{
  if (traced()) {
    @objects[(uint64)arg0] = stats((uint64)arg0);
  }
}
`,
  "uobjnew/java.bt": `import "filter.bt";

usdt:"RUNTIME":*:object__alloc
{
  if (traced()) {
    @objects[str(arg1, (uint32)arg2 + 1)] = stats((uint64)arg3);
  }
}
`,
  "uobjnew/ruby.bt": `import "filter.bt";

// How large an object is is not told; of the others it is what they have room for: bytes, or elements.
usdt:"RUNTIME":*:object__create
{
  if (traced()) {
    @objects[str(arg0)] = stats((uint64)0);
  }
}

usdt:"RUNTIME":*:string__create
{
  if (traced()) {
    @objects["string"] = stats((uint64)arg0);
  }
}

usdt:"RUNTIME":*:hash__create
{
  if (traced()) {
    @objects["hash"] = stats((uint64)arg0);
  }
}

usdt:"RUNTIME":*:array__create
{
  if (traced()) {
    @objects["array"] = stats((uint64)arg0);
  }
}
`,
  "uobjnew/tcl.bt": `import "filter.bt";

usdt:"RUNTIME":*:obj__create
{
  if (traced()) {
    @objects["<ALL>"] = stats((uint64)0);
  }
}
`,
  "ustat/event.bt": `
POINTS
{
  if (traced()) {
    @EVENT[pid] = count();
  }
}
`,
  "ustat/ustat.bt": `import "filter.bt";
`,
  "uthreads/java.bt": `
macro tell(what) {
  if (traced()) {
    print((ns = nsecs(monotonic), type = what, id = (int64)arg2, tid = (int64)arg3, name = str(arg0, (uint32)arg1 + 1),
      routine = usym(0)));
  }
}

usdt:"RUNTIME":*:thread__start { tell("start"); }
usdt:"RUNTIME":*:thread__stop { tell("stop"); }
`,
  "uthreads/pthreads.bt": `
// A thread is made by pthread_create() of another: its number is known when the kernel has made it.
uprobe:"LIBC":pthread_create
{
  if (traced()) {
    @routine[tid] = arg2;
  }
}

tracepoint:task:task_newtask
{
  if (has_key(@routine, tid)) {
    print((ns = nsecs(monotonic), type = "pthread", id = (int64)0, tid = (int64)args.pid, name = "",
      routine = usym(@routine[tid])));
    delete(@routine, tid);
  }
}

uretprobe:"LIBC":pthread_create
{
  if (has_key(@routine, tid)) {
    delete(@routine, tid);
  }
}
`,
  "uthreads/uthreads.bt": `import "filter.bt";
`,
  "vfscount/vfscount.bt": `import "filter.bt";

CALL:vfs_*
{
  if (traced()) {
    @counts[func] = count();
  }
}
`,
  "vfsstat/functions.bt": `import "filter.bt";

CALL:vfs_read { if (traced()) { @read = count(); } }
CALL:vfs_write { if (traced()) { @write = count(); } }
CALL:vfs_fsync_range { if (traced()) { @fsync = count(); } }
CALL:vfs_open { if (traced()) { @open = count(); } }
CALL:vfs_create { if (traced()) { @create = count(); } }
CALL:vfs_unlink { if (traced()) { @unlink = count(); } }
CALL:vfs_mkdir { if (traced()) { @mkdir = count(); } }
CALL:vfs_rmdir { if (traced()) { @rmdir = count(); } }
`,
  "vfsstat/syscalls.bt": `import "filter.bt";
import "open-files.bt";

// What a call that is under way removes or makes, as its arguments say: 1 a file is made, 2 a file or 3 a folder is removed.
let @doing = hash(16384);

macro makes_file(@doing, mode) {
  if (traced() && ((mode & 0170000) == 0 || (mode & 0170000) == 0100000)) {
    @doing[tid] = 1;
  }
}

// Each call where it comes to the function that is counted; what is waited for counts when it begins.
tracepoint:raw_syscalls:sys_enter
{
  $id = args.id;
  $file = (struct file *)0;
  if ($id == getopt("read", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io($file) && traced()) {
      @read = count();
    }
  } else if ($id == getopt("write", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io($file) && traced()) {
      @write = count();
    }
  } else if ($id == getopt("pread64", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io_at($file, for_pread(), args.args[3]) && traced()) {
      @read = count();
    }
  } else if ($id == getopt("pwrite64", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io_at($file, for_pwrite(), args.args[3]) && traced()) {
      @write = count();
    }
  } else if ($id == getopt("fsync", -1) || $id == getopt("fdatasync", -1)) {
    $file = open_file(args.args[0]);
    if (is_for_io($file) && traced()) {
      @fsync = count();
    }
  } else if ($id == getopt("mknod", -1)) {
    makes_file(@doing, args.args[1]);
  } else if ($id == getopt("mknodat", -1)) {
    makes_file(@doing, args.args[2]);
  } else if ($id == getopt("unlinkat", -1)) {
    if (traced()) {
      // AT_REMOVEDIR of include/uapi/linux/fcntl.h
      @doing[tid] = (args.args[2] & 0x200) != 0 ? 3 : 2;
    }
  }
}

// Those that are looked up first count if that went well: they came to the function then.
tracepoint:raw_syscalls:sys_exit
{
  $id = args.id;
  if ($id == getopt("open", -1) || $id == getopt("openat", -1) || $id == getopt("openat2", -1) || $id == getopt("creat", -1)) {
    if (args.ret >= 0 && traced()) {
      $file = open_file(args.ret);
      // A file without a name, of O_TMPFILE, is opened another way.
      if (($file.f_flags & 020000000) == 0) {
        @open = count();
      }
      if (was_created($file)) {
        @create = count();
      }
    }
  } else if ($id == getopt("unlink", -1)) {
    if (args.ret == 0 && traced()) {
      @unlink = count();
    }
  } else if ($id == getopt("mkdir", -1) || $id == getopt("mkdirat", -1)) {
    if (args.ret == 0 && traced()) {
      @mkdir = count();
    }
  } else if ($id == getopt("rmdir", -1)) {
    // A folder that is not empty, ENOTEMPTY, is found to be so by the function.
    if ((args.ret == 0 || args.ret == -39) && traced()) {
      @rmdir = count();
    }
  } else if ($id == getopt("unlinkat", -1) || $id == getopt("mknod", -1) || $id == getopt("mknodat", -1)) {
    if (has_key(@doing, tid)) {
      $doing = @doing[tid];
      delete(@doing, tid);
      if ($doing == 1 && args.ret == 0) {
        @create = count();
      } else if ($doing == 2 && args.ret == 0) {
        @unlink = count();
      } else if ($doing == 3 && (args.ret == 0 || args.ret == -39)) {
        @rmdir = count();
      }
    }
  }
}
`,
  "virtiostat/virtiostat.bt": `// Whether a queue (struct virtqueue *) is one of the driver and of the device that are asked for.
macro is_asked(queue) {
  (getopt("driver", "") == "" || str(queue.vdev.dev.driver.name) == getopt("driver", "")) &&
  (getopt("device", "") == "" || str(queue.vdev.dev.kobj.name) == getopt("device", ""))
}

// The bytes of a list of buffers. An entry may be the last, or lead to where the list goes on (SG_END and SG_CHAIN of
// include/linux/scatterlist.h).
macro bytes_of(first) {
  let $entry = first;
  let $bytes = (uint64)0;
  for $i : 0..128 {
    $bytes += (uint64)$entry.length;
    if (($entry.page_link & 2) != 0) {
      break;
    }
    $entry = $entry + 1;
    if (($entry.page_link & 1) != 0) {
      $entry = kptr((struct scatterlist *)($entry.page_link & ~(uint64)3));
    }
  }
  $bytes
}

macro named(@names, queue) {
  if (!has_key(@names, (uint64)queue)) {
    @names[(uint64)queue] = (str(queue.vdev.dev.driver.name), str(queue.vdev.dev.kobj.name), str(queue.name));
  }
}

// A list of buffers for the device to fill.
macro adds_in(@names, @in_lists, @in_bytes, queue, list) {
  let $queue = queue;
  if (is_asked($queue)) {
    named(@names, $queue);
    @in_lists[(uint64)$queue] = count();
    @in_bytes[(uint64)$queue] = sum(bytes_of(list));
  }
}

// One for it to read.
macro adds_out(@names, @out_lists, @out_bytes, queue, list) {
  let $queue = queue;
  if (is_asked($queue)) {
    named(@names, $queue);
    @out_lists[(uint64)$queue] = count();
    @out_bytes[(uint64)$queue] = sum(bytes_of(list));
  }
}

// Lists of both kinds, first those that the device reads. There are six at most.
macro adds_both(@names, @in_lists, @in_bytes, @out_lists, @out_bytes, queue, lists, out, in) {
  let $queue = queue;
  if (is_asked($queue)) {
    named(@names, $queue);
    let $lists = lists;
    let $out = (uint64)out;
    let $all = $out + (uint64)in;
    for $j : 0..6 {
      if ((uint64)$j < $out) {
        @out_lists[(uint64)$queue] = count();
        @out_bytes[(uint64)$queue] = sum(bytes_of(kptr($lists[$j])));
      } else if ((uint64)$j < $all) {
        @in_lists[(uint64)$queue] = count();
        @in_bytes[(uint64)$queue] = sum(bytes_of(kptr($lists[$j])));
      }
    }
  }
}
`,
  "wakeuptime/wakeuptime.bt": `import "filter.bt";
import "away.bt";

// The task that leaves is the current one. Who could go on is not woken.
rawtracepoint:sched_switch
{
  $prev = args.prev;
  if ($prev.__state != 0 && leaves($prev)) {
    @slept[$prev.pid] = nsecs;
  }
  if (has_key(@slept, args.next.pid)) {
    delete(@slept, args.next.pid);
  }
}

// In the context of the waker; sched_wakeup may come on another processor.
rawtracepoint:sched_waking
{
  $slept = @slept[args.p.pid];
  if ($slept != 0) {
    delete(@slept, args.p.pid);
    $us = us_since($slept);
    if (is_counted($us)) {
      @time[(waker = comm, kernel = kstack, target = args.p.comm)] = sum($us);
    }
  }
}
`,
  "wqlat/wqlat.bt": `import "filter.bt";

// Work that is queued, until it begins. The name has the length of the kernel's field.
let @queued = hash(65536);

rawtracepoint:workqueue_queue_work
{
  if ((getopt("wqname", "") == "" || args.pwq.wq.name == getopt("wqname", "")) && traced()) {
    if comptime (getopt("workqueues", false)) {
      @queued[(uint64)args.work] = (ns = nsecs, name = args.pwq.wq.name);
    } else {
      @queued[(uint64)args.work] = (ns = nsecs, name = "");
    }
  }
}

rawtracepoint:workqueue_execute_start
{
  $queued = @queued[(uint64)args.work];
  if ($queued.ns != 0) {
    delete(@queued, (uint64)args.work);
    @latency[$queued.name] = hist((uint64)(nsecs - $queued.ns) / (uint64)getopt("divisor", 1000));
  }
}
`,
};
