// sleeper N MS: sleeps MS milliseconds N times with clock_nanosleep(2), each time in main > doze > snooze.
#include "start.h"
#include <time.h>

__attribute__((noipa)) static void snooze(const struct timespec *time) {
  if (clock_nanosleep(CLOCK_MONOTONIC, 0, time, NULL) != 0) fail("clock_nanosleep");
  __asm__ volatile("" ::: "memory"); // keeps the call above from becoming a jump, and this frame from going
}

__attribute__((noipa)) static void doze(const struct timespec *time) {
  snooze(time);
  __asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 2, 2, "N MS");
  long count = number(argv[1], 0);
  long ms = number(argv[2], 0);
  struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  for (long i = 0; i < count; i++) doze(&time);
  return finish();
}
