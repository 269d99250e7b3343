// opens N PATH [PER_SECOND]: opens PATH for reading N times with openat(2), each time closing it.
#include "pace.h"
#include <fcntl.h>

static const char *path;

static void open_and_close(void) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 4) fail("usage: opens N PATH [PER_SECOND]");
  path = argv[2];
  stay_on_last_cpu();
  repeat(number(argv[1]), argc > 3 ? number(argv[3]) : 0, open_and_close);
  return 0;
}
