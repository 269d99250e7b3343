// measure COMMAND [ARGUMENT…]: runs the command, which must succeed, with its output thrown away, and prints, as a line of
// JSON, what it took: wall time, processor time and the most memory it had resident (wait4(2)). Small, as the memory
// of a process counts from the fork.
#include "pace.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

int main(int argc, char **argv) {
  if (argc < 2) fail("usage: measure COMMAND [ARGUMENT...]");
  int64_t start = clock_ns(CLOCK_MONOTONIC);
  pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    int null = open("/dev/null", O_RDWR);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    execvp(argv[1], argv + 1);
    fail(argv[1]);
  }
  int status;
  struct rusage used;
  if (wait4(child, &status, 0, &used) != child) fail("wait4");
  errno = 0;
  if (status != 0) fail("the command's exit status");
  printf("{\"wallMs\":%.3f,\"cpuMs\":%.3f,\"maxRssKiB\":%ld}\n",
         (clock_ns(CLOCK_MONOTONIC) - start) / 1e6, (microseconds(used.ru_utime) + microseconds(used.ru_stime)) / 1e3,
         used.ru_maxrss);
  return 0;
}
