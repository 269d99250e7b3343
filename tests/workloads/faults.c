// faults N: maps N pages of fresh memory and writes to each once, so the page fault handler runs N times. Checks with
// the kernel's own count (getrusage(2), ru_minflt) that there were exactly N faults.
#include "start.h"
#include <sys/mman.h>
#include <sys/resource.h>

enum { page_size = 4096 };

static long minor_faults(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) fail("getrusage");
  return usage.ru_minflt;
}

// Maps count pages, never huge ones.
static volatile char *map_pages(long count) {
  char *pages = mmap(NULL, count * page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) fail("mmap");
  if (madvise(pages, count * page_size, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) fail("madvise");
  return pages;
}

static long touch(volatile char *pages, long count) {
  long before = minor_faults();
  for (long i = 0; i < count; i++) pages[i * page_size] = 1;
  return minor_faults() - before;
}

int main(int argc, char **argv) {
  touch(map_pages(1), 1); // so that the code and the stack of the counted round are there
  argv = begin(argc, argv, 1, 1, "N");
  long count = number(argv[1], 1);
  volatile char *pages = map_pages(count);
  if (touch(pages, count) != count) fail("number of page faults");
  return finish();
}
