// swaps N: N pages are put out of memory, to swap, and read again. Needs swap; vm.page-cluster is to be 0, so that a page is
// read for itself alone.
#include "start.h"
#include <sys/mman.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 1);
  long page = sysconf(_SC_PAGESIZE);
  char *memory = mmap(NULL, count * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned char *present = malloc(count);
  if (memory == MAP_FAILED || present == NULL) fail("memory");
  madvise(memory, count * page, MADV_NOHUGEPAGE);
  for (long i = 0; i < count; i++) memory[i * page] = 1 + i % 100;
  if (madvise(memory, count * page, MADV_PAGEOUT) != 0) fail("MADV_PAGEOUT");
  for (int tries = 0;; tries++) {
    if (mincore(memory, count * page, present) != 0) fail("mincore");
    if (memchr(present, 1, count) == NULL) break;
    if (tries == 100) fail("pages stay in memory");
    usleep(20000);
  }
  for (long i = 0; i < count; i++) {
    if (memory[i * page] != 1 + i % 100) fail("a page");
  }
  return finish();
}
