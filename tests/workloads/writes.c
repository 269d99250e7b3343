// writes N [BYTES [PATH]]: writes BYTES (default 1) to PATH (default /dev/null) N times with write(2).
#include "start.h"
#include <fcntl.h>

static char buffer[1 << 20];

int main(int argc, char **argv) {
  argv = begin(argc, argv, 1, 3, "N [BYTES [PATH]]");
  long count = number(argv[1], 0);
  long bytes = argc > 2 && argv[2] != NULL ? number(argv[2], 0) : 1;
  const char *path = argv[2] != NULL && argv[3] != NULL ? argv[3] : "/dev/null";
  if (bytes > (long)sizeof buffer) fail("BYTES is above 1 MiB");
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  for (long i = 0; i < count; i++) {
    if (write(fd, buffer, bytes) != bytes) fail("write");
  }
  return finish();
}
