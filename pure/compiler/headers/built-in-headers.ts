/** What a compiler brings itself: its headers, and the macros that are defined before the first line. */
import type { Arch } from "../target.ts";

/** Headers of the compiler, whose types the language has anyway, and of the C library, for machines that have none. */
const HEADERS: ReadonlySet<string> = new Set(
  `stddef.h stdarg.h stdbool.h stdalign.h stdnoreturn.h stdint.h float.h limits.h iso646.h
   syscall.h sys/syscall.h unistd.h errno.h signal.h fcntl.h string.h stdlib.h stdio.h inttypes.h sys/types.h sys/stat.h
   sys/socket.h sys/un.h netinet/in.h netinet/tcp.h netinet/udp.h netinet/ip.h arpa/inet.h netdb.h time.h sys/time.h
   sys/xattr.h sys/mman.h sys/ioctl.h sys/epoll.h sys/wait.h sys/resource.h sched.h pthread.h poll.h dirent.h`.split(
    /\s+/,
  ),
);

/** Whether this is a header that a compiler can do without. */
export function isBuiltInHeader(path: string): boolean {
  return HEADERS.has(path);
}

/** Folders whose headers declare what the kernel's BTF knows. */
const KERNEL_FOLDERS =
  /^(?:asm|asm-generic|block|crypto|drm|generated|kvm|linux|media|misc|mtd|net|rdma|scsi|sound|trace|uapi|vdso|video|xen)\//;

/** Whether this is a header of the kernel. */
export function isKernelHeader(path: string): boolean {
  return KERNEL_FOLDERS.test(path);
}

const ARCH_MACROS: Readonly<Record<Arch, string>> = {
  x86_64: "#define __x86_64__ 1\n#define __x86_64 1\n#define __amd64__ 1\n#define __SSE2__ 1\n",
  aarch64: "#define __aarch64__ 1\n#define __ARM_64BIT_STATE 1\n#define __ARM_ARCH 8\n#define __AARCH64EL__ 1\n",
};

/** LP64, little endian. */
const MACROS = `
#define __STDC__ 1
#define __STDC_HOSTED__ 1
#define __STDC_VERSION__ 201112L
#define __GNUC__ 4
#define __GNUC_MINOR__ 2
#define __GNUC_PATCHLEVEL__ 1
#define __linux__ 1
#define __linux 1
#define __unix__ 1
#define __ELF__ 1
#define __LP64__ 1
#define _LP64 1
#define __BPFTRACE__ 1
#define BPFTRACE_HAVE_BTF 1
#define BEETRACE 1
#define __CHAR_BIT__ 8
#define __BITS_PER_LONG 64
#define __ORDER_LITTLE_ENDIAN__ 1234
#define __ORDER_BIG_ENDIAN__ 4321
#define __BYTE_ORDER__ 1234
#define __SIZE_TYPE__ unsigned long
#define __PTRDIFF_TYPE__ long
#define __WCHAR_TYPE__ int
#define __WINT_TYPE__ unsigned int
#define __INTMAX_TYPE__ long
#define __UINTMAX_TYPE__ unsigned long
#define __INTPTR_TYPE__ long
#define __UINTPTR_TYPE__ unsigned long
#define __SIZEOF_SHORT__ 2
#define __SIZEOF_INT__ 4
#define __SIZEOF_LONG__ 8
#define __SIZEOF_LONG_LONG__ 8
#define __SIZEOF_POINTER__ 8
#define __SIZEOF_SIZE_T__ 8
#define __SCHAR_MAX__ 127
#define __SHRT_MAX__ 32767
#define __INT_MAX__ 2147483647
#define __LONG_MAX__ 9223372036854775807L
#define __LONG_LONG_MAX__ 9223372036854775807LL
#define CHAR_BIT 8
#define SCHAR_MIN (-128)
#define SCHAR_MAX 127
#define UCHAR_MAX 255
#define CHAR_MIN (-128)
#define CHAR_MAX 127
#define SHRT_MIN (-32768)
#define SHRT_MAX 32767
#define USHRT_MAX 65535
#define INT_MIN (-2147483647 - 1)
#define INT_MAX 2147483647
#define UINT_MAX 4294967295U
#define LONG_MIN (-9223372036854775807L - 1L)
#define LONG_MAX 9223372036854775807L
#define ULONG_MAX 18446744073709551615UL
#define LLONG_MIN (-9223372036854775807LL - 1LL)
#define LLONG_MAX 9223372036854775807LL
#define ULLONG_MAX 18446744073709551615ULL
#define NULL ((void *)0)
#define __extension__
#define __inline inline
#define __inline__ inline
#define __const const
#define __volatile__ volatile
#define __volatile volatile
#define __restrict__ restrict
#define __signed__ signed
#define __signed signed
#define __attribute __attribute__
#define __asm__ asm
#define __asm asm
#define _Pragma(x)
#define __FILE__ ""
#define __LINE__ 0
`;

/** The macros of a compiler of C11 with GNU's extensions. */
export function predefinedMacros(arch: Arch): string {
  return ARCH_MACROS[arch] + MACROS;
}
