/** For tests of tools that time waits: a program that waits for known times in known functions. */

/**
 * `naps COUNT MS`: sleeps in naps(), called by outer(), called by main(). `pipe COUNT MS`: a task `reader` reads from a
 * pipe that a task `writer`, in hands_over(), writes to each so many milliseconds. Both print the microseconds that
 * they waited in all. Compile it with frame pointers.
 */
export const WAITS = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
static void nap(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}
__attribute__((noinline)) long naps(long count, long ms) {
  long slept = 0;
  while (count--) {
    long start = now_us();
    nap(ms);
    slept += now_us() - start;
  }
  return slept;
}
__attribute__((noinline)) long outer(long count, long ms) {
  long slept = naps(count, ms);
  __asm__ volatile("");
  return slept;
}
__attribute__((noinline)) void hands_over(int fd, long count, long ms) {
  while (count--) {
    nap(ms);
    if (write(fd, "x", 1) != 1) exit(1);
  }
  __asm__ volatile("");
}
__attribute__((noinline)) long takes(int fd, long count) {
  long waited = 0;
  char byte;
  while (count--) {
    long start = now_us();
    if (read(fd, &byte, 1) != 1) exit(1);
    waited += now_us() - start;
  }
  return waited;
}
int main(int argc, char **argv) {
  long count = atol(argv[2]), ms = atol(argv[3]);
  int ends[2];
  if (!strcmp(argv[1], "naps")) {
    printf("%ld\\n", outer(count, ms));
    return 0;
  }
  if (pipe(ends)) return 1;
  if (fork() == 0) {
    prctl(PR_SET_NAME, "reader");
    printf("%ld\\n", takes(ends[0], count));
    return 0;
  }
  prctl(PR_SET_NAME, "writer");
  hands_over(ends[1], count, ms);
  wait(NULL);
  return 0;
}
`;

/** Whether a number is at most a tenth of the other away from it. */
export function isAbout(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= expected / 10;
}
