// calls N [PER_SECOND]: calls getppid(2), the cheapest of system calls, N times, from six functions deep.
#include "pace.h"
#include <sys/syscall.h>

#define FRAME __attribute__((noinline, noipa))
#define PASS __asm__ volatile("" ::: "memory")  // no tail call: each function keeps its frame

FRAME static void frame1(void) { syscall(SYS_getppid); PASS; }
FRAME static void frame2(void) { frame1(); PASS; }
FRAME static void frame3(void) { frame2(); PASS; }
FRAME static void frame4(void) { frame3(); PASS; }
FRAME static void frame5(void) { frame4(); PASS; }

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) fail("usage: calls N [PER_SECOND]");
  stay_on_last_cpu();
  repeat(number(argv[1]), argc > 2 ? number(argv[2]) : 0, frame5);
  return 0;
}
