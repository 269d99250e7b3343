// myapp N SIZE M: calls malloc(SIZE) N times, then frees M of those blocks, so N - M blocks leak. The M blocks that are
// freed are allocated in main > allocate_kept > allocate, the others in main > allocate_leaked > allocate. Nothing else
// allocates or frees.
#include "start.h"

enum { most_blocks = 1 << 20 };

static void *volatile blocks[most_blocks];

__attribute__((noipa)) static void *allocate(size_t size) {
  void *block = malloc(size);
  if (block == NULL) fail("malloc");
  return block;
}

__attribute__((noipa)) static void allocate_kept(long from, long to, size_t size) {
  for (long i = from; i < to; i++) blocks[i] = allocate(size);
}

__attribute__((noipa)) static void allocate_leaked(long from, long to, size_t size) {
  for (long i = from; i < to; i++) blocks[i] = allocate(size);
}

__attribute__((noipa)) static void release(long from, long to) {
  for (long i = from; i < to; i++) free(blocks[i]);
}

int main(int argc, char **argv) {
  argv = begin(argc, argv, 3, 3, "N SIZE M");
  long count = number(argv[1], 0);
  size_t size = number(argv[2], 1);
  long freed = number(argv[3], 0);
  if (count > most_blocks || freed > count) fail("N is above 1048576 or below M");
  allocate_kept(0, freed, size);
  allocate_leaked(freed, count, size);
  release(0, freed);
  return finish();
}
