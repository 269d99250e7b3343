// signals N: sends itself SIGUSR1 N times with kill(2). Checks that its handler ran N times.
#include "start.h"
#include <signal.h>

static volatile sig_atomic_t handled;

static void handle(int signal) {
  (void)signal;
  handled++;
}

int main(int argc, char **argv) {
  if (signal(SIGUSR1, handle) == SIG_ERR) fail("signal");
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  pid_t self = getpid();
  for (long i = 0; i < count; i++) {
    if (kill(self, SIGUSR1) != 0) fail("kill");
  }
  if (handled != count) fail("number of handled signals");
  return finish();
}
