// switches N: gives up the processor N times of its own will, each time for a millisecond. Checks with the kernel's own
// count (getrusage(2), ru_nvcsw) that it did so exactly N times.
#include "start.h"
#include <sys/resource.h>
#include <time.h>

static long voluntary_switches(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) fail("getrusage");
  return usage.ru_nvcsw;
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 0);
  struct timespec millisecond = {.tv_nsec = 1000000};
  long before = voluntary_switches();
  for (long i = 0; i < count; i++) clock_nanosleep(CLOCK_MONOTONIC, 0, &millisecond, NULL);
  if (voluntary_switches() - before != count) fail("number of voluntary switches");
  return finish();
}
