// syscalls N: calls getppid(2), the cheapest of system calls, N times.
#include "start.h"
#include <sys/syscall.h>

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) syscall(SYS_getppid);
  return finish();
}
