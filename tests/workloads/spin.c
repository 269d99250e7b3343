// spin MS: keeps one processor busy for MS milliseconds of its own processor time, in main > outer > inner.
#include "start.h"
#include <time.h>

static volatile unsigned long work;

static long spent_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

__attribute__((noipa)) static void inner(void) {
  for (int i = 0; i < 1000000; i++) work++;
}

__attribute__((noipa)) static void outer(long ms) {
  while (spent_ms() < ms) inner();
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "MS");
  outer(spent_ms() + number(argv[1], 0));
  return finish();
}
