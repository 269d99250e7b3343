// execs N [PATH]: N times, one after the other: forks, and the child executes PATH (default /bin/true).
#include "start.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 2, "N [PATH]");
  long count = number(argv[1], 0);
  char *program[] = {argv[2] == NULL ? "/bin/true" : argv[2], NULL};
  for (long i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
      execv(program[0], program);
      _exit(127);
    }
    if (waitpid(child, NULL, 0) != child) fail("waitpid");
  }
  return finish();
}
