// switches N: two processes on one processor pass a byte to and fro N times, each time giving up the processor.
#include "pace.h"
#include <sys/wait.h>

static int there[2], back[2];

static void transfer(ssize_t (*io)(int, char *), int fd) {
  static char byte;
  if (io(fd, &byte) != 1) fail("pipe");
}

static ssize_t take(int fd, char *byte) { return read(fd, byte, 1); }
static ssize_t give(int fd, char *byte) { return write(fd, byte, 1); }

static void round_trip(void) {
  transfer(give, there[1]);
  transfer(take, back[0]);
}

int main(int argc, char **argv) {
  if (argc != 2) fail("usage: switches N");
  long count = number(argv[1]);
  stay_on_last_cpu();
  if (pipe(there) != 0 || pipe(back) != 0) fail("pipe");
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    for (long i = 0; i < count; i++) {
      transfer(take, there[0]);
      transfer(give, back[1]);
    }
    _exit(0);
  }
  repeat(count, 0, round_trip);
  if (waitpid(child, NULL, 0) != child) fail("waitpid");
  return 0;
}
