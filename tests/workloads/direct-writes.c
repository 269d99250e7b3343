// direct-writes N PATH: writes the first 4096 bytes of the (existing, at least that long) file or block device PATH N times, past the page
// cache (O_DIRECT), so that each is a write request of 8 sectors to its disk.
#include "start.h"
#include <fcntl.h>

static char block[4096] __attribute__((aligned(4096)));

int main(int argc, char **argv) {
  argv = begin(argc, argv, 2, 2, "N PATH");
  long count = number(argv[1], 0);
  int fd = open(argv[2], O_WRONLY | O_DIRECT | O_CLOEXEC);
  if (fd < 0) fail(argv[2]);
  for (long i = 0; i < count; i++) {
    if (pwrite(fd, block, sizeof block, 0) != sizeof block) fail("pwrite");
  }
  return finish();
}
