// forks N: N times, one after the other: forks, and the child exits with status 7.
#include "start.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) _exit(7);
    if (waitpid(child, NULL, 0) != child) fail("waitpid");
  }
  return finish();
}
