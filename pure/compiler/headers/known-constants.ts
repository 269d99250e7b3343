/**
 * Constants of the kernel's interface that its BTF cannot know, being macros, and that scripts use: for machines that
 * have no headers. Source: include/uapi/asm-generic/{errno-base,errno,fcntl,signal}.h, include/uapi/linux/{stat,in}.h,
 * include/linux/{socket,net}.h of Linux 6.18.
 */
import { syscallNumber } from "../syscalls.ts";
import type { Arch } from "../target.ts";

/** Names that count up from a number; `-` leaves one out, `=n` goes on from there. */
const COUNTED: readonly (readonly [from: number, names: string])[] = [
  [
    0,
    `AF_UNSPEC AF_UNIX AF_INET AF_AX25 AF_IPX AF_APPLETALK AF_NETROM AF_BRIDGE AF_ATMPVC AF_X25 AF_INET6 AF_ROSE AF_DECnet
     AF_NETBEUI AF_SECURITY AF_KEY AF_NETLINK AF_PACKET AF_ASH AF_ECONET AF_ATMSVC AF_RDS AF_SNA AF_IRDA AF_PPPOX AF_WANPIPE
     AF_LLC AF_IB AF_MPLS AF_CAN AF_TIPC AF_BLUETOOTH AF_IUCV AF_RXRPC AF_ISDN AF_PHONET AF_IEEE802154 AF_CAIF AF_ALG AF_NFC
     AF_VSOCK AF_KCM AF_QIPCRTR AF_SMC AF_XDP AF_MCTP`,
  ],
  [1, "AF_LOCAL"],
  [1, "SOCK_STREAM SOCK_DGRAM SOCK_RAW SOCK_RDM SOCK_SEQPACKET SOCK_DCCP =10 SOCK_PACKET"],
  [
    0,
    `IPPROTO_IP IPPROTO_ICMP IPPROTO_IGMP =4 IPPROTO_IPIP =6 IPPROTO_TCP =8 IPPROTO_EGP =12 IPPROTO_PUP =17 IPPROTO_UDP
     =22 IPPROTO_IDP =29 IPPROTO_TP =33 IPPROTO_DCCP =41 IPPROTO_IPV6 =46 IPPROTO_RSVP IPPROTO_GRE =50 IPPROTO_ESP IPPROTO_AH
     =58 IPPROTO_ICMPV6 =92 IPPROTO_MTP =94 IPPROTO_BEETPH =98 IPPROTO_ENCAP =103 IPPROTO_PIM =108 IPPROTO_COMP =115
     IPPROTO_L2TP =132 IPPROTO_SCTP =136 IPPROTO_UDPLITE IPPROTO_MPLS =255 IPPROTO_RAW =262 IPPROTO_MPTCP`,
  ],
  [
    1,
    `SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM
     SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR
     SIGSYS SIGRTMIN`,
  ],
  [
    1,
    `EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV
     ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK
     ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE
     EBADR EXFULL ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM
     EPROTO EMULTIHOP EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ
     ERESTART ESTRPIPE EUSERS ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT
     EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET
     ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS
     ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED
     EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE ERFKILL EHWPOISON`,
  ],
  [11, "EWOULDBLOCK"],
  [95, "ENOTSUP"],
];

/** Octal, as the kernel writes them. */
const FLAGS = `S_IFMT 170000 S_IFSOCK 140000 S_IFLNK 120000 S_IFREG 100000 S_IFBLK 60000 S_IFDIR 40000 S_IFCHR 20000 S_IFIFO 10000
  S_ISUID 4000 S_ISGID 2000 S_ISVTX 1000 S_IRWXU 700 S_IRUSR 400 S_IWUSR 200 S_IXUSR 100 S_IRWXG 70 S_IRGRP 40 S_IWGRP 20
  S_IXGRP 10 S_IRWXO 7 S_IROTH 4 S_IWOTH 2 S_IXOTH 1
  O_ACCMODE 3 O_RDONLY 0 O_WRONLY 1 O_RDWR 2 O_CREAT 100 O_EXCL 200 O_NOCTTY 400 O_TRUNC 1000 O_APPEND 2000 O_NONBLOCK 4000
  O_DSYNC 10000 O_NOATIME 1000000 O_CLOEXEC 2000000 O_SYNC 4010000 O_PATH 10000000 SOCK_NONBLOCK 4000 SOCK_CLOEXEC 2000000`;

const ARCH_FLAGS: Readonly<Record<Arch, string>> = {
  x86_64: "O_DIRECT 40000 O_LARGEFILE 100000 O_DIRECTORY 200000 O_NOFOLLOW 400000 O_TMPFILE 20200000",
  aarch64: "O_DIRECTORY 40000 O_NOFOLLOW 100000 O_DIRECT 200000 O_LARGEFILE 400000 O_TMPFILE 20040000",
};

/** System calls whose number goes by another name than the function that implements them. */
const SYSCALL_FUNCTIONS: Readonly<Record<string, string>> = {
  stat: "newstat",
  fstat: "newfstat",
  lstat: "newlstat",
  uname: "newuname",
  sendfile: "sendfile64",
  umount2: "umount",
  _sysctl: "sysctl",
};

let counted: ReadonlyMap<string, bigint> | undefined;

/** A constant by its name, with `PF_`, `__NR_` and `SYS_` names too. */
export function knownConstant(name: string, arch: Arch): bigint | undefined {
  const call = /^(?:__NR_|SYS_)(\w+)$/.exec(name)?.[1];
  if (call !== undefined) {
    const number = syscallNumber(arch, SYSCALL_FUNCTIONS[call] ?? call) ?? syscallNumber(arch, call);
    return number === undefined ? undefined : BigInt(number);
  }
  counted ??= countedConstants();
  const flags = name.startsWith("O_") ? flagValue(ARCH_FLAGS[arch], name) : undefined;
  return flags ?? flagValue(FLAGS, name) ?? counted.get(name.replace(/^PF_/, "AF_"));
}

function flagValue(table: string, name: string): bigint | undefined {
  const octal = new RegExp(`\\b${name} (\\d+)`).exec(table)?.[1];
  return octal === undefined ? undefined : BigInt(`0o${octal}`);
}

function countedConstants(): Map<string, bigint> {
  const constants = new Map<string, bigint>();
  for (const [from, names] of COUNTED) {
    let next = from;
    for (const name of names.split(/\s+/)) {
      if (name.startsWith("=")) next = Number(name.slice(1));
      else constants.set(name, BigInt(next++));
    }
  }
  return constants;
}
