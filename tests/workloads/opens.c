// opens N PATH: opens PATH for reading N times with openat(2), each time closing it if that succeeded.
#include "start.h"
#include <fcntl.h>

int main(int argc, char **argv) {
  argv = begin(argc, argv, 2, 2, "N PATH");
  long count = number(argv[1], 0);
  for (long i = 0; i < count; i++) {
    int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
    if (fd >= 0) close(fd);
  }
  return finish();
}
